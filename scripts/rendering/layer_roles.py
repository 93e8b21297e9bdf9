"""A layer role's argument spec, defaults and task arguments, from the documentation of its module.

A layer role is one that has a meta/options.yml. What it says or does otherwise stands there: `module`, the role's own
`short_description` and `description`, and under `differs` an option's description or default that is not the module's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from common import ROOT, StepError

from .documentation import module_options, module_path, sentences
from .tree import Tree
from .yaml_text import dump

ROLES = tuple(sorted(path.parents[1].name for path in (ROOT / "roles").glob("*/meta/options.yml")))
AUTHOR = "Connectly Platform Infrastructure"
# The playbooks set these for the whole action group; a role has no variable for them.
NOT_PASSED = ("progress_file", "guard")
FIELDS = ("description", "type", "elements", "required", "choices", "default")
DIFFERS = ("description", "default")
# Where a variable without a default is empty, the module must not see it; 0 and false are values.
EMPTY_IS_A_VALUE = ("int", "float", "bool")
# O(name), O(name=value) and O(name[].suboption), but no O(another.plugin.name#module:option).
REFERENCE = re.compile(r"\bO\((?![^)]*#)([a-z0-9_]+)(?=[.=\[)])")


def differences_path(role: str) -> str:
    return f"roles/{role}/meta/options.yml"


def files(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every file of every role with the text that it must have."""
    for role in ROLES:
        differences = tree.yaml(differences_path(role))
        options = role_options(tree, role, differences)
        source = f"{module_path(differences['module'])} and {differences_path(role)}"
        head = f"---\n# Rendered by make render from {source}; do not edit."
        yield f"roles/{role}/meta/argument_specs.yml", _text(head, _specs(role, differences, options))
        defaults = {f"{role}_{name}": option["default"] for name, option in options.items() if "default" in option}
        yield f"roles/{role}/defaults/main.yml", _text(head, defaults)
        tasks = f"roles/{role}/tasks/build.yml"
        lines = [argument(role, name, option) for name, option in options.items()]
        yield tasks, tree.with_block(tasks, lines, module_path(differences["module"]))


def role_options(tree: Tree, role: str, differences: Mapping[str, Any]) -> dict[str, Any]:
    """The role's options by their names in the module."""
    described = module_options(tree, differences["module"])
    passed = {name: option for name, option in described.items() if name not in NOT_PASSED}
    differs = differences.get("differs", {})
    _check_differences(role, passed, differs)
    return {
        name: _option(role, passed, {**option, **differs.get(name, {})}, f"{role}: {name}")
        for name, option in passed.items()
    }


def _check_differences(role: str, options: Mapping[str, Any], differs: Mapping[str, Any]) -> None:
    """A difference that says nothing, or speaks of what does not exist, is a mistake."""
    for name, fields in differs.items():
        if name not in options:
            raise StepError(f"{differences_path(role)}: the module has no option {name}")
        for field, value in fields.items():
            if field not in DIFFERS:
                raise StepError(f"{differences_path(role)}: {name}.{field} must be one of {', '.join(DIFFERS)}")
            if options[name].get(field) == value:
                raise StepError(f"{differences_path(role)}: {name}.{field} is the module's; remove it")


def _option(role: str, options: Mapping[str, Any], described: Mapping[str, Any], where: str) -> dict[str, Any]:
    """One option as an argument spec has it, with its suboptions."""
    if "description" not in described:
        raise StepError(f"{where} has no description")
    option = {field: described[field] for field in FIELDS if field in described}
    texts = [_referring_to_role(role, options, text, where) for text in sentences(described["description"])]
    option["description"] = texts[0] if len(texts) == 1 else texts
    if described.get("suboptions"):
        option["options"] = {
            name: _option(role, options, suboption, f"{where}.{name}")
            for name, suboption in described["suboptions"].items()
        }
    return option


def _referring_to_role(role: str, options: Mapping[str, Any], text: str, where: str) -> str:
    """O(name) of the module is O(network_name) of the role."""

    def reference(match: re.Match[str]) -> str:
        if match[1] not in options:
            raise StepError(f"{where}: the description refers to O({match[1]}), which the role does not have")
        return f"O({role}_{match[1]}"

    return REFERENCE.sub(reference, text)


def _specs(role: str, differences: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    main = {
        "short_description": differences["short_description"],
        "description": differences["description"],
        "author": AUTHOR,
        "options": {f"{role}_{name}": option for name, option in options.items()},
    }
    return {"argument_specs": {"main": main}}


def argument(role: str, name: str, option: Mapping[str, Any]) -> str:
    """One line of the module's task."""
    omitted = ""
    if "default" not in option and not option.get("required"):
        omitted = " | default(omit)" if option["type"] in EMPTY_IS_A_VALUE else " | default(omit, true)"
    return f'{name}: "{{{{ {role}_{name}{omitted} }}}}"'


def _text(head: str, value: Mapping[str, Any]) -> str:
    return "\n".join([head, *dump(value)]) + "\n"
