"""The site on the oldest and the newest supported ansible-core that this machine has an interpreter for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from matrix import choose
from support.playbook import ROOT


@pytest.mark.parametrize("end", ["oldest", "newest"])
def test_apply_converge_and_check(end):
    if not choose([end])[0]:
        pytest.skip("no Python that tests/matrix.yml names was found on the PATH or among pyenv's versions")
    run = subprocess.run(
        [sys.executable, "scripts/matrix.py", "--site-only", end],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.endswith("1 passed, 0 failed, 0 skipped\n")
