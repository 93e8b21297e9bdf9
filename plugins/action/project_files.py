# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes all files of a consumer project in one go, on the controller: no process is started and AWS is not asked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import masked_problems
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import message
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._new_project import (
    checks,
    files,
    layout,
)
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._project_templates import render

ROLE = Path(__file__).resolve().parents[2] / "roles" / "new_project"
PREFIX = "new_project_"


class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        params = self._parameters()
        problems = masked_problems(params) or checks.problems(params)
        if problems:
            raise AnsibleActionFail(message(problems, prefix=""))
        root = Path(os.path.abspath(os.path.expanduser(params["destination"]))) / layout.project_name(params)
        trees = layout.trees(params)
        wanted = render(ROLE / "templates", trees)
        actions: list[files.Action] = []
        result.update(path=str(root), changed=False)
        try:
            recorded = files.read_manifest(root)
            actions = files.plan(root, wanted, recorded, tuple(tree.target for tree in trees))
            if self._task.check_mode:
                result["changed"] = bool(files.changes(actions)) or files.manifest_differs(
                    root, wanted, recorded, actions
                )
            else:
                result["changed"] = files.apply(root, wanted, recorded, actions)
        except (files.FilesError, OSError) as error:
            result.update(failed=True, msg=str(error), changed=any(action.status == "done" for action in actions))
        result.update(_report(actions))
        return result

    def _parameters(self) -> dict[str, Any]:
        """The task's options, by the argument spec of the role, which has the same names behind its prefix."""
        options = self._loader.load_from_file(str(ROLE / "meta" / "argument_specs.yml"))["argument_specs"]["main"][
            "options"
        ]
        specification = {name.removeprefix(PREFIX): dict(option) for name, option in options.items()}
        validated = ArgumentSpecValidator(specification).validate(self._task.args)
        if validated.error_messages:
            raise AnsibleActionFail(f"Bad input, nothing was changed: {' | '.join(validated.error_messages)}")
        return validated.validated_parameters


def _report(actions: list[files.Action]) -> Mapping[str, Any]:
    """The renderings of the plan: actions, diff, counts, and a warning for each new version that was not written."""
    kinds = (files.CREATE, files.UPDATE, files.KEEP, files.REPORT)
    return {
        "actions": [action.as_dict() for action in actions],
        "diff": list(files.diff(actions)),
        "summary": {kind: sum(action.kind == kind for action in actions) for kind in kinds},
        "notes": [f"{action.path} {action.reason}" for action in actions if action.kind in (files.KEEP, files.REPORT)],
    }
