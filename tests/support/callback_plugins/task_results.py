# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes every task result as a line of JSON to the file that TEST_TASK_RESULTS names; does nothing without it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_results
type: notification
short_description: task results as JSON lines, for tests
description:
  - One line per task and host, C(event=task), as it finishes, and one at the end, C(event=stats), with the recap of
    each host.
  - Results of tasks with C(no_log) come censored, as every callback gets them.
options: {}
"""


class CallbackModule(CallbackBase):
    """Loaded by its place on the callback path alone, so that a project's own callbacks_enabled stays in force."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "task_results"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._path = os.environ.get("TEST_TASK_RESULTS")
        self._play = ""
        if not self._path:
            self.disabled = True

    def _write(self, **line):
        # Opened for each line: a killed run leaves whole lines.
        with Path(self._path).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, default=str) + "\n")

    def _task(self, result, status, ignored=False):
        task = result._task  # the names with an underscore are those that every supported ansible-core has
        self._write(
            event="task",
            play=self._play,
            host=result._host.get_name(),
            task=task.get_name(),
            action=task.action,  # resolved_action is the action plugin, which modules share
            role=task._role.get_name() if task._role else None,
            status=status,
            ignored=bool(ignored),
            changed=bool(result._result.get("changed", False)),
            result=result._result,
        )

    def v2_playbook_on_play_start(self, play):
        self._play = play.get_name()

    def v2_runner_on_ok(self, result):
        self._task(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._task(result, "failed", ignore_errors)

    def v2_runner_on_skipped(self, result):
        self._task(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self._task(result, "unreachable")

    def v2_playbook_on_stats(self, stats):
        self._write(event="stats", hosts={host: stats.summarize(host) for host in sorted(stats.processed)})
