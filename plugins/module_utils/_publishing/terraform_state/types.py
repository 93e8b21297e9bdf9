# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Terraform's types of output values, as its state files spell them (cty's JSON form). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def type_of(value: Any) -> Any:
    """The type of a value: "string", "number", "bool", ["list", "string"], ["map", "string"], ["object", {...}] or
    ["tuple", [...]].

    An empty list is a list of strings and an empty map a map of strings. Raises ValueError for null and what JSON does
    not know.
    """
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (list, tuple)):
        types = [type_of(item) for item in value] or ["string"]
        return ["list", types[0]] if all(item == types[0] for item in types) else ["tuple", types]
    if isinstance(value, Mapping):
        attributes = {str(name): type_of(item) for name, item in value.items()}
        return ["map", "string"] if all(item == "string" for item in attributes.values()) else ["object", attributes]
    raise ValueError(f"{value!r} has no Terraform type")


def kind_of(type_: Any) -> str:
    """What consumers notice of a type: string, number, bool, list or map.

    A tuple of strings reads as a list of strings does.
    """
    if not isinstance(type_, (list, tuple)) or not type_:
        return str(type_)
    return {"tuple": "list", "set": "list", "object": "map"}.get(type_[0], str(type_[0]))
