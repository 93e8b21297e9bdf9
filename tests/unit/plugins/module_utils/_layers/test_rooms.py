# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every layer has the same rooms, and what is in them is called in the same way."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers import rooms
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import CONTRACT

ROOT = Path(__file__).resolve().parents[5]
LAYERS = "ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers"
FUNCTIONS = {
    "adapters": rooms.Adapters.adapters,
    "checks": rooms.Checks.problems,
    "desired": rooms.Desired.resources,
    "names": rooms.Names.wanted,
    "outputs": rooms.Outputs.outputs,
}
MAIN = """def main() -> None:
    run_layer("{layer}", arguments, checks, desired, adapters, outputs)


if __name__ == "__main__":
    main()
"""


def form(function, skipped=0):
    signature = inspect.signature(function)
    return (
        [(item.name, item.annotation, item.default) for item in signature.parameters.values()][skipped:],
        signature.return_annotation,
    )


def test_the_layers_are_those_of_the_contract():
    folders = (ROOT / "plugins" / "module_utils" / "_layers").iterdir()
    assert {path.parent.name for folder in folders for path in folder.glob("desired.py")} == set(CONTRACT.layers)


@pytest.mark.parametrize("room", FUNCTIONS)
@pytest.mark.parametrize("layer", CONTRACT.layers)
def test_every_layer_has_the_room_with_the_same_signature(layer, room):
    wanted = FUNCTIONS[room]
    module = importlib.import_module(f"{LAYERS}.{layer}.{room}")
    assert form(getattr(module, wanted.__name__)) == form(wanted, skipped=1)


@pytest.mark.parametrize("layer", CONTRACT.layers)
def test_every_layer_has_its_argument_spec_in_a_room(layer):
    arguments = importlib.import_module(f"{LAYERS}.{layer}.arguments")
    assert all(isinstance(option, dict) and option["type"] for option in arguments.ARGUMENTS.values())
    assert isinstance(arguments.SETTINGS, dict)


@pytest.mark.parametrize("layer", CONTRACT.layers)
def test_the_module_of_a_layer_only_hands_over_its_rooms(layer):
    name = yaml.safe_load((ROOT / "roles" / layer / "meta" / "options.yml").read_text())["module"]
    text = (ROOT / "plugins" / "modules" / f"{name}.py").read_text()
    assert text.endswith(MAIN.format(layer=layer))
    assert "ARGUMENTS" not in text
