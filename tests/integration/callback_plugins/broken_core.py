# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes an internal of ansible-core as a later one might, for the task that names the change in its variable
`broken`.

ansible-core's own code goes on with what it had: only our modules' action sees the change.
"""

from __future__ import annotations

import contextlib
import sys
from unittest import mock

from ansible.module_utils.basic import AnsibleModule
from ansible.plugins.callback import CallbackBase
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils import _core_probe as core_probe
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._in_process import InProcessAction

DOCUMENTATION = """
name: broken_core
type: notification
short_description: an ansible-core that works otherwise, for tests
description: Each task's variable C(broken) names what differs while it runs.
options: {}
"""

REAL_ENVIRONMENT = InProcessAction._compute_environment_string
REAL_PARSE = InProcessAction._parse_returned_data


class Foreign:
    """A result of a class that nobody has seen yet."""


class Unready(dict):
    """A result that gives nothing away."""

    def keys(self):
        raise RuntimeError("not finished")


def fails(*_arguments, **_options):
    raise TypeError("got an unexpected argument")


def only_the_rehearsal(action, res, profile):
    return REAL_PARSE(action, res, profile) if '"sample"' in res["stdout"] else fails()


def member(name, replacement=None):
    """The action's own member, gone or replaced, as core_probe sees it."""
    original = InProcessAction.__getattribute__

    def look_up(self, wanted):
        if wanted != name or sys._getframe(1).f_globals["__name__"] != core_probe.__name__:
            return original(self, wanted)
        if replacement is None:
            raise AttributeError(name)
        return replacement.__get__(self)

    return mock.patch.object(InProcessAction, "__getattribute__", look_up)


def probe(name, replacement):
    return mock.patch.object(core_probe, name, replacement)


BREAKS = {
    "patch_module_args: gone": probe("patch_module_args", None),
    "patch_module_args: other arguments": probe("patch_module_args", fails),
    "patch_module_args: without effect": probe("patch_module_args", lambda arguments: contextlib.nullcontext()),
    "AnsibleModule: returns elsewhere": mock.patch.object(
        AnsibleModule, "_return_formatted", lambda module, result: None
    ),
    "_update_module_args: gone": member("_update_module_args"),
    "_update_module_args: without effect": member(
        "_update_module_args", lambda action, name, arguments, variables: None
    ),
    "_compute_environment_string: gone": member("_compute_environment_string"),
    "_compute_environment_string: without effect": member(
        "_compute_environment_string", lambda action, environment: ""
    ),
    "_parse_returned_data: gone": member("_parse_returned_data"),
    "_parse_returned_data: another type": member("_parse_returned_data", lambda action, res, profile: Foreign()),
    "_parse_returned_data: no dictionary": member(
        "_parse_returned_data", lambda action, res, profile: Unready(changed=True)
    ),
    "_parse_returned_data: fails after main()": member("_parse_returned_data", only_the_rehearsal),
    "_connection: gone": member("_connection"),
    "_play_context: gone": member("_play_context"),
    "_templar: gone": member("_templar"),
    "_task: gone": member("_task"),
}


class CallbackModule(CallbackBase):
    """Ansible's main process changes itself before it forks the task's worker."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "broken_core"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._broken = contextlib.ExitStack()

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._broken.close()
        if task.vars.get("broken"):
            self._broken.enter_context(BREAKS[task.vars["broken"]])
