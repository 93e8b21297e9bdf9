"""Settings of every test. What test files import by name stands in the folders of `pythonpath` in pyproject.toml."""

from __future__ import annotations

import pytest
from support.requires import skip_without_programs


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture: an emulator that no test of a file needs is not started."""
    skip_without_programs(item)
