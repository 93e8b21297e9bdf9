"""Of cases that share one mechanism `make test` runs a spread; `make test-all ARGS=cases` runs the others, which bear
the mark `every_case`. By hand pytest runs all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

every_case = pytest.mark.every_case


def spread(cases: Iterable[Any], chosen: Collection[Any]) -> list[Any]:
    """The cases for parametrize, in their order; `chosen` run in `make test` too. A choice that is no case is an
    error.
    """
    cases = list(cases)
    unknown = [choice for choice in chosen if choice not in cases]
    assert not unknown, f"not among the cases: {unknown}"
    return [case if case in chosen else pytest.param(case, marks=every_case) for case in cases]
