# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Ansible's argument specs let pass: misspelled names, and values that YAML read as another type."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from .problems import Problem

FEW_NAMES = 12
LISTED = (
    "what there is stands in the README of the role, and for shared_infrastructure_* in docs/reference/variables.md"
)
Specification = Mapping[str, Mapping[str, Any]]


def closest(name: str, names: list[str]) -> str:
    """ "did you mean x?", or a list of what there is."""
    match = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if match:
        return f"did you mean {match[0]}?"
    return f"allowed are {', '.join(sorted(names))}" if len(names) <= FEW_NAMES else LISTED


def unknown_variables(prefix: str, names: list[str], specification: Specification) -> Iterator[Problem]:
    """Variables that start with a role's prefix and are none of its inputs. Paths are without the prefix."""
    known = list(specification)
    for name in names:
        if name.startswith(prefix) and name not in known and name != f"{prefix}outputs":
            yield Problem(name.removeprefix(prefix), None, closest(name, known), "is no variable of the collection")


def near_misses(names: list[str], known: set[str], prefixes: list[str]) -> list[Problem]:
    """Variables with another prefix whose name is nearly that of an input. Paths are whole names."""
    candidates = [
        name
        for name in names
        if "_" in name and name not in known and not name.startswith(("ansible_", "__", *prefixes))
    ]
    matches = ((name, difflib.get_close_matches(name, known, n=1, cutoff=0.9)) for name in candidates)
    return [
        Problem(name, None, f"did you mean {match[0]}?", "is no variable of the collection")
        for name, match in matches
        if match
    ]


def type_problems(specification: Specification, values: Mapping[str, Any], path: str = "") -> Iterator[Problem]:
    """Wrong types and unknown keys at any depth. A value of None counts as not set."""
    for name, value in values.items():
        here = f"{path}.{name}" if path else name
        options = specification.get(name)
        if options is None:
            yield Problem(here, value, closest(str(name), list(specification)), "is no option")
        elif value is not None:
            yield from _value_problems(options, value, here)


def _value_problems(options: Mapping[str, Any], value: Any, path: str) -> Iterator[Problem]:
    kind = options.get("type", "str")
    # A choice that YAML reads as a boolean is meant as it is written: Ansible takes true for "true".
    if kind == "str" and not isinstance(value, str) and str(value).lower() not in options.get("choices", ()):
        yield Problem(path, value, f"a text is allowed, and YAML reads this as {_name(value)}; put it in quotes")
    elif kind == "bool" and not isinstance(value, bool) and str(value).lower() not in ("true", "false", "yes", "no"):
        yield Problem(path, value, "true or false is allowed")
    elif kind in ("int", "float") and not _is_number(value, kind):
        yield Problem(path, value, f"a number is allowed, not {_name(value)}")
    elif kind == "list" and not isinstance(value, (list, tuple)):
        yield Problem(path, value, f"a list is allowed, not {_name(value)}")
    elif kind == "dict" and not isinstance(value, Mapping):
        yield Problem(path, value, f"a dictionary is allowed, not {_name(value)}")
    elif kind == "list":
        element = {**options, "type": options.get("elements", "raw")}
        for number, item in enumerate(value):
            if item is None:
                yield Problem(f"{path}[{number}]", item, "an entry of a list cannot be empty")
            else:
                yield from _value_problems(element, item, f"{path}[{number}]")
    elif kind == "dict" and options.get("options"):
        yield from type_problems(options["options"], value, path)


def _is_number(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return value.strip().lstrip("+-").isdigit() and not (len(value.strip()) > 1 and value.strip().startswith("0"))
    return isinstance(value, int) or (kind == "float" and isinstance(value, float))


def _name(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean (no, off, yes and on are booleans)"
    if isinstance(value, int):
        return "a number (010 is the number 8)"
    for kind, text in ((float, "a number"), (str, "a text"), (Mapping, "a dictionary"), ((list, tuple), "a list")):
        if isinstance(value, kind):
            return text
    return "a date or another type"
