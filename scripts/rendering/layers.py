"""What is made of the list of layers: the entries, the regular part of the wiring, choices and defaults of options."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from common import ROOT

from .tree import Tree
from .yaml_text import dump

sys.path.insert(0, str(ROOT / "plugins" / "module_utils" / "_publishing"))

from contract.layers import DEFAULT_LAYERS, LAYER_NAMES, LAYERS, Layer

SOURCE = "plugins/module_utils/_publishing/contract/layers.py"
HEAD = f"---\n# Rendered by make render from {SOURCE}; do not edit."
WIRING = "roles/wiring/vars/main.yml"
PUBLISHER = "outputs"
# The variables of a layer's role that the playbooks set from one of the inventory's.
SET_FOR_ALL: Mapping[str, tuple[str, str]] = {
    "deployment": ("shared_infrastructure_deployment", "{{ shared_infrastructure_deployment }}"),
    "identity_tag_prefix": ("shared_infrastructure_identity_tag_prefix", "{{ __identity_tag_prefix }}"),
    "tags": ("shared_infrastructure_tags", "{{ __tags }}"),
    "allow_changes": ("shared_infrastructure_allow_changes", "{{ __allow_changes }}"),
}
# An inventory may name a key of a single layer, and an empty one means the key of the deployment.
KEY_OF_LAYER = (
    "{{ hostvars[inventory_hostname].NAME or __kms_key_arn if 'NAME' in hostvars[inventory_hostname] "
    "else __kms_key_arn }}"
)
# Files with an option whose choices are the layers, and whether its default is all of them or those of a deployment
# that names none.
CHOICES: Mapping[str, Sequence[str]] = {
    "playbooks/parts/argument_specs.yml": DEFAULT_LAYERS,
    "plugins/modules/project_files.py": DEFAULT_LAYERS,
    "roles/new_project/meta/argument_specs.yml": DEFAULT_LAYERS,
    "roles/outputs/meta/argument_specs.yml": LAYER_NAMES,
}

# The role that loads what is published loads every layer by default.
LOADED = "roles/outputs/defaults/main.yml"


def files(tree: Tree) -> Iterator[tuple[str, str]]:
    yield "playbooks/site.yml", _site()
    for layer in LAYERS:
        yield f"playbooks/{layer.name}.yml", _entry(layer)
    yield WIRING, tree.with_blocks(WIRING, _wiring(), SOURCE)
    for path, default in CHOICES.items():
        lines = [f"choices: {_flow(LAYER_NAMES)}", f"default: {_flow(default)}"]
        yield path, tree.with_blocks(path, lines, SOURCE)
    yield LOADED, tree.with_blocks(LOADED, [f"outputs_load_layers: {_flow(LAYER_NAMES)}"], SOURCE)


def _flow(names: Sequence[str]) -> str:
    return f"[{', '.join(names)}]"


def _site() -> str:
    comment = (
        "# The whole foundation: guards, then the plan of every layer; where nothing is refused, the layers that have\n"
        "# something to do, each published as soon as it is built."
    )
    return "\n".join([HEAD, comment, *_plays(LAYERS)]) + "\n"


def _entry(layer: Layer) -> str:
    comment = f"# The {layer.name} layer alone; what it needs of other layers comes out of the published outputs."
    return "\n".join([HEAD, comment, *_plays([layer])]) + "\n"


def _plays(layers: Sequence[Layer]) -> Iterator[str]:
    everywhere = [*LAYER_NAMES, PUBLISHER]
    yield from _import("Guard", "guard")
    for layer in layers:
        yield from _import(f"Plan {layer.title}", "plan_layer", [layer.name], layer)
    yield from _import("Plan what is published", "plan_publishing", everywhere)
    yield from _import("Refuse before the first write", "refuse", everywhere)
    for layer in layers:
        yield from _import(layer.title, "layer", [layer.name], layer)
    yield from _import("Publish", "publish", everywhere)


def _import(name: str, part: str, tags: Sequence[str] = (), layer: Layer | None = None) -> Iterator[str]:
    if part != "guard":
        yield ""
    yield f"- name: {name}"
    yield f"  ansible.builtin.import_playbook: parts/{part}.yml"
    if layer is not None:
        yield "  vars:"
        yield f"    __layer: {layer.name}"
    if tags:
        yield f"  tags: {_flow(tags)}"


def _wiring() -> list[str]:
    values: dict[str, Any] = {"__all_layers": list(LAYER_NAMES), "__default_layers": list(DEFAULT_LAYERS)}
    for layer in LAYERS:
        for option, (_variable, value) in SET_FOR_ALL.items():
            values[f"{layer.name}_{option}"] = value
        values[f"{layer.name}_published_outputs"] = f"{{{{ __published.{layer.name} | default({{}}) }}}}"
        for option, output in layer.takes.items():
            if output == "kms_key_arn":
                values[f"{layer.name}_{option}"] = KEY_OF_LAYER.replace("NAME", f"{layer.name}_{option}")
    values["__handed_back"] = {
        name: f"{{{{ {name}_outputs | default(__published_set.{name}) | default({{}}) }}}}" for name in LAYER_NAMES
    }
    values["__results"] = {name: f"{{{{ __{name}_result | default({{}}) }}}}" for name in LAYER_NAMES}
    values["__outstanding"] = {
        name: f"{{{{ (__{name}_result | default({{}})).outstanding | default(true) }}}}" for name in LAYER_NAMES
    }
    values["__set_for_all_layers"] = {
        variable: [f"{name}_{option}" for name in (*LAYER_NAMES, PUBLISHER)]
        for option, (variable, _value) in SET_FOR_ALL.items()
    }
    return dump(values)
