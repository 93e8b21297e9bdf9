# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""KMS keys, found by their identity tags: the alias comes only after the creation, and would miss one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.creating import create_once
from ..._aws.errors import ClientError, error_code, is_access_denied, is_not_found
from ..._aws.policies import is_ours, same_document
from ..._aws.tags import KMS, tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import Difference, Existing, Resource
from .settling import INVALID_STATE, permitted, settled

ENABLED, PENDING_DELETION = "Enabled", "PendingDeletion"
DEFAULT_ROTATION_PERIOD_DAYS = 365
"""What AWS uses where no period was ever set (KMS API reference, EnableKeyRotation)."""


class KeyAdapter(AwsAdapter):
    type = "kms_key"
    id_pattern = "{}"
    attribute_patterns = {"arn": "arn:aws:kms:::key/{}"}
    undeclared = "report"
    tagged_as = "kms:key"  # behind an alias there is one key, and the listing looks no further
    untag_command = "kms untag-resource --key-id {id} --tag-keys {tag_keys}"
    delete_command = "kms schedule-key-deletion --key-id {id}"

    def __init__(self, clients: Clients, scope: Scope, alias: str, deletion_window_days: int):
        super().__init__(clients, scope)
        self._alias = alias
        self._deletion_window_days = deletion_window_days

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        keys = self._keys(wanted)
        pairs = [(key, resource) for key in keys for resource in wanted if resource.key == key.key]
        return [*keys, *(foreign for pair in pairs for foreign in self._foreign(*pair))]

    def _foreign(self, key: Existing, wanted: Resource) -> Iterator[Existing]:
        for number, statement in enumerate(
            foreign_statements(key.properties.get("policy"), wanted.properties["policy"])
        ):
            yield Existing(
                self.type,
                None,
                f"{key.id}: policy statement {statement.get('Sid') or number}",
                reason="not ours, left alone",
                raw=statement,
            )

    def _keys(self, wanted: Sequence[Resource]) -> list[Existing]:
        by_alias = self._key_behind_alias()
        if wanted and by_alias is not None and by_alias.key is not None:
            return [by_alias]
        return [key for key in self._scan() if wanted or key.properties["state"] != PENDING_DELETION]

    def read(self, arn: str) -> Existing | None:
        try:
            described = self.clients.get("kms").describe_key(KeyId=arn)["KeyMetadata"]
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        return self._read(described["KeyId"], described)

    def leaving(self, existing: Existing) -> bool:
        return existing.properties["state"] == PENDING_DELETION

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        return {alias.properties["key_id"]: [f"is the key of {alias.id}"] for alias in found.get("kms_alias", ())}

    def _key_behind_alias(self) -> Existing | None:
        return self.read(self._alias)

    def _scan(self) -> Iterator[Existing]:
        kms = self.clients.get("kms")
        for page in kms.get_paginator("list_keys").paginate():
            for entry in page["Keys"]:
                try:
                    tags = key_tags(kms, entry["KeyId"])
                except ClientError as error:
                    if is_not_found(error) or is_access_denied(error):
                        continue  # keys of AWS services and of other teams need not let us read their tags
                    raise
                if self.scope.key_of(tags) is not None:
                    yield self._read(
                        entry["KeyId"], settled(kms.describe_key, KeyId=entry["KeyId"])["KeyMetadata"], tags
                    )

    def _read(self, key_id: str, described: dict[str, Any], tags: dict[str, str] | None = None) -> Existing:
        kms = self.clients.get("kms")
        tags = key_tags(kms, key_id) if tags is None else tags
        properties: dict[str, Any] = {"description": described.get("Description", ""), "state": described["KeyState"]}
        if self.scope.key_of(tags) is not None:
            properties["policy"] = json.loads(settled(kms.get_key_policy, KeyId=key_id, PolicyName="default")["Policy"])
            if (
                described["KeyState"] != PENDING_DELETION
            ):  # KMS says no more than "off" then, whatever comes back with the key
                properties["rotation_period_days"] = self._rotation_period_days(key_id)
        return Existing(self.type, self.scope.key_of(tags), key_id, properties, tags, {"arn": described["Arn"]})

    def _rotation_period_days(self, key_id: str) -> int | None:
        rotation = settled(self.clients.get("kms").get_key_rotation_status, KeyId=key_id)
        period = rotation.get("RotationPeriodInDays") or DEFAULT_ROTATION_PERIOD_DAYS
        return period if rotation["KeyRotationEnabled"] else None

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        differences = []
        for name, value in wanted.properties.items():
            before = existing.properties.get(name)
            after = merged_policy(before, value) if name == "policy" else value
            if name == "policy" and before is not None:
                if not same_document(before, after):
                    differences.append(Difference(name, before, after))
            elif before != after:
                differences.append(Difference(name, before, after))
        return differences

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        arguments = {
            "Description": properties["description"],
            "Policy": json.dumps(properties["policy"]),
            "Tags": tag_list(tags, KMS),
        }
        key_id = create_once(
            lambda: self.clients.once("kms").create_key(**arguments)["KeyMetadata"]["KeyId"],
            lambda: next((key.id for key in self._scan() if key.key == wanted.key), None),
        )
        created = self._read(key_id, settled(self.clients.get("kms").describe_key, KeyId=key_id)["KeyMetadata"], tags)
        return self.update(wanted, created, self.differences(wanted, created))

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        kms = self.clients.get("kms")
        if any(item.path == "state" for item in differences) and existing.properties["state"] != ENABLED:
            self._take_back(existing)
            differences = self.differences(wanted, existing)
        changed = {item.path: item.after for item in differences}
        if "description" in changed:
            permitted(
                kms, existing.id, kms.update_key_description, KeyId=existing.id, Description=changed["description"]
            )
        if "policy" in changed:
            permitted(
                kms,
                existing.id,
                kms.put_key_policy,
                KeyId=existing.id,
                PolicyName="default",
                Policy=json.dumps(changed["policy"]),
            )
        if "rotation_period_days" in changed:
            if changed["rotation_period_days"] is None:
                permitted(kms, existing.id, kms.disable_key_rotation, KeyId=existing.id)
            else:
                permitted(
                    kms,
                    existing.id,
                    kms.enable_key_rotation,
                    KeyId=existing.id,
                    RotationPeriodInDays=changed["rotation_period_days"],
                )
        existing.properties.update(changed)
        return existing

    def _take_back(self, existing: Existing) -> None:
        """Before anything else is changed, since AWS refuses every other change of a key that awaits its deletion."""
        kms = self.clients.get("kms")
        if existing.properties["state"] == PENDING_DELETION:
            try:
                kms.cancel_key_deletion(KeyId=existing.id)
            except ClientError as error:
                if (
                    error_code(error) != INVALID_STATE
                ):  # a retry of botocore after a lost answer; if not, EnableKey says what is wrong
                    raise
        settled(kms.enable_key, KeyId=existing.id)
        existing.properties.update(state=ENABLED, rotation_period_days=self._rotation_period_days(existing.id))

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        if existing.properties["state"] == PENDING_DELETION:  # the engine sets tags before it calls update
            self._take_back(existing)
        kms = self.clients.get("kms")
        permitted(
            kms,
            existing.id,
            kms.tag_resource,
            KeyId=existing.id,
            Tags=tag_list(tags, KMS),
        )

    def delete(self, existing: Existing) -> None:
        self.clients.get("kms").schedule_key_deletion(KeyId=existing.id, PendingWindowInDays=self._deletion_window_days)


def key_tags(kms: Any, key_id: str) -> dict[str, str]:
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
    return tag_dict((tag for page in pages for tag in page["Tags"]), KMS)


def merged_policy(current: dict[str, Any] | None, wanted: dict[str, Any]) -> dict[str, Any]:
    """The wanted policy, plus the statements that others added to the current one."""
    foreign = foreign_statements(current, wanted)
    return {**wanted, "Statement": [*wanted["Statement"], *foreign]} if foreign else wanted


def foreign_statements(current: dict[str, Any] | None, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of the current policy that are not wanted and have no Sid of ours.

    A policy that the caller wrote as a whole has none of our Sids; it replaces the current one, and nothing is foreign
    then.
    """
    if current is None or not any(is_ours(statement) for statement in wanted["Statement"]):
        return []
    wanted_sids = {statement["Sid"] for statement in wanted["Statement"] if statement.get("Sid")}
    return [
        statement
        for statement in current.get("Statement", [])
        if not is_ours(statement) and statement.get("Sid") not in wanted_sids and statement not in wanted["Statement"]
    ]
