# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a deployment has published so far, by layer, from one reading of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._inputs.masking import is_masked
from .._publishing.contract.model import CONTRACT
from .._publishing.contract.values import decode
from .._publishing.ssm.compatibility import newer_writer
from .._publishing.ssm.entries import MANIFEST, clean_prefix
from .._publishing.ssm.manifest import ManifestDamaged, parse
from .._publishing.ssm.reading import Stored, read_parameters

Layers = dict[str, dict[str, Any]]
"""Outputs by layer and name."""


@dataclass(frozen=True)
class Published:
    """single is each parameter as it stands, for a run that publishes only what changed; whole is the set that was
    published last, for layers that build on it: a publisher that was killed leaves a mixture in the parameters. newer
    is why this version of the collection must not write beside them, or nothing.
    """

    single: Layers = field(default_factory=dict)
    whole: Layers = field(default_factory=dict)
    newer: str = ""


def read_published(ssm: Any, prefix: str) -> Published:
    prefix = clean_prefix(prefix)
    stored = read_parameters(ssm, prefix)
    single = _single(stored)
    manifest = stored.get(MANIFEST)
    if manifest is None:
        return Published(single, single)
    return Published(single, _whole(stored) or single, newer_writer(prefix, manifest.text))


def _single(stored: Mapping[str, Stored]) -> Layers:
    """What the contract does not know or cannot read, or Ansible has masked, is left out."""
    found: Layers = {}
    for path, item in stored.items():
        output = CONTRACT.by_path.get(path)
        if output is not None and not is_masked(item.text):
            try:
                found.setdefault(output.layer, {})[output.name] = decode(output.type, item.text)
            except ValueError:
                continue  # the publisher will refuse or mend it
    return found


def _whole(stored: Mapping[str, Stored]) -> Layers:
    """The manifest's set; empty where it is damaged, so that the publisher can repair it."""
    try:
        parts = parse({path: item.text for path, item in stored.items()}).parts
    except ManifestDamaged:
        return {}
    return {
        layer: {name: item["value"] for name, item in outputs.items() if not is_masked(item["value"])}
        for layer, outputs in parts.items()
    }
