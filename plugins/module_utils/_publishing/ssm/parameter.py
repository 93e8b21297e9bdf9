# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SSM parameters as resources of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.creating import create_once
from ..._aws.errors import ClientError, error_code
from ..._aws.retrying import retried
from ..._aws.tags import tag_list
from ..._engine.adapter import Found
from ..._engine.model import Difference, Existing, Resource
from ..._inputs.masking import is_masked
from ..contract import protection
from .entries import HIDDEN, MANIFEST, MANIFEST_LAYER, SECURE, Entry
from .publication import PARAMETER, Publication
from .reading import Stored, parameter_tags

CHANGED = "(hidden, differs)"
FORGOTTEN_SECONDS = 60.0
"""For so long SSM may still know a deleted parameter (API reference, DeleteParameter: wait for at least 30 seconds
before the name is used again).
"""


class ParameterAdapter(AwsAdapter):
    """The values under their fixed paths. The key is the path below the prefix, the id the whole name."""

    type = PARAMETER

    def __init__(self, publication: Publication):
        super().__init__(publication.clients, publication.scope)
        self.publication = publication

    # What exists -------------------------------------------------------------------------------------------------

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        keys = {resource.key for resource in wanted}
        existing = [
            self._place(stored, keys) for path, stored in sorted(self.publication.stored.items()) if path != MANIFEST
        ]
        return [item for item in existing if item is not None]

    def _place(self, stored: Stored, wanted: set[str]) -> Existing | None:
        """Ours, in the way of ours, foreign, or None for what other layers of ours published."""
        publication = self.publication
        layer = publication.layer_of(stored.path)
        existing = self._existing(stored, stored.path)
        if stored.path in wanted:
            if layer != publication.entries[stored.path].layer:
                existing.owned = False
                existing.reason = f"exists, but {self.scope.owner_of(stored.tags or {})}; not taken over"
            return existing
        if layer is None:
            existing.key = None
            return existing
        if layer == MANIFEST_LAYER:
            return existing  # a part that no manifest names any more
        if not publication.declares(layer):
            return None
        if not publication.params["purge"] and not publication.removing:
            existing.key = None
            existing.reason = "ours, but no longer declared; kept, since purge is off"
        return existing

    def _existing(self, stored: Stored, key: str | None) -> Existing:
        secret = stored.type == SECURE
        properties: dict[str, Any] = {"value": HIDDEN if secret else stored.text, "type": stored.type}
        return Existing(
            self.type, key, stored.name, properties, dict(stored.tags or {}), {"version": stored.version}, raw=stored
        )

    # What differs ------------------------------------------------------------------------------------------------

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        entry, stored = self.publication.entries[wanted.key], existing.raw
        found = []
        if entry.type != stored.type:
            found.append(Difference("type", stored.type, entry.type, self._type_refusal(entry)))
        if entry.text != stored.text:
            old, new = (HIDDEN, CHANGED) if SECURE in (entry.type, stored.type) else (stored.text, entry.text)
            found.append(Difference("value", old, new, self._value_refusal(entry, stored)))
        if entry.kms_key_id:
            before = self._described().get(existing.id, {}).get("KeyId", "")
            if before != entry.kms_key_id:
                found.append(Difference("kms_key_id", before, entry.kms_key_id))
        return found

    def _type_refusal(self, entry: Entry) -> str:
        return protection.type_changes(entry.name or entry.path, self.publication.allowed)

    def _value_refusal(self, entry: Entry, stored: Stored) -> str:
        publication = self.publication
        if not publication.params["overwrite"] and not is_masked(stored.text):
            return "overwrite is off"
        if not entry.name:
            return ""
        output = publication.contract.outputs[entry.name]
        return protection.replaced(
            output,
            publication.published_values(entry.name),
            publication.params["outputs"][entry.name],
            publication.allowed,
        )

    def refuse_delete(self, existing: Existing) -> str:
        publication = self.publication
        output = publication.contract.by_path.get(str(existing.key))
        if output is None or publication.removing or not publication.is_published(output.name):
            return ""
        return protection.disappears(output.name, publication.allowed)

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        entry = self.publication.entries[wanted.key]
        name = self.publication.name(entry.path)
        client = self.clients.once("ssm")
        arguments = {
            **self._arguments(entry),
            "Tier": entry.tier,
            "Tags": tag_list(tags),
        }
        version = create_once(
            lambda: self.publication.pacer.run(lambda: client.put_parameter(**arguments))["Version"],
            lambda: self._find(name, entry.type, tags),
        )
        return self._written(entry, tags, version)

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        entry = self.publication.entries[wanted.key]
        if existing.raw.type != entry.type:
            # An overwrite cannot change the type; allow_changes has named this one.
            self.delete(existing)
            return retried(lambda: self.create(wanted, existing.tags), _is_not_forgotten, FORGOTTEN_SECONDS)
        tier = (
            "Advanced" if self._described().get(existing.id, {}).get("Tier") == "Advanced" else entry.tier
        )  # there is no way back
        client = self.clients.get("ssm")
        version = self.publication.pacer.run(
            lambda: client.put_parameter(**self._arguments(entry), Tier=tier, Overwrite=True)
        )["Version"]
        return self._written(entry, existing.tags, version)

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        client = self.clients.get("ssm")
        listed = tag_list(tags)
        self.publication.pacer.run(
            lambda: client.add_tags_to_resource(ResourceType="Parameter", ResourceId=existing.id, Tags=listed)
        )

    def delete(self, existing: Existing) -> None:
        client = self.clients.get("ssm")
        try:
            self.publication.pacer.run(lambda: client.delete_parameter(Name=existing.id))
        except ClientError as error:
            if error_code(error) != "ParameterNotFound":
                raise

    def _arguments(self, entry: Entry) -> dict[str, Any]:
        optional = {"KeyId": entry.kms_key_id, "Description": entry.description}
        given = {name: value for name, value in optional.items() if value}
        return {"Name": self.publication.name(entry.path), "Value": entry.text, "Type": entry.type, **given}

    def _written(self, entry: Entry, tags: dict[str, str], version: int) -> Existing:
        stored = Stored(entry.path, self.publication.name(entry.path), entry.type, entry.text, version, 0.0, dict(tags))
        return self._existing(stored, entry.path)

    def _find(self, name: str, type_: str, tags: dict[str, str]) -> int | None:
        """The version of a parameter that a lost answer may have created, known by its type and the tags that it was
        created with.

        One that was deleted for its type, and is still shown, has the same tags.
        """
        client = self.clients.get("ssm")
        try:
            parameter = client.get_parameter(Name=name)["Parameter"]
        except ClientError as error:
            if error_code(error) == "ParameterNotFound":
                return None
            raise
        if parameter["Type"] != type_:
            return None
        found = parameter_tags(client, name)
        return parameter["Version"] if all(found.get(key) == value for key, value in tags.items()) else None

    def _described(self) -> dict[str, dict[str, Any]]:
        """Tier and key by name, asked once, and only when something is overwritten or a key compared."""
        if self.publication.described is None:
            pages = (
                self.clients.get("ssm")
                .get_paginator("describe_parameters")
                .paginate(
                    ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [self.publication.prefix]}]
                )
            )
            self.publication.described = {item["Name"]: item for page in pages for item in page["Parameters"]}
        return self.publication.described


def _is_not_forgotten(error: Exception) -> bool:
    return error_code(error) in ("ParameterAlreadyExists", "ParameterNotFound")
