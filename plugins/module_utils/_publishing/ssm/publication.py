# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One publishing call: what is declared, what is published already, and the set that results from both."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._aws.clients import Clients
from ..._engine.identity import Scope
from ..._engine.model import Refused, Resource
from ..._inputs.masking import is_masked
from ..contract.model import CONTRACT, Contract
from ..contract.values import decode
from ..contract.version import COLLECTION_VERSION
from . import compatibility
from . import manifest as manifests
from .entries import MANIFEST, MANIFEST_LAYER, SECURE, Entry, clean_prefix, declared_layers, entries
from .pacing import Pacer
from .reading import Stored, read_parameters, read_tags

PARAMETER, MANIFEST_TYPE = "ssm_parameter", "ssm_manifest"


@dataclass(frozen=True)
class LayeredScope(Scope):
    """A scope whose resources belong to several layers; layers gives the layer of each key."""

    layers: Mapping[str, str] = field(default_factory=dict)

    def tags(self, key: str) -> dict[str, str]:
        return {**super().tags(key), f"{self.prefix}layer": self.layers[key]}


def utc_now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class Publication:
    """Shared by the adapters of one call. resources() reads what is published and fills the other attributes."""

    def __init__(
        self,
        params: Mapping[str, Any],
        clients: Clients,
        tags: Mapping[str, str],
        contract: Contract = CONTRACT,
        now: Callable[[], str] = utc_now,
        warn: Callable[[str], Any] = lambda text: None,
    ):
        self.params = params
        self.clients = clients
        self.contract = contract
        self.pacer = Pacer()
        self.prefix = clean_prefix(params["prefix"])
        self.removing = params["state"] == "absent"
        self.allowed = set(params["allow_changes"])
        self.entries: dict[str, Entry] = (
            {} if self.removing else {entry.path: entry for entry in entries(params, contract)}
        )
        self.stored: dict[str, Stored] = {}
        self.manifest: manifests.Manifest | None = None
        self.document: manifests.Document | None = None
        self.described: dict[str, dict[str, Any]] | None = None
        self.parts: dict[str, manifests.Outputs] = {}
        self._layers: dict[str, str] = {path: entry.layer for path, entry in self.entries.items()}
        self.scope = LayeredScope(params["deployment"], "outputs", params["identity_tag_prefix"], self._layers)
        self._tags = dict(tags)
        self._now = now
        self._warn = warn

    def resources(self) -> list[Resource]:
        """Read what is published and return what is wanted: the parameters, the parts of the manifest, the manifest."""
        self._read()
        self.parts = self._merged()
        if self.parts and (self.params["manifest"] or self.layer_of(MANIFEST) == MANIFEST_LAYER):
            self._make_document()
        wanted = [
            Resource(PARAMETER, entry.path, self._properties(entry), self._tags)
            for entry in self.entries.values()
            if entry.path != MANIFEST
        ]
        if self.document:
            wanted.append(Resource(MANIFEST_TYPE, MANIFEST, {"outputs": self.values(self.parts)}, self._tags))
        return wanted

    def _properties(self, entry: Entry) -> dict[str, Any]:
        return {
            "value": entry.shown,
            "type": entry.type,
            **({"kms_key_id": entry.kms_key_id} if entry.kms_key_id else {}),
        }

    def name(self, path: str) -> str:
        return f"{self.prefix}/{path}"

    def declares(self, layer: str) -> bool:
        """Whether this call declares the part of a layer. Removing without naming layers means all of them."""
        if self.removing and self.params.get("layers") is None:
            return True
        return layer in declared_layers(self.params, self.contract)

    def layer_of(self, path: str) -> str | None:
        """The layer of this deployment that published a parameter, or None where it is absent or not ours."""
        tags = (self.stored[path].tags if path in self.stored else None) or {}
        if tags.get(f"{self.scope.prefix}deployment") != self.scope.deployment:
            return None
        return tags.get(f"{self.scope.prefix}layer")

    def published_values(self, name: str) -> list[Any]:
        """The values of an output that readers can have seen: the manifest's, then the parameter's own."""
        output = self.contract.outputs[name]
        found = []
        if self.manifest and name in self.manifest.outputs:
            found.append(self.manifest.outputs[name]["value"])
        if self.layer_of(output.path) is not None:
            try:
                found.append(decode(output.type, self.stored[output.path].text))
            except ValueError:
                found.append(self.stored[output.path].text)
        return found

    def is_published(self, name: str) -> bool:
        """Whether an output counts as published: the manifest decides, and where there is none the parameter itself.

        Damage does not count.
        """
        if self.manifest:
            return name in self.manifest.outputs and not is_masked(self.manifest.outputs[name]["value"])
        path = self.contract.outputs[name].path
        return self.layer_of(path) is not None and not is_masked(self.stored[path].text)

    @staticmethod
    def values(parts: Mapping[str, manifests.Outputs]) -> dict[str, Any]:
        return {name: item["value"] for name, item in manifests.flat(parts).items()}

    def _read(self) -> None:
        secure = any(entry.type == SECURE for entry in self.entries.values())
        self.stored = read_parameters(self.clients.get("ssm"), self.prefix, decrypt=secure)
        for path in self.stored:
            if path == MANIFEST or path.startswith(f"{MANIFEST}/"):
                self._layers[path] = MANIFEST_LAYER

        def complete(path: str, tags: dict[str, str]) -> bool:
            wanted = {**self._tags, **self.scope.tags(path)} if path in self._layers else {}
            return all(tags.get(name) == value for name, value in wanted.items())

        read_tags(self.clients, self.stored.values(), f"{self.scope.prefix}deployment", self.scope.deployment, complete)
        if self.layer_of(MANIFEST) == MANIFEST_LAYER:
            self._read_manifest()

    def _read_manifest(self) -> None:
        newer = compatibility.newer_writer(self.prefix, self.stored[MANIFEST].text)
        if newer:
            raise Refused(f"Refused, nothing was changed: {newer}")
        try:
            self.manifest = manifests.parse({path: stored.text for path, stored in self.stored.items()})
        except manifests.ManifestDamaged as error:
            self._warn(f"{self.name(MANIFEST)} is damaged ({error}); it is made anew from the published parameters")
            return
        wrote = self.manifest.information["collection_version"]
        if not compatibility.is_version(wrote):
            self._warn(f"{self.name(MANIFEST)} names version {wrote!r}, which is not one; it counts as an older one")

    def _merged(self) -> dict[str, manifests.Outputs]:
        """The outputs by layer after this call: declared layers as declared, others as before but for masked ones."""
        found = self.manifest.parts if self.manifest else self._derived()
        before = {
            layer: {name: item for name, item in outputs.items() if not is_masked(item["value"])}
            for layer, outputs in found.items()
        }
        parts = {layer: outputs for layer, outputs in before.items() if not self.declares(layer)}
        for layer, outputs in before.items():
            if self.declares(layer) and not self.removing and not self.params["purge"]:
                parts[layer] = outputs
        for entry in self.entries.values():
            if entry.name:
                output = self.contract.outputs[entry.name]
                parts.setdefault(output.layer, {})[output.name] = {
                    "type": output.type,
                    "value": self.params["outputs"][output.name],
                }
        return {layer: outputs for layer, outputs in parts.items() if outputs}

    def _derived(self) -> dict[str, manifests.Outputs]:
        """The parts as the parameters have them, for want of a manifest."""
        parts: dict[str, manifests.Outputs] = {}
        for path, stored in self.stored.items():
            output = self.contract.by_path.get(path)
            if output and self.layer_of(path) == output.layer:
                try:
                    value = decode(output.type, stored.text)
                except ValueError:
                    continue
                parts.setdefault(output.layer, {})[output.name] = {"type": output.type, "value": value}
        return parts

    @property
    def _from_older_version(self) -> bool:
        wrote = self.manifest.information["collection_version"] if self.manifest else None
        return compatibility.is_older(wrote, COLLECTION_VERSION)

    def _make_document(self) -> None:
        """The text of the manifest; the present one where it says the same, so that a time alone changes nothing.

        What an older version wrote gets this version, so that the older one knows that it is outdated.
        """
        if self.manifest and self.manifest.parts == self.parts and not self._from_older_version:
            paths = manifests.part_paths(self.stored[MANIFEST].text)
            texts = {path: self.stored[path].text for path in paths}
            self.document = manifests.Document(self.stored[MANIFEST].text, texts, dict(self.manifest.information))
        else:
            commit = self.params.get("source_commit") or ""
            self.document = manifests.build(self.parts, self.manifest, self.scope.deployment, commit, self._now())
        for path, text in {**self.document.parts, MANIFEST: self.document.text}.items():
            self._layers[path] = MANIFEST_LAYER
            description = "The complete set of published outputs" if path == MANIFEST else "A part of the manifest"
            self.entries[path] = Entry(path, MANIFEST_LAYER, "String", text, "", "", description)
