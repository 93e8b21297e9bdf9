# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inputs that roles of this collection declare, and what is wrong with given values. Nothing is templated here."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import masked_problems
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import Problem
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.strict import (
    Specification,
    near_misses,
    unknown_variables,
    value_problems,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.rooms import WantedNames

PACKAGE = "ansible_collections.connectly.shared_infrastructure.plugins.module_utils"
CHECKS = {
    "outputs": "_publishing.checks",
    "new_project": "_new_project.checks",
    "shared_infrastructure": "_guard.deployment_checks",
}
"""Where the checks of what is no layer are; those of a layer are in its own package."""
ROLES = Path(__file__).resolve().parents[2] / "roles"
NOT_COMPUTED = "cannot be computed"


@dataclass(frozen=True)
class Checked:
    """What is wrong with the inputs of a role. Paths of problems are whole variables."""

    role: str
    problems: Sequence[Problem]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What the role works with: without its prefix, converted, with defaults. Empty where something is wrong."""


@dataclass(frozen=True)
class RoleInputs:
    """The variables of a role at one of its entry points."""

    role: str
    entry_point: str
    specification: Specification
    known: frozenset[str]
    """The variables of all entry points: they may be set in one play."""

    @property
    def prefix(self) -> str:
        return f"{self.role}_"

    def check(
        self, names: Collection[str], values: Mapping[str, Any], not_computed: Mapping[str, str] | None = None
    ) -> Checked:
        """names are all variables of the task, values those of the role, not_computed why others have no value."""
        failed = not_computed or {}
        problems = [
            *unknown_variables(self.prefix, names, self.known),
            *(Problem(name, None, reason, NOT_COMPUTED) for name, reason in failed.items()),
            *(problem for problem in value_problems(self.specification, values) if problem.path not in failed),
        ]
        if problems:
            return Checked(self.role, problems)
        parameters = self._converted(values)
        wrong = masked_problems(parameters) or self._own_problems(parameters)
        return Checked(self.role, [problem.prefixed(self.prefix) for problem in wrong], {} if wrong else parameters)

    def _converted(self, values: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in values.items() if value is not None}
        validated = ArgumentSpecValidator(self.specification).validate(given)
        if validated.error_messages:
            raise ValueError(" | ".join(validated.error_messages))
        return {name.removeprefix(self.prefix): value for name, value in validated.validated_parameters.items()}

    def _own_problems(self, parameters: Mapping[str, Any]) -> list[Problem]:
        """By the role's own checks, if it has some: rules between variables, and what AWS asks for."""
        checks = _module(CHECKS.get(self.role, f"_layers.{self.role}.checks"))
        function = "problems" if self.entry_point == "main" else f"{self.entry_point}_problems"
        return list(getattr(checks, function)(parameters)) if checks else []


def wanted_names(checked: Iterable[Checked]) -> list[dict[str, Any]]:
    """The names in AWS that the layers among these roles want, each with its layer and the variable that gave it."""
    return [
        {**entry, "layer": layer.role, "variable": f"{layer.role}_{entry['variable']}"}
        for layer in checked
        for entry in _wanted(layer)
    ]


def _wanted(layer: Checked) -> list[WantedNames]:
    names = _module(f"_layers.{layer.role}.names")
    return names.wanted(layer.parameters) if names else []


def _module(name: str) -> Any:
    """None where a role has none of this name."""
    try:
        return importlib.import_module(f"{PACKAGE}.{name}")
    except ModuleNotFoundError:
        return None


def is_role(name: Any) -> bool:
    """Whether this is the name of a role with an argument spec."""
    return isinstance(name, str) and re.fullmatch(r"[a-z_]+", name) is not None and _of_role(name).exists()


def role_inputs(role: str, entry_point: str = "main", path: str = "") -> RoleInputs:
    """path is that of the argument spec, by default the role's own. Raises ValueError where there is none."""
    if not path and not is_role(role):
        raise ValueError(f"this collection has no role {role}")
    entries = _argument_specs(Path(path) if path else _of_role(role))
    if entry_point not in entries:
        raise ValueError(f"there is no argument spec for the entry point {entry_point} of {role}")
    known = frozenset(name for entry in entries.values() for name in entry["options"])
    return RoleInputs(role, entry_point, entries[entry_point]["options"], known)


def defaults_path(role: str) -> Path:
    """Where a role's defaults are; a role without any has no such file."""
    return ROLES / role / "defaults" / "main.yml"


def misspelled(names: Collection[str], inputs: RoleInputs, roles: Collection[str]) -> Iterator[Problem]:
    """Variables that belong to no role and are nearly those of an input, like netwrok_vpc_cidr."""
    known = {*inputs.known, *(name for role in roles for name in role_inputs(role).specification)}
    return near_misses(names, known, [inputs.prefix, *(f"{role}_" for role in roles)])


def findings(deployment: Checked, roles: Iterable[Checked], set_from: Mapping[str, Collection[str]]) -> list[Problem]:
    """All problems, each once. set_from has variables of the deployment, each with those of roles that are set from it.

    What is wrong in the deployment's own variable is said of that one, and what only follows from it is not said.
    """
    source = {name: variable for variable, names in set_from.items() for name in names}
    wrong = {_variable(problem.path) for problem in deployment.problems}
    found = list(deployment.problems)
    for problem in (problem for checked in roles for problem in checked.problems):
        name = _variable(problem.path)
        origin = source.get(name, name)
        follows = origin in wrong or (wrong and problem.statement == NOT_COMPUTED)
        renamed = replace(problem, path=origin + problem.path.removeprefix(name))
        if not follows and renamed not in found:
            found.append(renamed)
    return found


def split(path: str) -> tuple[str, str]:
    """The variable of a path, and what follows it."""
    name = _variable(path)
    return name, path.removeprefix(name)


def _variable(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _of_role(role: str) -> Path:
    return ROLES / role / "meta" / "argument_specs.yml"


@functools.cache
def _argument_specs(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise ValueError(f"there is no file {path}")
    # Ansible's own loader takes ten times as long, to remember where each value stands.
    with path.open(encoding="utf-8") as stream:
        return yaml_load(stream)["argument_specs"]
