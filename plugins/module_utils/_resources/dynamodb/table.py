# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The DynamoDB table in which Terraform's S3 backend keeps its locks and digests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.retrying import VISIBLE_SECONDS, retried, when_visible
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.model import PENDING, READY, Difference, Existing, Resource
from ..foreign import foreign_report, missing_tags

HASH_KEY = "LockID"

GONE_SECONDS = 300.0
"""For so long a table of the same name may be in deletion."""


class TableAdapter(AwsAdapter):
    """Tables that are not ours are used as they are: today's were made by Terraform.

    So tags are compared here and not by the engine.
    """

    type = "dynamodb_table"
    id_pattern = "arn:aws:dynamodb:::table/{}"
    taggable = False
    fixed = {"hash_key": "Terraform needs the hash key LockID, and AWS cannot change a table's key"}

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = []
        for resource in wanted:
            table = self._listed(resource.key)
            if table is not None:
                existing.append(table)
                if table.state == READY and not table.attributes["ours"]:
                    existing.append(foreign_report(self.type, resource.key, self.scope, table.tags))
        return existing

    def _listed(self, name: str) -> Existing | None:
        """The table with its tags.

        One in CREATING tells none (cloud-custodian#3514): then nothing of it is compared before the next run.
        """
        described = self._described(name)
        if described is None:
            return None
        creating = described["TableStatus"] == "CREATING"
        return self._existing(
            name, described, {} if creating else when_visible(lambda: self._tags(described["TableArn"]))
        )

    def _described(self, name: str) -> dict[str, Any] | None:
        """The table, or None where there is none. One that is being deleted is none."""
        try:
            described = self.clients.get("dynamodb").describe_table(TableName=name)["Table"]
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        return described if described["TableStatus"] != "DELETING" else None

    def _tags(self, arn: str) -> dict[str, str]:
        pages = self.clients.get("dynamodb").get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
        return tag_dict(tag for page in pages for tag in page["Tags"])

    def _existing(self, name: str, described: dict[str, Any], tags: dict[str, str]) -> Existing:
        hash_key = next(item["AttributeName"] for item in described["KeySchema"] if item["KeyType"] == "HASH")
        return Existing(
            self.type,
            name,
            described["TableArn"],
            {"hash_key": hash_key},
            tags,
            {"ours": self.scope.key_of(tags) is not None},
            PENDING if described["TableStatus"] == "CREATING" else READY,
        )

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        """The tags are those of before: nobody waits for tags."""
        tables = [(item, self._described(str(item.key))) for item in existing]
        return [
            self._existing(str(item.key), described, item.tags) for item, described in tables if described is not None
        ]

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        found = super().differences(
            Resource(self.type, wanted.key, {"hash_key": wanted.properties["hash_key"]}), existing
        )
        if not existing.attributes["ours"]:
            return found
        return [*found, *missing_tags(wanted, existing)]

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        tags = wanted.properties["tags"]
        described = retried(lambda: self._created(wanted.key, tags), self._is_being_deleted, GONE_SECONDS)
        return self._existing(wanted.key, described, tags)

    def _created(self, name: str, tags: dict[str, str]) -> dict[str, Any]:
        client = self.clients.get("dynamodb")
        try:
            return client.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": HASH_KEY, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": HASH_KEY, "KeyType": "HASH"}],
                Tags=tag_list(tags),
            )["TableDescription"]
        except ClientError as error:
            # The name makes it unique: after a lost answer botocore asks again and meets our own table.
            if error_code(error) != "ResourceInUseException":
                raise
            described = when_visible(lambda: client.describe_table(TableName=name)["Table"])
            if described["TableStatus"] == "DELETING":
                raise
            return described

    @staticmethod
    def _is_being_deleted(error: Exception) -> bool:
        """CreateTable says so while the table before is in deletion. What is not found has just gone."""
        return error_code(error) == "ResourceInUseException" or is_not_found(error)

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        """A table that was created or changed a moment ago takes no tags yet."""
        call = self.clients.get("dynamodb").tag_resource
        arguments = {"ResourceArn": existing.id, "Tags": tag_list(tags)}
        retried(
            lambda: call(**arguments),
            lambda error: is_not_found(error) or error_code(error) == "ResourceInUseException",
            VISIBLE_SECONDS,
        )
