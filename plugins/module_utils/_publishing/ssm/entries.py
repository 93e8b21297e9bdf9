# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a publisher declares, as parameters: the contract's outputs, and the caller's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.model import CONTRACT, Contract
from ..contract.values import encode, ssm_type

MANIFEST_LAYER = "outputs"
"""The layer of the manifest, which is no single layer's."""
MANIFEST = "manifest"
"""The path of the manifest below the prefix; its parts stand below it."""
HIDDEN = "(hidden)"
SECURE = "SecureString"
STANDARD_BYTES = 4096
ADVANCED_BYTES = 8192


@dataclass(frozen=True)
class Entry:
    """One parameter as it shall be; path is below the prefix, name the output's or empty for the caller's own."""

    path: str
    layer: str
    type: str
    text: str
    name: str = ""
    kms_key_id: str = ""
    description: str = ""

    @property
    def tier(self) -> str:
        return "Advanced" if len(self.text.encode()) > STANDARD_BYTES else "Standard"

    @property
    def shown(self) -> str:
        """The value as plans and results may show it."""
        return HIDDEN if self.type == SECURE else self.text


def clean_prefix(prefix: str) -> str:
    """A prefix without the slash that AWS's own examples like to end it with."""
    return prefix.rstrip("/")


def declared_layers(params: Mapping[str, Any], contract: Contract = CONTRACT) -> list[str]:
    """The layers whose part a call declares: those that it names, or else those of what it publishes."""
    if params.get("layers") is not None:
        return list(params["layers"])
    of_outputs = [contract.outputs[name].layer for name in params["outputs"] if name in contract.outputs]
    return list(dict.fromkeys([*of_outputs, *(item["layer"] for item in params["parameters"])]))


def entries(params: Mapping[str, Any], contract: Contract = CONTRACT) -> list[Entry]:
    """The entries of checked params (see checks.py): the outputs in the contract's order, then the parameters."""
    outputs = params["outputs"]
    result = [
        Entry(
            output.path,
            output.layer,
            ssm_type(output.type),
            encode(output.type, outputs[name]),
            name,
            "",
            output.description,
        )
        for name, output in contract.outputs.items()
        if name in outputs
    ]
    result.extend(
        Entry(
            item["path"],
            item["layer"],
            item["type"],
            text_of(item),
            "",
            item.get("kms_key_id") or "",
            item.get("description") or "",
        )
        for item in params["parameters"]
    )
    return result


def text_of(parameter: Mapping[str, Any]) -> str:
    """The text of a parameter of the caller's own."""
    value = parameter.get("secret_value") if parameter["type"] == SECURE else parameter.get("value")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(str(item) for item in value)
    return "" if value is None else str(value)
