"""A module's options as its documentation describes them, the collection's fragments included."""

from __future__ import annotations

from typing import Any

from .tree import Tree

NAMESPACE = "connectly.shared_infrastructure"


def module_path(module: str) -> str:
    return f"plugins/modules/{module}.py"


def fragments(tree: Tree, module: str) -> list[str]:
    """The fragments that a module's documentation names."""
    return tree.constant(module_path(module), "DOCUMENTATION").get("extends_documentation_fragment", [])


def module_options(tree: Tree, module: str) -> dict[str, Any]:
    """By name, those of the collection's fragments first; fragments of other collections are AWS connection options."""
    documentation = tree.constant(module_path(module), "DOCUMENTATION")
    options: dict[str, Any] = {}
    for fragment in fragments(tree, module):
        name = fragment.removeprefix(f"{NAMESPACE}.")
        if name != fragment:
            options |= tree.constant(f"plugins/doc_fragments/{name}.py", "DOCUMENTATION")["options"]
    return options | documentation["options"]


def sentences(description: str | list[str]) -> list[str]:
    return [description] if isinstance(description, str) else list(description)
