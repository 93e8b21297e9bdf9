# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parameter groups of RDS and ElastiCache have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..._engine.adapter import Found
from ..._engine.model import Difference, Existing, Resource
from .named import NamedAdapter

PARAMETERS_PER_CALL = 20


def values_of(pages: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The parameters of all pages that have a value."""
    return {
        item["ParameterName"]: item["ParameterValue"]
        for page in pages
        for item in page["Parameters"]
        if "ParameterValue" in item
    }


def entry(parameter: str, value: str | None) -> dict[str, str]:
    """One parameter in a request; without a value it goes back to its default."""
    return {"ParameterName": parameter, **({} if value is None else {"ParameterValue": value})}


class ParameterGroupAdapter(NamedAdapter):
    """Properties: name, family, description, parameters (name to text). The id is the name.

    A major upgrade of the engine takes a new group, so the name ends in the family; the old group is kept and reported.
    """

    noun = "parameter group"
    undeclared = "report"
    looked_for_when_unwanted = False  # it goes unnoticed beside the instance that is kept, and costs nothing
    fixed = {
        "name": "AWS cannot rename a parameter group",
        "family": (
            "AWS cannot move a parameter group to another family; leave the name to its default, or choose a new one"
        ),
        "description": "AWS cannot change the description of a parameter group",
    }

    def __init__(self, *arguments: Any, exclusive: bool = False, **settings: Any):
        """exclusive: parameters that are not declared go back to their defaults."""
        super().__init__(*arguments, **settings)
        self._exclusive = exclusive

    # What subclasses say -----------------------------------------------------------------------------------------

    def described_parameters(self, name: str, **source: str) -> dict[str, str]:
        """The parameters of a group that have a value; Source="user" gives those that somebody has set."""
        raise NotImplementedError

    def send(self, name: str, values: dict[str, str | None]) -> None:
        """Set at most PARAMETERS_PER_CALL parameters, or reset those whose value is None."""
        raise NotImplementedError

    # What they share ---------------------------------------------------------------------------------------------

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        result = super().observe(wanted, found)
        for existing in result:
            # A group of another name is the one of an earlier major version: kept, not compared.
            if existing.id != self.name:
                existing.key = existing.id
            elif existing.owned:
                declared = {name for resource in wanted for name in resource.properties["parameters"]}
                existing.properties["parameters"] = self._parameters(existing.id, declared)
        return result

    def _parameters(self, name: str, declared: set[str]) -> dict[str, str]:
        """What somebody has set, and what is declared: at its default, a parameter keeps the source engine-default."""
        result = self.described_parameters(name, Source="user")
        if declared - set(result):  # several pages, so only where needed
            everything = self.described_parameters(name)
            result.update({parameter: everything[parameter] for parameter in declared if parameter in everything})
        return result

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        """Only declared parameters are compared, each by itself."""
        properties = {name: value for name, value in wanted.properties.items() if name != "parameters"}
        result = super().differences(Resource(wanted.type, wanted.key, properties, wanted.tags), existing)
        current = existing.properties.get("parameters", {})
        declared: dict[str, str | None] = dict(wanted.properties["parameters"])
        if self._exclusive:
            declared.update({name: None for name in current if name not in declared})
        result.extend(
            Difference(f"parameters.{name}", current.get(name), value)
            for name, value in sorted(declared.items())
            if current.get(name) != value
        )
        return result

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        self.set_parameters(existing.id, {item.path.removeprefix("parameters."): item.after for item in differences})
        existing.properties["parameters"] = dict(wanted.properties["parameters"])
        return existing

    def set_parameters(self, name: str, values: dict[str, str | None]) -> None:
        for reset in (False, True):
            batch = sorted((parameter, value) for parameter, value in values.items() if (value is None) == reset)
            for start in range(0, len(batch), PARAMETERS_PER_CALL):
                self.send(name, dict(batch[start : start + PARAMETERS_PER_CALL]))
