# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a module's main() runs inside Ansible's worker, where this ansible-core lets it.

None of this is a promise of ansible-core. So before a module runs here, one that does nothing runs in the very same
way, and what it got and gave back is compared. Where anything differs, the answer is None and the module gets a process
of its own: a module that has written to AWS is too late a moment to find out.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from ansible.module_utils.basic import AnsibleModule

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core before 2.19
    patch_module_args = None

SAMPLE = {"text": "é", "list": [1, 0.5, None, True], "empty": {}}


class WorkerRun:
    """Runs of a main() in this process, for one task."""

    def __init__(self, action: Any, task_vars: dict[str, Any]):
        self._action = action
        self._task_vars = task_vars

    def run(self, name: str, main: Callable[[], None], options: dict[str, Any]) -> dict[str, Any]:
        """The result of the module, as its own process would have given it."""
        arguments = self._arguments(name, options)
        os.environ.update(self._environment())
        try:
            output = _output(main, arguments)
        except Exception as error:  # a mistake in the module: what its own process would have printed as it died
            return {
                "failed": True,
                "msg": f"The module failed with {type(error).__name__}: {error}",
                "exception": traceback.format_exc(),
            }
        try:
            return self._result(output)
        except Exception:  # whatever a result may hold that the rehearsal's did not: the module has said what it did
            return json.loads(output.strip().rpartition("\n")[2])

    def is_known(self) -> bool:
        """Whether a rehearsal gives what is expected."""
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                return self._environment_is_complete() and self._rehearsal_succeeds()
        except Exception:  # an internal that is gone, takes other arguments or gives another type
            return False

    def _rehearsal_succeeds(self) -> bool:
        def main() -> None:
            module = AnsibleModule({"sample": {"type": "raw"}}, supports_check_mode=True)
            module.exit_json(
                changed=True, sample=module.params["sample"], check_mode=module.check_mode, diff_mode=module._diff
            )

        task = self._action._task
        arguments = self._arguments("rehearsal", {"sample": SAMPLE})
        hides = not task.no_log or arguments["_ansible_no_log"]
        result = self._result(_output(main, {**arguments, "_ansible_no_log": True}))  # nothing for syslog
        expected = {
            "changed": True,
            "sample": SAMPLE,
            "check_mode": bool(task.check_mode),
            "diff_mode": bool(task.diff),
        }
        return bool(hides) and not result.get("failed") and {name: result.get(name) for name in expected} == expected

    def _environment_is_complete(self) -> bool:
        wanted = [entry for entry in self._action._task.environment or [] if isinstance(entry, dict)]
        return set().union(*wanted) <= set(self._environment())

    def _arguments(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        """The options, and what Ansible adds: check mode, no_log and the like."""
        arguments = dict(options)
        self._action._update_module_args(name, arguments, self._task_vars)
        return arguments

    def _environment(self) -> dict[str, str]:
        environment: dict[str, Any] = {}
        self._action._compute_environment_string(environment)
        return {str(name): str(value) for name, value in environment.items()}

    def _result(self, output: str) -> dict[str, Any]:
        parsed = self._action._parse_returned_data({"stdout": output, "stderr": "", "rc": 0}, "legacy")
        if not isinstance(parsed, dict):  # since ansible-core 2.21
            parsed.remove_internal_keys()
            parsed = parsed.as_result_dict(for_round_trip=True)
        return dict(parsed)


def worker_run(action: Any, task_vars: dict[str, Any]) -> WorkerRun | None:
    """How to run a module of this task here, or None where it would not come to the same."""
    run = WorkerRun(action, task_vars)
    return run if patch_module_args is not None and _is_the_same_here(action, task_vars) and run.is_known() else None


def _is_the_same_here(action: Any, task_vars: dict[str, Any]) -> bool:
    """Whether the module's own process would be on this machine, of this user and this Python."""
    try:
        return (
            action._connection.transport == "local"
            and not action._play_context.become
            and not action._task.delegate_to
            and action._templar.template(task_vars.get("ansible_python_interpreter")) == sys.executable
        )
    except Exception:
        return False


def _output(main: Callable[[], None], arguments: dict[str, Any]) -> str:
    output = io.StringIO()
    # SystemExit is how every module ends.
    with contextlib.redirect_stdout(output), patch_module_args(arguments), contextlib.suppress(SystemExit):
        main()
    return output.getvalue()
