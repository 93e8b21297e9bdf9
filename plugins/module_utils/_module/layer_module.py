# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A set module that builds a layer, and does not take away what consumers hold of it."""

from __future__ import annotations

from typing import Any

from .._engine.model import Refused
from .._layers.rooms import Adapters, Arguments, Checks, Desired, Outputs
from .._publishing.contract.protection import losses
from .set_module import SetModule

LAYER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "published_outputs": {"type": "dict", "default": {}},
    "allow_changes": {"type": "list", "elements": "str", "default": []},
}
"""Documented in the fragment connectly.shared_infrastructure.layer."""


class LayerModule(SetModule):
    """Publishing refuses to take an output away, but by then the resource is gone: refuse it before the first write."""

    def __init__(self, layer: str, argument_spec: dict[str, Any], **settings: Any):
        super().__init__(layer, {**LAYER_ARGUMENTS, **argument_spec}, **settings)

    def before_apply(self, planned: dict[str, Any]) -> None:
        lines = losses(self.params["published_outputs"], planned, self.params["allow_changes"])
        if lines:
            raise Refused("Refused, nothing was changed: " + " | ".join(lines))


def run_layer(
    layer: str, arguments: Arguments, checks: Checks, desired: Desired, adapters: Adapters, outputs: Outputs
) -> None:
    """The whole of a layer's module, from its rooms."""
    module = LayerModule(layer, arguments.ARGUMENTS, **arguments.SETTINGS)
    params = {**module.params, "region": module.clients.region}
    module.check(list(checks.problems(params)))
    module.run(
        adapters.adapters(module.clients, module.scope, params),
        lambda: desired.resources(params, module.tags, module.clients),
        outputs.outputs,
    )
