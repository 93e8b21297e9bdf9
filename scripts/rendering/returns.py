"""The outputs in the RETURN of a layer's module, from the contract.

A sample, and when an output is returned if that is not always, stand under `outputs` in roles/<role>/meta/options.yml.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from common import ROOT, StepError

from .documentation import module_path
from .layer_roles import ROLES, differences_path
from .tree import Tree
from .yaml_text import dump

sys.path.insert(0, str(ROOT / "plugins" / "module_utils" / "_publishing"))

from contract.model import CONTRACT, Contract, Output

TYPES: Mapping[str, dict[str, str]] = {
    "string": {"type": "str"},
    "list": {"type": "list", "elements": "str"},
    "map": {"type": "dict"},
    "number": {"type": "float"},
    "bool": {"type": "bool"},
}
FURTHER = ("returned", "sample")


def files(tree: Tree, contract: Contract = CONTRACT) -> Iterator[tuple[str, str]]:
    """The module of every layer."""
    for role in ROLES:
        differences = tree.yaml(differences_path(role))
        path = module_path(differences["module"])
        further = differences.get("outputs", {})
        _check(role, further, contract)
        source = f"the contract and {differences_path(role)}"
        yield path, tree.with_block(path, dump(_returned(contract.of_layer(role), further)), source)


def _check(role: str, further: Mapping[str, Any], contract: Contract) -> None:
    names = {output.name for output in contract.of_layer(role)}
    for name, fields in further.items():
        if name not in names:
            raise StepError(f"{differences_path(role)}: the contract has no output {name} of the layer {role}")
        if set(fields) - set(FURTHER):
            raise StepError(f"{differences_path(role)}: outputs.{name} may have {' and '.join(FURTHER)} only")


def _returned(outputs: Iterable[Output], further: Mapping[str, Any]) -> dict[str, Any]:
    contains = {
        output.name: {"description": output.description, **TYPES[output.type], **further.get(output.name, {})}
        for output in outputs
    }
    return {
        "outputs": {
            "description": "The part of the outputs contract that this layer publishes. "
            "What the deployment does not have is left out.",
            "returned": "success",
            "type": "dict",
            "contains": contains,
        }
    }
