# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The contract as objects: outputs by name, by path and by layer."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .declarations import OUTPUTS

TYPES = ("string", "list", "map", "number", "bool")


@dataclass(frozen=True)
class Output:
    """One entry of the contract; see declarations.py for the meaning of the fields."""

    name: str
    path: str
    type: str
    layer: str
    description: str
    since: str
    identity: bool = False
    deprecated: Mapping[str, str] | None = None

    @property
    def deprecation(self) -> str:
        """What readers are told of a deprecated output, or an empty text."""
        if not self.deprecated:
            return ""
        replacement = self.deprecated.get("replacement")
        text = (
            f"output {self.name} is deprecated since {self.deprecated['since']} and goes with "
            f"{self.deprecated['removal']}"
        )
        return f"{text}; use {replacement}" if replacement else text


class Contract:
    """All outputs. Tests make contracts of their own; everything else uses CONTRACT."""

    def __init__(self, declarations: Iterable[Mapping[str, Any]]):
        outputs = [Output(**declaration) for declaration in declarations]
        self.outputs: dict[str, Output] = {output.name: output for output in outputs}
        self.by_path: dict[str, Output] = {output.path: output for output in outputs}
        if not len(outputs) == len(self.outputs) == len(self.by_path):
            raise ValueError("names and paths of the contract are unique")

    @property
    def layers(self) -> list[str]:
        """The layers in the order in which the contract first names them."""
        return list(dict.fromkeys(output.layer for output in self.outputs.values()))

    def of_layer(self, layer: str) -> list[Output]:
        return [output for output in self.outputs.values() if output.layer == layer]


CONTRACT = Contract(OUTPUTS)


def closest(name: str, candidates: Iterable[str]) -> str:
    """The candidate that is most like a name, or an empty text where none is."""
    return next(iter(difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.5)), "")


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """ "did you mean x?", or the list of what is allowed."""
    candidates = sorted(candidates)
    match = closest(name, candidates)
    return f"did you mean {match}?" if match else f"there are {', '.join(candidates) or 'none'}"
