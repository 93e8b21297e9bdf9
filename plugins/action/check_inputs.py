# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks the inputs of roles on the controller: no process is started and AWS is not asked."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleTemplateError
from ansible.plugins.action import ActionBase
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import Problem
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.strict import value_problems
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._origins import origin
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._role_inputs import (
    Checked,
    RoleInputs,
    defaults_path,
    findings,
    is_role,
    misspelled,
    role_inputs,
    split,
    wanted_names,
)

OPTIONS: dict[str, dict[str, Any]] = {
    "role": {"type": "str", "required": True},
    "roles": {"type": "list", "elements": "raw", "default": []},  # names that are no strings are the deployment's fault
    "entry_point": {"type": "str", "default": "main"},
    "specification": {"type": "path", "default": ""},
    "near_misses_of": {"type": "list", "elements": "str", "default": []},
    "set_for_all_layers": {"type": "dict", "default": {}},
}


class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        try:
            options = self._options()
            first = self._first(options, variables)
            complete = {role: self._with_defaults(role, variables) for role in options["roles"] if is_role(role)}
            # What each role works with is in checked[...].parameters. Of its values, names only go into the result.
            checked = [self._checked(role_inputs(role), with_defaults) for role, with_defaults in complete.items()]
        except ValueError as error:
            raise AnsibleActionFail(f"check_inputs: {error}") from error
        set_from = options["set_for_all_layers"]
        known = {name: value for each in (*complete.values(), variables) for name, value in each.items()}
        texts = [self._text(problem, known) for problem in findings(first, checked, set_from)]
        texts.extend(self._not_read(set_from, variables))
        strangers = [str(role) for role in options["roles"] if not is_role(role)]
        if texts:
            result.update(failed=True, msg="Bad input, nothing was changed: " + " | ".join(texts))
        elif strangers:
            raise AnsibleActionFail(f"check_inputs: this collection has no role {', '.join(strangers)}")
        else:
            result["names"] = wanted_names([first, *checked])
        return result

    def _options(self) -> dict[str, Any]:
        problems = list(value_problems(OPTIONS, self._task.args))
        if problems:
            raise ValueError(" | ".join(problem.text() for problem in problems))
        given = {name: value for name, value in self._task.args.items() if value is not None}
        return {**{name: option.get("default") for name, option in OPTIONS.items()}, **given}

    def _first(self, options: Mapping[str, Any], variables: Mapping[str, Any]) -> Checked:
        """The role that gives the task its name, and variables that nearly belong to one of several roles."""
        inputs = role_inputs(options["role"], options["entry_point"], options["specification"])
        checked = self._checked(inputs, variables)
        roles = options["near_misses_of"]
        near = misspelled(_names(variables), inputs, roles) if roles else ()
        return replace(checked, problems=[*checked.problems, *near])

    def _checked(self, inputs: RoleInputs, variables: Mapping[str, Any]) -> Checked:
        templar = self._templar.copy_with_new_env(available_variables=variables)
        values, not_computed = {}, {}
        for name in inputs.specification:
            if name in variables:
                try:
                    values[name] = templar.template(variables[name])
                except AnsibleTemplateError as error:
                    not_computed[name] = " ".join(str(error).split())
        return inputs.check(_names(variables), values, not_computed)

    def _with_defaults(self, role: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        path = defaults_path(role)
        return {**_load(self._loader, str(path)), **variables} if path.exists() else variables

    def _not_read(self, set_from: Mapping[str, list[str]], variables: Mapping[str, Any]) -> Iterator[str]:
        """Variables of single roles in the inventory that the playbooks set for all of them."""
        inventory = variables["hostvars"][variables["inventory_hostname"]] if set_from else {}
        for instead, names in set_from.items():
            allowed = f"the playbooks set it for all layers; set {instead}"
            for name in filter(inventory.__contains__, names):
                yield self._text(Problem(name, None, allowed, "is not read from the inventory"), inventory)

    def _text(self, problem: Problem, variables: Mapping[str, Any]) -> str:
        name, rest = split(problem.path)
        return problem.text("", origin(name, rest, variables, self._loader))


def _names(variables: Mapping[str, Any]) -> list[str]:
    return [name for name in variables if isinstance(name, str)]


def _load(loader: Any, path: str) -> dict[str, Any]:
    """A file of variables as Ansible loads it; ansible-core 2.19 and newer must be told that it may hold templates."""
    trusts = "trusted_as_template" in inspect.signature(loader.load_from_file).parameters
    return loader.load_from_file(path, **({"trusted_as_template": True} if trusts else {})) or {}
