"""Commands that a message tells the reader to run, run as the reader would."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from support.emulator import Emulator


def commands_in(message: str) -> list[str]:
    """The AWS CLI commands between backticks, in their order."""
    return re.findall(r"`(aws [^`]+)`", message)


def run_command(command: str, emulator: Emulator) -> None:
    """One command of the AWS CLI, against the emulator."""
    program, *arguments = shlex.split(command)
    environment = {**os.environ, **emulator.environment(), "AWS_PAGER": ""}
    done = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "FailedResourcesMap" not in done.stdout.replace('"FailedResourcesMap": {}', ""), (
        f"{command}: {done.stdout}{done.stderr}"
    )
