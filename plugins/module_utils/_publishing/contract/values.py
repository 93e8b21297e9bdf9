# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of outputs as SSM holds them: everything is text there, and the contract's type turns it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def ssm_type(output_type: str) -> str:
    """The parameter type; a list is a StringList, comma-joined, so that split(",", value) gives the items."""
    return "StringList" if output_type == "list" else "String"


def encode(output_type: str, value: Any) -> str:
    """A checked value as text: lists comma-joined, maps as sorted JSON, true and false, numbers as JSON writes them."""
    if isinstance(value, str):
        return value  # a placeholder of check mode, whatever the type
    if output_type == "list":
        return ",".join(value)
    return canonical_json(value)


def decode(output_type: str, text: str) -> Any:
    """The value of a published text. Raises ValueError where the text is not of this type."""
    if output_type == "string":
        return text
    if output_type == "list":
        return text.split(",")
    value = json.loads(text)
    problem = value_problem(output_type, value)
    if problem:
        raise ValueError(problem)
    return value


def canonical_json(value: Any) -> str:
    """The one JSON text of a value, in ASCII: equal values give equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def value_problem(output_type: str, value: Any) -> str:
    """What is allowed where a value is not of its type or empty; an empty text where it is good."""
    if value is None or value in ("", [], {}):
        return "it is empty; leave out an output whose resource does not exist"
    if output_type == "string" and not isinstance(value, str):
        return f"a text is allowed, not {_name(value)}"
    if output_type == "list":
        return _list_problem(value)
    if output_type == "map":
        return _map_problem(value)
    if output_type == "bool" and not isinstance(value, bool):
        return f"true or false is allowed, not {_name(value)}"
    if output_type == "number" and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return f"a number is allowed, not {_name(value)}"
    return ""


def _list_problem(value: Any) -> str:
    if not isinstance(value, (list, tuple)):
        return f"a list of texts is allowed, not {_name(value)}"
    for item in value:
        if not isinstance(item, str) or not item:
            return f"the items of a list are texts that are not empty, not {item!r}"
        if "," in item:
            return f"an item of a list cannot hold a comma, as {item!r} does, since consumers split the value at commas"
    return ""


def _map_problem(value: Any) -> str:
    if not isinstance(value, Mapping):
        return f"a dictionary of texts is allowed, not {_name(value)}"
    for name, item in value.items():
        if not isinstance(name, str) or not isinstance(item, str) or not name or not item:
            return f"keys and values of a map are texts that are not empty, not {name!r}: {item!r}"
    return ""


def _name(value: Any) -> str:
    for kind, name in (
        (bool, "a boolean"),
        ((int, float), "a number"),
        (str, "a text"),
        ((list, tuple), "a list"),
        (Mapping, "a dictionary"),
    ):
        if isinstance(value, kind):
            return name
    return type(value).__name__
