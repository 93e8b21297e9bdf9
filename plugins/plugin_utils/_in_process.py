# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs a module inside Ansible's own worker process, where that comes to the same, and shows the progress of long
waits.

A module task packs, copies and unpacks some hundred Python files, compiles them, and imports boto3: about a second of
CPU before the first API call. A worker is a fork of Ansible that runs one task and ends; here it runs the module's
main() itself, from compiled files, with boto3 imported once by the parent. Arguments, check mode, no_log and the result
take the same way as always.

Where the worker is not what the module's process would be (another interpreter, become, async, a remote connection),
and where this ansible-core does not work as core_probe.py knows it, the module runs in a process of its own as usual.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._core_probe import (
    WorkerRun,
    worker_run,
)

MODULES = "ansible_collections.connectly.shared_infrastructure.plugins.modules"
IMPORTED_BEFORE_THE_FORK = (
    "boto3",
    "ansible_collections.amazon.aws.plugins.module_utils.modules",
    "ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.set_module",
)
"""Ansible's main process imports this file for the first task whose module has an action plugin of its own name (the
guard's, kms_key's), so that no later task pays for these.
"""

for name in IMPORTED_BEFORE_THE_FORK:
    with contextlib.suppress(ImportError):  # the module itself reports a missing library
        importlib.import_module(name)
# What is loaded by now stays. A collection in a worker would look at all of it, and so copy its pages.
gc.freeze()

display = Display()
FIRST_PROGRESS_SECONDS = 5.0
PROGRESS_SECONDS = 15.0


class InProcessAction(ActionBase):
    """The action of every module of this collection that talks to AWS."""

    shows_progress = False  # True where the module has the option progress_file
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        wrap_async = bool(self._task.async_val)
        here = None if wrap_async else worker_run(self, task_vars or {})
        with self._progress(wrap_async):
            if here:
                return {**result, **self._run_here(here)}
            result.update(self._execute_module(task_vars=task_vars, wrap_async=wrap_async))
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return result

    def _run_here(self, here: WorkerRun) -> dict[str, Any]:
        gc.disable()  # a worker lives for one task, and so does its garbage
        name = self._task.action.rpartition(".")[2]
        return here.run(name, lambda: importlib.import_module(f"{MODULES}.{name}").main(), self._task.args)

    @contextlib.contextmanager
    def _progress(self, wrap_async: bool) -> Iterator[None]:
        """Show what the module writes to its progress file while it waits.

        The file is ours unless the task names one.
        """
        if wrap_async or not self.shows_progress or self._task.args.get("progress_file"):
            yield
            return
        descriptor, path = tempfile.mkstemp(prefix="progress-")
        os.close(descriptor)
        self._task.args["progress_file"] = path
        finished = threading.Event()
        watcher = threading.Thread(target=_show, args=(path, finished), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            finished.set()
            watcher.join()
            with contextlib.suppress(OSError):  # AWS has been written to: no matter for a failure
                os.unlink(path)


def _show(path: str, finished: threading.Event) -> None:
    """Display what is being waited for, now and then, for as long as the module runs."""
    started = shown = time.monotonic()
    while not finished.wait(1.0):
        now = time.monotonic()
        if now - started >= FIRST_PROGRESS_SECONDS and (shown == started or now - shown >= PROGRESS_SECONDS):
            with open(path, encoding="utf-8") as stream:
                waiting = [line.strip().partition(" ")[2] for line in stream if " waiting for " in line]
            if waiting:
                display.display(f"  {now - started:.0f} s: {waiting[-1]}")
                shown = now
