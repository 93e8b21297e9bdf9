"""Runs ansible-playbook as a user does: a process in the repository root, with the environment of the tests' Python.

result = run_playbook("site.yml", "dev", "--check", "--diff", env=emulator.environment()).assert_ok()

run = PlaybookRun("site.yml", "dev", env=emulator.environment(proxy.endpoint_url))
proxy.on_write(5, run.kill)                      # dies when the 5th write has been executed
result = run.start().wait()                      # result.rc == -9
"""

from __future__ import annotations

import configparser
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from support.processes import MARK, kill_marked, new_mark
from support.results import RunResult, read_lines

ROOT = Path(__file__).resolve().parents[2]
CALLBACKS = Path(__file__).with_name("callback_plugins")
TIMEOUT_SECONDS = 600


def program(name: str) -> str:
    """The command of the virtual environment that the tests run in."""
    return str(Path(sys.executable).with_name(name))


def run_environment(env: Mapping[str, str | None] | None = None, cwd: Path = ROOT) -> dict[str, str]:
    """The tests' own environment without its AWS and Ansible settings, plus `env`; None as a value removes a
    variable.
    """
    base = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_", "PYTEST_"))}
    base["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), base.get("PATH", os.defpath)])
    base.update(
        ANSIBLE_NOCOLOR="1", PYTHONUNBUFFERED="1", LC_ALL="C.UTF-8", ANSIBLE_CALLBACK_PLUGINS=_callback_path(cwd)
    )
    for name, value in (env or {}).items():
        base.pop(name, None)
        if value is not None:
            base[name] = value
    return base


def _callback_path(cwd: Path) -> str:
    """Our callback folder before those that the project's ansible.cfg names (the variable replaces that setting)."""
    config = configparser.ConfigParser(interpolation=None, strict=False)
    config.read(cwd / "ansible.cfg", encoding="utf-8")
    own = config.get("defaults", "callback_plugins", fallback="")
    return os.pathsep.join([str(CALLBACKS), *(str(cwd / folder) for folder in own.split(os.pathsep) if folder)])


class PlaybookRun:
    """One run of ansible-playbook, which can be killed as a whole from any thread.

    `inventory`: a path, several, or None.
    """

    def __init__(
        self,
        playbook: str | Path,
        inventory: str | Path | list | None,
        *args: str,
        extra_vars: Mapping | None = None,
        env: Mapping[str, str | None] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        inventories = inventory if isinstance(inventory, list) else [] if inventory is None else [inventory]
        self.command = (
            program("ansible-playbook"),
            str(playbook),
            *(part for item in inventories for part in ("-i", str(item))),
            *args,
            *(("--extra-vars", json.dumps(extra_vars)) if extra_vars else ()),
        )
        self.cwd = cwd
        self.killed = 0  # processes that kill() ended
        self.mark = new_mark()
        self._folder = tempfile.TemporaryDirectory(prefix="playbook-run-")
        self._files = {name: Path(self._folder.name) / name for name in ("stdout", "stderr", "results")}
        self._env = {**run_environment(env, cwd), MARK: self.mark, "TEST_TASK_RESULTS": str(self._files["results"])}
        self._process: subprocess.Popen | None = None
        self._begin = 0.0

    def start(self) -> PlaybookRun:
        """Starts it in a session of its own; output goes to files, so that it never blocks on a full pipe."""
        self._begin = time.monotonic()
        with self._files["stdout"].open("wb") as stdout, self._files["stderr"].open("wb") as stderr:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        return self

    def stdout_so_far(self) -> str:
        """What a run that is still going has written."""
        return self._files["stdout"].read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """SIGKILL for ansible-playbook, its workers and the modules that they run."""
        self.killed += kill_marked(self.mark)

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT for the process group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def wait(self, timeout: float = TIMEOUT_SECONDS) -> RunResult:
        """The result; after `timeout` seconds the run is killed and a TimeoutError shows its output so far."""
        try:
            rc = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"no end after {timeout} s\n{self._result(self._process.wait()).explain()}") from None
        return self._result(rc)

    def _result(self, rc: int) -> RunResult:
        recap, tasks = read_lines(self._files["results"])
        stdout, stderr = (
            self._files[name].read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr")
        )
        return RunResult(self.command, rc, stdout, stderr, recap, tasks, time.monotonic() - self._begin)


def run_playbook(
    playbook: str | Path, inventory: str | Path | list | None, *args: str, timeout: float = TIMEOUT_SECONDS, **options
) -> RunResult:
    """Runs to the end; `options`: extra_vars, env and cwd as PlaybookRun takes them."""
    return PlaybookRun(playbook, inventory, *args, **options).start().wait(timeout)
