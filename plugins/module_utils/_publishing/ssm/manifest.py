# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The manifest: one parameter that holds a complete published set, so that overwriting it replaces the old set by
the new
one at once.

The outputs stand under fixed paths and are written one by one; a publisher that is killed leaves a mixture there. The
manifest is written after them, in one call, and carries the values themselves. Whoever reads it has a complete old set
or a complete new one.

Its text is JSON: format, contract_version, collection_version, deployment, published_at (UTC), source_commit, digest,
and layers (by layer: published_at, source_commit, collection_version, and outputs by name, each with type and value).
Where that is more than a parameter holds, "layers" is left out for parts {"generation", "count"}, and the JSON text of
layers is the joined values of manifest/<generation>/0, 1, ... A generation is named for its content and never changes,
so the head still switches all at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..contract.values import canonical_json, encode
from ..contract.version import COLLECTION_VERSION, CONTRACT_VERSION
from .entries import ADVANCED_BYTES, MANIFEST, STANDARD_BYTES

FORMAT = 1
INFORMATION = ("contract_version", "collection_version", "deployment", "published_at", "source_commit", "digest")

Outputs = dict[str, dict[str, Any]]
"""By output name: {"type": "list", "value": ["subnet-1", "subnet-2"]}."""


class ManifestDamaged(Exception):
    """The manifest cannot be read as one complete set."""


@dataclass(frozen=True)
class Manifest:
    """A complete set. parts holds the outputs by layer, information what readers are told about the set."""

    parts: Mapping[str, Outputs]
    information: Mapping[str, Any] = field(default_factory=dict)
    layers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def outputs(self) -> Outputs:
        return flat(self.parts)


@dataclass(frozen=True)
class Document:
    """What is to be written: the text of the manifest, and the texts of its parts by path below the prefix."""

    text: str
    parts: dict[str, str]
    information: dict[str, Any]


def flat(parts: Mapping[str, Outputs]) -> Outputs:
    """The outputs of all layers."""
    return {name: item for outputs in parts.values() for name, item in outputs.items()}


def digest(outputs: Outputs) -> str:
    """sha256 over the canonical JSON of the texts by output name, as they stand in SSM."""
    texts = {name: encode(item["type"], item["value"]) for name, item in outputs.items()}
    return "sha256:" + hashlib.sha256(canonical_json(texts).encode()).hexdigest()


def build(
    parts: Mapping[str, Outputs], before: Manifest | None, deployment: str, source_commit: str, now: str
) -> Document:
    """The manifest of these parts. What is as before, layers and the whole set, keeps its time and commit."""
    layers = {}
    for layer, outputs in sorted(parts.items()):
        same = before is not None and before.parts.get(layer) == outputs
        facts = {"published_at": now, "source_commit": source_commit, "collection_version": COLLECTION_VERSION}
        layers[layer] = dict(before.layers[layer]) if before is not None and same else {**facts, "outputs": outputs}
    if before is not None and before.parts == parts:
        now = before.information.get("published_at") or now
        source_commit = before.information.get("source_commit") or ""
    information = {
        "contract_version": CONTRACT_VERSION,
        "collection_version": COLLECTION_VERSION,
        "deployment": deployment,
        "published_at": now,
        "source_commit": source_commit,
        "digest": digest(flat(parts)),
    }
    head = {"format": FORMAT, **information}
    text = canonical_json({**head, "layers": layers})
    if len(text) <= ADVANCED_BYTES:
        return Document(text, {}, information)
    whole = canonical_json(layers)
    generation = hashlib.sha256(whole.encode()).hexdigest()[:16]
    pieces = _pieces(whole)
    text = canonical_json({**head, "parts": {"generation": generation, "count": len(pieces)}})
    return Document(
        text, {f"{MANIFEST}/{generation}/{number}": piece for number, piece in enumerate(pieces)}, information
    )


def _pieces(text: str) -> list[str]:
    """Pieces of an ASCII text that fit the standard tier.

    None begins or ends with a space, which a client might trim.
    """
    pieces = []
    while text:
        end = min(STANDARD_BYTES, len(text))
        while end < len(text) and (text[end - 1] == " " or text[end] == " "):
            end -= 1
        pieces.append(text[:end])
        text = text[end:]
    return pieces


def part_paths(text: str) -> list[str]:
    """The paths of the parameters that this manifest needs beside itself. Raises ManifestDamaged."""
    parts = read_object(text).get("parts")
    if parts is None:
        return []
    try:
        return [f"{MANIFEST}/{parts['generation']}/{number}" for number in range(int(parts["count"]))]
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestDamaged("its list of parts cannot be read") from error


def parse(texts: Mapping[str, str]) -> Manifest:
    """The manifest out of the texts of parameters by path. Raises ManifestDamaged, KeyError is never raised."""
    text = texts.get(MANIFEST, "")
    head = read_object(text)
    paths = part_paths(text)
    if any(path not in texts for path in paths):
        raise ManifestDamaged("one of its parts is missing")
    layers: Any = read_object("".join(texts[path] for path in paths)) if paths else head.get("layers")
    try:
        parts = {layer: dict(part["outputs"]) for layer, part in layers.items()}
        found = digest(flat(parts))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ManifestDamaged("it is not in a form that this version knows") from error
    if found != head.get("digest"):
        raise ManifestDamaged("its digest is not that of its values")
    return Manifest(parts, {name: head.get(name) for name in INFORMATION}, layers)


def read_object(text: str) -> dict[str, Any]:
    """The JSON object of a text, of whatever format. Raises ManifestDamaged."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestDamaged("it is not JSON") from error
    if not isinstance(value, dict):
        raise ManifestDamaged("it is not a JSON object")
    return value
