# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The DynamoDB table in which Terraform's S3 backend keeps its locks and digests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ..engine.adapter import Adapter, Found
from ..engine.creating import error_code, is_not_found
from ..engine.model import PENDING, READY, Difference, Existing, Resource
from .foreign import foreign_report

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

HASH_KEY = "LockID"


class LockTable(Adapter):
    """Tables that are not ours are used as they are: today's were made by Terraform. So tags are compared here and not by the engine."""

    type = "dynamodb_table"
    stage = 10
    id_pattern = "arn:aws:dynamodb:::table/{}"
    taggable = False
    fixed = {"hash_key": "Terraform needs the hash key LockID, and AWS cannot change a table's key"}

    def list(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = []
        for resource in wanted:
            table = self._read(resource.key)
            if table is not None:
                existing.append(table)
                if not table.attributes["ours"]:
                    existing.append(foreign_report(self.type, resource.key, self.scope, table.tags))
        return existing

    def _read(self, name: str) -> Existing | None:
        client = self.clients.get("dynamodb")
        try:
            described = client.describe_table(TableName=name)["Table"]
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=described["TableArn"])
        tags = boto3_tag_list_to_ansible_dict([tag for page in pages for tag in page["Tags"]])
        return self._existing(name, described, tags)

    def _existing(self, name: str, described: dict[str, Any], tags: dict[str, str]) -> Existing:
        hash_key = next(item["AttributeName"] for item in described["KeySchema"] if item["KeyType"] == "HASH")
        return Existing(
            self.type,
            name,
            described["TableArn"],
            {"hash_key": hash_key},
            tags,
            {"ours": self.scope.key_of(tags) is not None},
            READY if described["TableStatus"] in ("ACTIVE", "UPDATING") else PENDING,
        )

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        tables = (self._read(str(item.key)) for item in existing)
        return [table for table in tables if table is not None]

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        found = super().differences(Resource(self.type, wanted.key, {"hash_key": wanted.properties["hash_key"]}), existing)
        if not existing.attributes["ours"]:
            return found
        missing = {name: value for name, value in wanted.properties["tags"].items() if existing.tags.get(name) != value}
        return [*found, *(Difference(f"tags.{name}", existing.tags.get(name), value) for name, value in missing.items())]

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        tags = wanted.properties["tags"]
        client = self.clients.get("dynamodb")
        try:
            described = client.create_table(
                TableName=wanted.key,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": HASH_KEY, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": HASH_KEY, "KeyType": "HASH"}],
                Tags=ansible_dict_to_boto3_tag_list(tags),
            )["TableDescription"]
        except ClientError as error:
            # The name makes it unique: after a lost answer botocore asks again and meets our own table.
            if error_code(error) != "ResourceInUseException":
                raise
            described = client.describe_table(TableName=wanted.key)["Table"]
        return self._existing(wanted.key, described, tags)

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        self.clients.get("dynamodb").tag_resource(ResourceArn=existing.id, Tags=ansible_dict_to_boto3_tag_list(tags))
