"""Marks that skip a test, with the reason, where a program that it needs is missing."""

from __future__ import annotations

import os
import shutil

import pytest

from support.emulator import ATTACH_VARIABLE


def requires_program(name: str, why: str) -> pytest.MarkDecorator:
    """Skips unless the program is on the PATH."""
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not on the PATH: {why}")


requires_terraform = requires_program("terraform", "the tests of Terraform consumers need the real binary (1.11 or newer)")
# For what only a process of our own shows: account 123456789012, a reset that touches nobody.
requires_own_moto = pytest.mark.skipif(bool(os.environ.get(ATTACH_VARIABLE)), reason=f"{ATTACH_VARIABLE} is set: this test needs a moto of its own")
