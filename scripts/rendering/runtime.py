"""The action groups and the routing in meta/runtime.yml, from the documentation of the modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from common import ROOT

from .documentation import NAMESPACE, fragments, module_options
from .tree import Tree
from .yaml_text import dump

PATH = "meta/runtime.yml"
MODULES = tuple(sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py")))
AWS = "amazon.aws.common.modules"
GUARDED = f"{NAMESPACE}.guarded"
# docs/architecture.md says why this one.
CARRIER = "kms_key"


def files(tree: Tree, modules: tuple[str, ...] = MODULES) -> Iterator[tuple[str, str]]:
    lines = dump({"action_groups": _groups(tree, modules), "plugin_routing": _routing(tree, modules)})
    yield PATH, tree.with_block(PATH, lines, "the modules' documentation")


def _groups(tree: Tree, modules: tuple[str, ...]) -> dict[str, list[Any]]:
    """What takes the connection options of amazon.aws, and what takes the option `guard`."""
    return {
        "aws": [{"metadata": {"extend_group": ["amazon.aws.aws"]}}, *_with_fragment(tree, modules, AWS)],
        "guarded": _with_fragment(tree, modules, GUARDED),
    }


def _with_fragment(tree: Tree, modules: tuple[str, ...], fragment: str) -> list[str]:
    return [module for module in modules if fragment in fragments(tree, module)]


def _routing(tree: Tree, modules: tuple[str, ...]) -> dict[str, Any]:
    """Modules that show their progress and have no action plugin of their own share the one of CARRIER."""
    route = {"action_plugin": f"{NAMESPACE}.{CARRIER}"}
    shared = [
        module
        for module in modules
        if "progress_file" in module_options(tree, module) and not tree.read(f"plugins/action/{module}.py")
    ]
    return {"modules": dict.fromkeys(shared, route)}
