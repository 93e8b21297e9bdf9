# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values against an argument spec, at any depth: unknown, missing and empty options, wrong types and choices.

Ansible's validator names neither the entry of a list nor its place, and lets pass what YAML read as another type. What
passes here, it only converts and completes with defaults.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .problems import Problem

FEW_NAMES = 12
LISTED = "the README of the role lists them all, and docs/reference/variables.md those of shared_infrastructure_*"
INTEGER = re.compile(r"\s*[+-]?(0|[1-9][0-9]*)\s*")
KINDS = {
    "str": "a string",
    "path": "a path",
    "bool": "true or false",
    "int": "an integer",
    "float": "a number",
    "list": "a list",
    "dict": "a dictionary",
    "raw": "a value",
}
Options = Mapping[str, Any]
Specification = Mapping[str, Options]


def closest(name: str, names: Collection[str]) -> str:
    """ "did you mean x?", or a list of what there is."""
    match = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if match:
        return f"did you mean {match[0]}?"
    return _one_of(sorted(names)) if len(names) <= FEW_NAMES else LISTED


def unknown_variables(prefix: str, names: Collection[str], known: Collection[str]) -> Iterator[Problem]:
    """Variables that start with a role's prefix but are not among its inputs. Paths are whole names."""
    for name in names:
        if name.startswith(prefix) and name not in known and name != f"{prefix}outputs":
            yield Problem(name, None, closest(name, known), "is not a variable of this collection")


def near_misses(names: Collection[str], known: Collection[str], prefixes: Collection[str]) -> Iterator[Problem]:
    """Variables with another prefix whose name is nearly that of an input. Paths are whole names."""
    others = ("ansible_", "__", *prefixes)
    for name in names:
        if "_" in name and name not in known and not name.startswith(others):
            match = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
            if match:
                yield Problem(name, None, f"did you mean {match[0]}?", "is not a variable of this collection")


def value_problems(specification: Specification, values: Mapping[Any, Any], path: str = "") -> Iterator[Problem]:
    """What is wrong with the values of some options. None counts as not set."""
    for name, value in values.items():
        here = _join(path, name)
        options = specification.get(name)
        if options is None:
            yield Problem(here, None, closest(str(name), list(specification)), "is not an option")
        elif value is not None:
            yield from _option_problems(options, value, here)
        elif path and options.get("default") is not None and not options.get("required"):
            # Ansible makes the text "None" of it, or fails.
            yield Problem(here, None, f"{_requirement(options)}, or left out for the default", "is empty")
    for name, options in specification.items():
        if options.get("required") and values.get(name) is None:
            yield Problem(_join(path, name), None, _requirement(options), "is required", missing=True)


def _option_problems(options: Options, value: Any, path: str) -> Iterator[Problem]:
    kind, choices = options.get("type", "str"), options.get("choices")
    if not _has_type(kind, value, choices):
        yield _problem(options, value, path, f"{_requirement(options)}{_instead(kind, value)}")
    elif kind == "list":
        yield from _entry_problems({**options, "type": options.get("elements", "raw")}, value, path)
    elif kind == "dict":
        yield from value_problems(options["options"], value, path) if options.get("options") else ()
    elif choices and not _is_choice(value, choices):
        yield _problem(options, value, path, _requirement(options))


def _entry_problems(options: Options, values: Any, path: str) -> Iterator[Problem]:
    for number, value in enumerate(values):
        here = f"{path}[{number}]"
        if value is None:
            yield Problem(here, None, _requirement(options), "is empty")
        else:
            yield from _option_problems(options, value, here)


def _problem(options: Options, value: Any, path: str, allowed: str) -> Problem:
    return Problem(path, None, allowed, "is not valid") if _is_secret(options) else Problem(path, value, allowed)


def _is_secret(options: Options) -> bool:
    """Whether a value may hold what no message may show."""
    return options.get("no_log") is True or any(map(_is_secret, (options.get("options") or {}).values()))


def _has_type(kind: str, value: Any, choices: Collection[Any] | None) -> bool:
    if kind in ("str", "path"):
        # A choice that YAML reads as a boolean is meant as it is written.
        return isinstance(value, str) or (isinstance(value, bool) and _is_choice(value, choices or ()))
    if kind == "bool":
        return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false", "yes", "no"))
    if kind in ("int", "float"):
        return _is_number(kind, value)
    if kind == "list":
        return isinstance(value, (list, tuple))
    return kind != "dict" or isinstance(value, Mapping)


def _is_number(kind: str, value: Any) -> bool:
    if isinstance(value, str):
        return bool(INTEGER.fullmatch(value))
    return not isinstance(value, bool) and isinstance(value, int if kind == "int" else (int, float))


def _is_choice(value: Any, choices: Collection[Any]) -> bool:
    """Ansible takes True and "True" for the choice "true"."""
    texts = {str(choice) for choice in choices}
    return str(value) in texts or (str(value) in ("True", "False") and str(value).lower() in texts)


def _requirement(options: Options) -> str:
    kind, choices = options.get("type", "str"), options.get("choices")
    if kind == "list" and choices:
        return f"must be a list of {', '.join(map(str, choices))}"
    return _one_of(choices) if choices else f"must be {KINDS[kind]}"


def _instead(kind: str, value: Any) -> str:
    """What a value of another type is, and how it comes that it is."""
    if kind == "bool":
        return ""
    if kind in ("str", "path") and not isinstance(value, (list, tuple, Mapping)):
        return f", but YAML reads this as {_name(value)}; put it in quotes"
    return f", not {_name(value)}"


def _one_of(names: Collection[Any]) -> str:
    return f"must be one of {', '.join(map(str, names))}"


def _name(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean (no, off, yes and on are booleans)"
    if isinstance(value, int):
        return "a number (010 is the number 8)"
    for kind, text in (
        (float, "a number with decimals"),
        (str, "a string"),
        (Mapping, "a dictionary"),
        ((list, tuple), "a list"),
    ):
        if isinstance(value, kind):
            return text
    return "a date or another type"


def _join(path: str, name: Any) -> str:
    return f"{path}.{name}" if path else str(name)
