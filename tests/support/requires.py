"""Marks that skip a test, with the reason, where a program that it needs is missing (`pytest -m requires_program`
runs these alone).
"""

from __future__ import annotations

import shutil

import pytest


def requires_program(name: str, why: str) -> pytest.MarkDecorator:
    """Skips unless the program is on the PATH."""
    return pytest.mark.requires_program(name, why)


def skip_without_programs(item: pytest.Item) -> None:
    for mark in item.iter_markers("requires_program"):
        name, why = mark.args
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not on the PATH: {why}")


requires_terraform = requires_program(
    "terraform", "the tests of Terraform consumers need the real binary (1.11 or newer)"
)
