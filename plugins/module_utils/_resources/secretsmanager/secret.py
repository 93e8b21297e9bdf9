# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Secrets Manager secret of the AUTH token.

Its value is made once, and never part of a property, a plan or a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.errors import ClientError, is_not_found
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import ApplyFailed, Difference, Existing, Resource
from . import token


def read_token(clients: Clients, secret_id: str, stage: str = "AWSCURRENT") -> str:
    """The AUTH token that a secret holds at a version stage, checked against AWS's rules."""
    answer = clients.get("secretsmanager").get_secret_value(SecretId=secret_id, VersionStage=stage)
    value = answer.get("SecretString", "")
    if not token.valid(value):
        raise ApplyFailed(f"the value of the secret {secret_id} ({stage}) is no AUTH token: {token.RULES}")
    return value


class AuthTokenSecretAdapter(AwsAdapter):
    """Properties: name, description, kms_key_arn (empty for AWS's own key), scheduled_for_deletion.

    The id is the ARN.
    """

    type = "secretsmanager_secret"
    reads = ("elasticache_replication_group",)
    id_pattern = "arn:aws:secretsmanager:secret:{}"
    attribute_patterns = {"arn": "arn:aws:secretsmanager:secret:{}"}
    # Without its secret, a cache that is kept could not be reached any more.
    undeclared = "report"
    tagged_as = "secretsmanager:secret"
    untag_command = "secretsmanager untag-resource --secret-id {id} --tag-keys {tag_keys}"
    delete_command = "secretsmanager delete-secret --secret-id {id}"
    fixed = {"name": "Secrets Manager cannot rename a secret, and its readers know it by name or ARN"}

    def __init__(
        self,
        clients: Clients,
        scope: Scope,
        name: str,
        search: bool = False,
        *,
        token_length: int = 64,
        recovery_window_days: int = 30,
    ):
        super().__init__(clients, scope)
        self.name = name
        self.search = search
        self._token_length = token_length
        self._recovery_window_days = recovery_window_days

    @property
    def client(self) -> Any:
        return self.clients.get("secretsmanager")

    # What exists -------------------------------------------------------------------------------------------------

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        """By name, since the list of secrets may lag behind by minutes; by tags as well where the name is missing."""
        if not (wanted or self.search):
            return []
        description = self.describe(self.name)
        result = []
        if description is not None:
            existing = self._existing(description)
            if existing.key is None and wanted:
                existing.key, existing.owned = wanted[0].key, False
                existing.reason = (
                    f"the secret {self.name} exists, but {self.scope.owner_of(existing.tags)}; not taken over"
                )
            # A secret that awaits its deletion is gone for who does not want it.
            if existing.key is not None and (wanted or not existing.properties["scheduled_for_deletion"]):
                result.append(existing)
        if self.search or (wanted and not result):
            result.extend(self._renamed())
        if wanted and not result:
            result.extend(self._in_the_way(wanted[0], found))
        return result

    def describe(self, name: str) -> dict[str, Any] | None:
        try:
            return self.client.describe_secret(SecretId=name)
        except ClientError as error:
            if is_not_found(error):
                return None
            raise

    def read(self, arn: str) -> Existing | None:
        description = self.describe(arn)
        return None if description is None else self._existing(description)

    def leaving(self, existing: Existing) -> bool:
        return existing.properties["scheduled_for_deletion"]

    def _renamed(self) -> list[Existing]:
        tags = self.scope.set_tags()
        filters = [{"Key": "tag-key", "Values": list(tags)}, {"Key": "tag-value", "Values": list(tags.values())}]
        pages = self.client.get_paginator("list_secrets").paginate(Filters=filters)
        candidates = [
            self._existing(item) for page in pages for item in page["SecretList"] if item["Name"] != self.name
        ]
        return [existing for existing in candidates if existing.key is not None]

    def _in_the_way(self, wanted: Resource, found: Found) -> list[Existing]:
        """A cache that has a token whose secret is lost: a new secret would hold another token than the cache."""
        for group in found.get("elasticache_replication_group", ()):
            if group.owned and group.key is not None and group.properties.get("auth_token_enabled"):
                reason = (
                    f"the cache {group.id} asks for an AUTH token, but the secret {self.name} that holds it is gone, "
                    "and a new one would hold another token; restore the secret, or let "
                    "elasticache_auth_token_rotation make a new token"
                )
                return [Existing(self.type, wanted.key, self.name, owned=False, reason=reason)]
        return []

    def _existing(self, description: dict[str, Any]) -> Existing:
        tags = tag_dict(description.get("Tags"))
        return Existing(
            self.type,
            self.scope.key_of(tags),
            description["ARN"],
            properties={
                "name": description["Name"],
                "description": description.get("Description", ""),
                "kms_key_arn": description.get("KmsKeyId") or "",
                "scheduled_for_deletion": bool(description.get("DeletedDate")),
            },
            tags=tags,
            attributes={"arn": description["ARN"]},
        )

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        """botocore adds a client token of its own to CreateSecret, so that a retry makes no second version."""
        value = token.generate(self._token_length)
        self.clients.hide(value)
        return token.without_token(lambda: self._create(wanted, tags, SecretString=value), value)

    def create_empty(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        """Without a value, for a rotation that adds the first one."""
        return self._create(wanted, tags)

    def _create(self, wanted: Resource, tags: dict[str, str], **value: str) -> Existing:
        key = {"KmsKeyId": wanted.properties["kms_key_arn"]} if wanted.properties["kms_key_arn"] else {}
        request = {
            "Name": wanted.properties["name"],
            "Description": wanted.properties["description"],
            "Tags": tag_list(tags),
            **key,
        }
        answer = self.client.create_secret(**request, **value)
        return Existing(self.type, wanted.key, answer["ARN"], dict(wanted.properties), tags, {"arn": answer["ARN"]})

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        """The value stays as it is, also where the key changes."""
        changed = {item.path: item.after for item in differences}
        if "scheduled_for_deletion" in changed:
            self.client.restore_secret(SecretId=existing.id)
        request = {
            parameter: changed[name]
            for name, parameter in (("description", "Description"), ("kms_key_arn", "KmsKeyId"))
            if name in changed
        }
        if request.get("KmsKeyId") == "":
            request["KmsKeyId"] = "alias/aws/secretsmanager"
        if request:
            self.client.update_secret(SecretId=existing.id, **request)
        existing.properties.update(changed)
        return existing

    def equal(self, name: str, before: Any, after: Any) -> bool:
        """AWS's own key is shown as no key or by its alias."""
        if name == "kms_key_arn" and not after:
            return not before or before.endswith("alias/aws/secretsmanager")
        return before == after

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        if existing.properties["scheduled_for_deletion"]:
            self.client.restore_secret(SecretId=existing.id)
            existing.properties["scheduled_for_deletion"] = False
        self.client.tag_resource(SecretId=existing.id, Tags=tag_list(tags))

    def delete(self, existing: Existing) -> None:
        """It can be restored for some days, together with a cache that is restored from a snapshot."""
        self.client.delete_secret(SecretId=existing.id, RecoveryWindowInDays=self._recovery_window_days)
