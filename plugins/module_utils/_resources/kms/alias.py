# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""KMS aliases. An alias has no tags: it is ours when the key behind it is."""

from __future__ import annotations

from collections.abc import Sequence

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import Difference, Existing, Resource
from .key import key_tags
from .settling import permitted, settled


class AliasAdapter(AwsAdapter):
    type = "kms_alias"
    after = ("kms_key",)  # it is the name of a key
    reads = ("kms_key",)
    taggable = False

    def __init__(self, clients: Clients, scope: Scope, alias: str = ""):
        """alias, with its prefix alias/, is needed to observe."""
        super().__init__(clients, scope)
        self._name = alias

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        ours = {key.id for key in found["kms_key"] if key.key is not None}
        aliases = self.clients.get("kms").get_paginator("list_aliases").paginate()
        result = []
        for entry in (entry for page in aliases for entry in page["Aliases"]):
            target = entry.get("TargetKeyId")
            if entry["AliasName"] != self._name:
                continue
            key = wanted[0].key if wanted else "main"
            reason = (
                ""
                if target in ours
                else f"exists and points to key {target}, which is not of this deployment; not taken over"
            )
            if wanted or target in ours:
                result.append(
                    Existing(
                        self.type,
                        key,
                        entry["AliasName"],
                        {"name": entry["AliasName"], "key_id": target},
                        owned=target in ours,
                        reason=reason,
                    )
                )
        return result

    def tags_of_name(self, name: str) -> dict[str, str] | None:
        """Those of the key behind the alias."""
        kms = self.clients.get("kms")
        return key_tags(kms, kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"])

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties, kms = dict(wanted.properties), self.clients.get("kms")
        try:
            permitted(
                kms,
                properties["key_id"],
                kms.create_alias,
                AliasName=properties["name"],
                TargetKeyId=properties["key_id"],
            )
        except ClientError as error:
            if error_code(error) != "AlreadyExistsException":
                raise
            # A retry of botocore after a lost answer meets its own alias; one on another key is left alone.
            if settled(kms.describe_key, KeyId=properties["name"])["KeyMetadata"]["KeyId"] != properties["key_id"]:
                raise
        return Existing(self.type, wanted.key, properties["name"], properties)

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        settled(self.clients.get("kms").update_alias, AliasName=existing.id, TargetKeyId=wanted.properties["key_id"])
        existing.properties.update(wanted.properties)
        return existing

    def delete(self, existing: Existing) -> None:
        self.clients.get("kms").delete_alias(AliasName=existing.id)
