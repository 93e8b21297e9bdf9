# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The manifest as a resource of the engine: written after every value, and removed before the first one goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..._engine.adapter import Found
from ..._engine.model import Difference, Existing, Resource
from ..._inputs.masking import is_masked
from ..contract import protection
from .entries import MANIFEST, MANIFEST_LAYER
from .manifest import Outputs, flat
from .parameter import ParameterAdapter
from .publication import MANIFEST_TYPE, PARAMETER
from .reading import Stored


class ManifestParameterAdapter(ParameterAdapter):
    type = MANIFEST_TYPE
    after = (PARAMETER,)  # written after every value, and removed before the first one goes

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        stored = self.publication.stored.get(MANIFEST)
        if stored is None:
            return []
        existing = self._existing(stored, MANIFEST)
        if self.publication.layer_of(MANIFEST) != MANIFEST_LAYER:
            existing.key = MANIFEST if wanted else None
            existing.owned = False
            existing.reason = f"exists, but {self.scope.owner_of(stored.tags or {})}; not taken over"
        return [existing]

    def _existing(self, stored: Stored, key: str | None) -> Existing:
        manifest, document = self.publication.manifest, self.publication.document
        parts: Mapping[str, Outputs] = {}
        information: Mapping[str, Any] = {}
        if document is not None and stored.text == document.text:
            parts, information = self.publication.parts, document.information
        elif manifest is not None:
            parts, information = manifest.parts, manifest.information
        attributes: dict[str, Any] = {"version": stored.version, **information}
        return Existing(
            self.type,
            key,
            stored.name,
            {"outputs": self.publication.values(parts)},
            dict(stored.tags or {}),
            attributes,
            raw=stored,
        )

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        publication = self.publication
        if publication.manifest is None:
            return [Difference("manifest", "damaged", "complete")]
        before, after = publication.manifest.outputs, flat(publication.parts)
        found = []
        for name in sorted({*before, *after}):
            old, new = before.get(name), after.get(name)
            if old and new and old["type"] != new["type"]:
                found.append(
                    Difference(
                        f"types.{name}", old["type"], new["type"], protection.type_changes(name, publication.allowed)
                    )
                )
            if old != new:
                refusal = self._refusal(name, old, after)
                found.append(Difference(f"outputs.{name}", old and old["value"], new and new["value"], refusal))
        return [*found, *self._version_difference(publication.manifest.information)]

    def _version_difference(self, before: Mapping[str, Any]) -> Iterator[Difference]:
        """What readers are told of the publisher; alone where a newer version publishes what is published already."""
        document = self.publication.document
        name = "collection_version"
        if document is not None and document.information[name] != before[name]:
            yield Difference(name, before[name], document.information[name])

    def _refusal(self, name: str, old: dict[str, Any] | None, after: Outputs) -> str:
        """Why an output must not change here. Where its parameter exists, the parameter's own action says so."""
        publication = self.publication
        output = publication.contract.outputs.get(name)
        if (
            old is None
            or is_masked(old["value"])
            or publication.removing
            or (output and publication.layer_of(output.path) is not None)
        ):
            return ""
        if name not in after:
            return protection.disappears(name, publication.allowed)
        return protection.replaced(output, [old["value"]], after[name]["value"], publication.allowed) if output else ""

    def refuse_delete(self, existing: Existing) -> str:
        """Without any output there is no manifest; what disappears with it and has no parameter is refused here."""
        publication = self.publication
        if publication.manifest is None or publication.removing:
            return ""
        return "; ".join(
            filter(None, (self._refusal(name, old, {}) for name, old in publication.manifest.outputs.items()))
        )
