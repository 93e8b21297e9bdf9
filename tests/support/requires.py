"""Marks that skip a test, with the reason, where a program that it needs is missing."""

from __future__ import annotations

import shutil

import pytest


def requires_program(name: str, why: str) -> pytest.MarkDecorator:
    """Skips unless the program is on the PATH."""
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not on the PATH: {why}")


requires_terraform = requires_program("terraform", "the tests of Terraform consumers need the real binary (1.11 or newer)")
