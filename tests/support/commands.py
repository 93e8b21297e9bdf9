"""Commands that a message tells the reader to run, run as the reader would."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from unittest import mock

from support.emulator import Emulator


def commands_in(message: str) -> list[str]:
    """The AWS CLI commands between backticks, in their order."""
    return re.findall(r"`(aws [^`]+)`", message)


def run_command(command: str, emulator: Emulator) -> None:
    """One command of the AWS CLI, against the emulator; in this process, since starting the CLI takes two seconds."""
    from awscli.clidriver import create_clidriver

    program, *arguments = shlex.split(command)
    assert program == "aws", command
    shown = io.StringIO()
    with (
        mock.patch.dict(os.environ, {**emulator.environment(), "AWS_PAGER": ""}),
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(shown),
    ):
        returncode = create_clidriver().main(arguments)
    output = shown.getvalue()
    assert returncode == 0 and "FailedResourcesMap" not in output.replace('"FailedResourcesMap": {}', ""), (
        f"{command}: {output}"
    )
