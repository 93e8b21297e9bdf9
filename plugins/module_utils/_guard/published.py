# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a deployment has published so far, by layer, from one reading of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._inputs.masking import is_masked
from .._publishing.contract.model import CONTRACT
from .._publishing.contract.values import decode
from .._publishing.ssm.manifest import ManifestDamaged, parse
from .._publishing.ssm.reading import Stored

Layers = dict[str, dict[str, Any]]
"""Outputs by layer and name."""


def published_outputs(stored: Mapping[str, Stored]) -> Layers:
    """Each parameter as it stands; what the contract does not know or cannot read, or Ansible has masked, is left out.

    For a run that publishes only what changed.
    """
    found: Layers = {}
    for path, item in stored.items():
        output = CONTRACT.by_path.get(path)
        if output is not None and not is_masked(item.text):
            try:
                found.setdefault(output.layer, {})[output.name] = decode(output.type, item.text)
            except ValueError:
                continue  # the publisher will refuse or mend it
    return found


def published_set(stored: Mapping[str, Stored]) -> Layers:
    """The set that was published last as a whole, for layers that build on it; single parameters where there is none.

    A publisher that was killed leaves a mixture in the parameters.
    """
    try:
        parts = parse({path: item.text for path, item in stored.items()}).parts
    except ManifestDamaged:
        return published_outputs(stored)
    return {
        layer: {name: item["value"] for name, item in outputs.items() if not is_masked(item["value"])}
        for layer, outputs in parts.items()
    }
