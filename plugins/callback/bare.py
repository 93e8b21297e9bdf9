# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: bare
type: stdout
version_added: 0.1.0
short_description: Ansible's default output, and bare values from plays that ask for it
description:
  - Shows a run as P(ansible.builtin.default#callback) does.
  - Of a play with the variable C(__bare_output=true) it shows only the messages of its C(ansible.builtin.debug) tasks,
    without any decoration, so that a script can use them. What fails is written to standard error.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - Set as stdout callback in configuration
author:
  - Connectly Platform Infrastructure (@connectly)
"""

from ansible.plugins.callback.default import CallbackModule as Default

DEBUG = ("debug", "ansible.builtin.debug", "ansible.legacy.debug")


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "connectly.shared_infrastructure.bare"

    def __init__(self):
        super().__init__()
        self._bare = False

    def v2_playbook_on_play_start(self, play):
        self._bare = bool(play.vars.get("__bare_output"))
        if not self._bare:
            super().v2_playbook_on_play_start(play)

    def v2_playbook_on_task_start(self, task, is_conditional):
        if not self._bare:
            super().v2_playbook_on_task_start(task, is_conditional)

    def v2_runner_on_ok(self, result):
        if not self._bare:
            super().v2_runner_on_ok(result)
        elif result._task.action in DEBUG and not result._task.loop:
            self._display.display(str(result._result.get("msg", "")))

    def v2_runner_item_on_ok(self, result):
        if not self._bare:
            super().v2_runner_item_on_ok(result)
        elif result._task.action in DEBUG:
            self._display.display(str(result._result.get("msg", "")))

    def v2_runner_on_skipped(self, result):
        if not self._bare:
            super().v2_runner_on_skipped(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if not self._bare:
            super().v2_runner_on_failed(result, ignore_errors)
        elif not ignore_errors:
            self._display.display(f"ERROR: {result._result.get('msg', result._result)}", stderr=True)

    def v2_playbook_on_stats(self, stats):
        if not self._bare:
            super().v2_playbook_on_stats(stats)
