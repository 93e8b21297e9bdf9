"""Settings of every test:

`tests/` goes on the import path, so that test files write `from support.proxy import RecordingProxy`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

TESTS = str(Path(__file__).resolve().parent)
if TESTS not in sys.path:
    # First, so that no installed package of the same name wins. tests/unit/support must stay without an __init__.py for
    # the same reason.
    sys.path.insert(0, TESTS)

from support.requires import skip_without_programs  # noqa: E402


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture: an emulator that no test of a file needs is not started."""
    skip_without_programs(item)
