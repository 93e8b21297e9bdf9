# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks a role's inputs on the controller: no process is started and AWS is not asked."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleUndefinedVariable
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import masked_problems
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import Problem
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.strict import (
    near_misses,
    type_problems,
    unknown_variables,
)
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._origins import origin

PACKAGE = "ansible_collections.connectly.shared_infrastructure.plugins.module_utils"
CHECKS = {
    "outputs": "_publishing.checks",
    "new_project": "_new_project.checks",
    "shared_infrastructure": "_guard.deployment_checks",
}
"""Where the checks of what is no layer are; those of a layer are in its own package."""
OPTIONS = {"role", "entry_point", "specification", "near_misses_of", "set_for_all_layers"}
ROLES = os.path.join(os.path.dirname(__file__), "..", "..", "roles")


class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        role = self._task.args.get("role")
        if set(self._task.args) - OPTIONS or not re.fullmatch(r"[a-z_]+", str(role)):
            raise AnsibleActionFail(
                f"check_inputs takes the options {', '.join(sorted(OPTIONS))}; role is the name of a role of this "
                "collection"
            )
        variables = task_vars or {}
        prefix = f"{role}_"
        entries = self._entry_points(self._task.args.get("specification") or _of_role(role))
        entry_point = self._task.args.get("entry_point", "main")
        specification = entries[entry_point]["options"]
        names = [name for name in variables if isinstance(name, str)]
        # A variable of another entry point is no mistake: both may be used in one play.
        problems = list(
            unknown_variables(
                prefix, names, {name: option for entry in entries.values() for name, option in entry["options"].items()}
            )
        )
        problems.extend(self._near_misses(names, specification))
        values = {name: self._value(name, variables) for name in specification if name in variables}
        problems.extend(_strip(problem, prefix) for problem in type_problems(specification, values))
        messages = []
        if not problems:
            validated = ArgumentSpecValidator(specification).validate(
                {name: value for name, value in values.items() if value is not None}
            )
            messages = [self._with_origin(text, variables) for text in validated.error_messages]
            if not messages:
                parameters = {
                    name.removeprefix(prefix): value for name, value in validated.validated_parameters.items()
                }
                problems.extend(masked_problems(parameters) or self._pure_checks(role, entry_point, parameters))
        messages.extend(self._text(prefix, problem, variables) for problem in problems)
        messages.extend(self._not_read(variables))
        if messages:
            result.update(failed=True, msg="Bad input, nothing was changed: " + " | ".join(messages))
        return result

    def _entry_points(self, path: str) -> dict[str, Any]:
        if not os.path.exists(path):
            raise AnsibleActionFail(f"there is no {path}")
        with open(
            path, encoding="utf-8"
        ) as stream:  # Ansible's own loader takes ten times as long, to remember where each value stands
            return yaml_load(stream)["argument_specs"]

    def _near_misses(self, names: list[str], specification: Mapping[str, Any]) -> list[Problem]:
        """Names that belong to no role and are nearly those of an input, like netwrok_vpc_cidr."""
        roles = self._task.args.get("near_misses_of") or []
        known = {
            *specification,
            *(name for role in roles for name in self._entry_points(_of_role(role))["main"]["options"]),
        }
        return near_misses(names, known, [f"{role}_" for role in roles]) if roles else []

    def _not_read(self, variables: Mapping[str, Any]) -> list[str]:
        """Variables of single roles in the inventory that the playbooks set for all of them."""
        wanted = self._task.args.get("set_for_all_layers") or {}
        inventory = variables["hostvars"][variables["inventory_hostname"]] if wanted else {}
        texts = []
        for instead, names in wanted.items():
            for name in filter(inventory.__contains__, names):
                problem = Problem(
                    name, None, f"the playbooks set it for all layers; set {instead}", "is not read from the inventory"
                )
                texts.append(problem.text("", origin(name, "", inventory, self._loader)))
        return texts

    def _value(self, name: str, variables: Mapping[str, Any]) -> Any:
        try:
            return self._templar.template(variables[name])
        except AnsibleUndefinedVariable as error:
            raise AnsibleActionFail(f"Bad input, nothing was changed: {name} cannot be computed: {error}") from error

    def _pure_checks(self, role: str, entry_point: str, parameters: Mapping[str, Any]) -> Iterable[Problem]:
        try:
            checks = importlib.import_module(f"{PACKAGE}.{CHECKS.get(role, f'_layers.{role}.checks')}")
        except ModuleNotFoundError:
            return ()  # a role whose argument spec says it all
        function = getattr(checks, "problems" if entry_point == "main" else f"{entry_point}_problems")
        return list(function(parameters))

    def _text(self, prefix: str, problem: Problem, variables: Mapping[str, Any]) -> str:
        if problem.path in variables:  # a near miss: the path is the whole name
            return problem.text("", origin(problem.path, "", variables, self._loader))
        name = re.split(r"[.\[]", problem.path, maxsplit=1)[0]
        rest = problem.path.removeprefix(name)
        return problem.text(prefix, origin(prefix + name, rest, variables, self._loader))

    def _with_origin(self, text: str, variables: Mapping[str, Any]) -> str:
        for name in re.findall(r"[a-z][a-z0-9_]+", text):
            place = origin(name, "", variables, self._loader) if name in variables else ""
            if place:
                return f"{text} (set in {place})"
        return text


def _of_role(role: str) -> str:
    return os.path.join(ROLES, role, "meta", "argument_specs.yml")


def _strip(problem: Problem, prefix: str) -> Problem:
    return replace(problem, path=problem.path.removeprefix(prefix))
