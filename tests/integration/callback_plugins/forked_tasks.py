# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the name of each task that gets a process of its own to the file that FORKED_TASKS names."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.executor.process.worker import WorkerProcess
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: forked_tasks
type: notification
short_description: the tasks that get a process, for tests
description: One line for each process that Ansible forks.
options: {}
"""

START = WorkerProcess.start


def start(worker):
    path = os.environ.get("FORKED_TASKS")
    if path:
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(f"{worker._task.get_name()}\n")
    return START(worker)


WorkerProcess.start = start


class CallbackModule(CallbackBase):
    """Loaded by its place on the callback path alone."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "forked_tasks"
    CALLBACK_NEEDS_ENABLED = False
