# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CloudWatch log groups, found by the names that we chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.arns import regional_arn
from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import Difference, Existing, Resource


class LogGroupAdapter(AwsAdapter):
    """Properties: log_group_name, retention_in_days (None keeps forever), kms_key_arn (None: the service's own key)."""

    type = "log_group"
    id_pattern = "{}"
    attribute_patterns = {
        "arn": "arn:aws:logs:{}",
        # What policies name: all streams of the group.
        "streams_arn": "arn:aws:logs:{}:*",
    }
    fixed = {"log_group_name": "AWS cannot rename a log group"}
    untag_command = "logs untag-resource --resource-arn {arn} --tag-keys {tag_keys}"
    delete_command = "logs delete-log-group --log-group-name {id}"
    # What was logged is evidence: it outlives the switch that turned logging off.
    undeclared = "report"

    def __init__(self, clients: Clients, scope: Scope, names: Sequence[str] = ()):
        """names are looked for beside the wanted ones: log groups that an earlier run of the set may have made."""
        super().__init__(clients, scope)
        self.names = names

    @property
    def logs(self) -> Any:
        return self.clients.get("logs")

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        keys = {resource.properties["log_group_name"]: resource.key for resource in wanted}
        existing = [item for name in sorted({*keys, *self.names}) for item in [self._read(name)] if item is not None]
        return [
            self._placed(item, keys.get(item.id))
            for item in existing
            if item.id in keys or self.scope.key_of(item.tags) is not None
        ]

    def _placed(self, existing: Existing, wanted_key: str | None) -> Existing:
        existing.key = self.scope.key_of(existing.tags)
        if existing.key is None:
            existing.owned = False
            existing.key = wanted_key
            existing.reason = f"{existing.id} exists, but {self.scope.owner_of(existing.tags)}; not taken over"
        return existing

    def _read(self, name: str) -> Existing | None:
        token: dict[str, str] = {}
        while True:
            answer = self.logs.describe_log_groups(logGroupNamePrefix=name, **token)
            for item in answer["logGroups"]:
                if item["logGroupName"] == name:
                    return self._existing(item)
            if not answer.get("nextToken"):
                return None
            token = {"nextToken": answer["nextToken"]}

    def _existing(self, item: Mapping[str, Any]) -> Existing:
        arn = item["arn"].removesuffix(":*")
        return Existing(
            self.type,
            None,
            item["logGroupName"],
            properties={
                "log_group_name": item["logGroupName"],
                "retention_in_days": item.get("retentionInDays"),
                "kms_key_arn": item.get("kmsKeyId"),
            },
            tags=self.logs.list_tags_for_resource(resourceArn=arn).get("tags", {}),
            attributes={"arn": arn, "streams_arn": f"{arn}:*"},
        )

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        key = {"kmsKeyId": properties["kms_key_arn"]} if properties["kms_key_arn"] else {}
        try:
            self.logs.create_log_group(logGroupName=properties["log_group_name"], tags=tags, **key)
        except ClientError as error:
            # The answer to a first try was lost and botocore tried again; what is not ours was refused by the plan.
            if error_code(error) != "ResourceAlreadyExistsException":
                raise
        existing = self._read(properties["log_group_name"])
        if existing is None:  # not listed yet
            clients, group = self.clients, f"log-group:{properties['log_group_name']}"
            arn = regional_arn(clients.partition, "logs", clients.region, clients.account_id, group)
            attributes = {"arn": arn, "streams_arn": f"{arn}:*"}
            existing = Existing(
                self.type, wanted.key, properties["log_group_name"], {"retention_in_days": None}, tags, attributes
            )
        existing.key = wanted.key
        if properties["retention_in_days"] != existing.properties["retention_in_days"]:
            self._set_retention(existing, properties["retention_in_days"])
        existing.properties = dict(properties)
        return existing

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        for difference in differences:
            if difference.path == "retention_in_days":
                self._set_retention(existing, difference.after)
            elif difference.path == "kms_key_arn":
                self._set_key(existing, difference.after)
            existing.properties[difference.path] = difference.after
        return existing

    def _set_retention(self, existing: Existing, days: int | None) -> None:
        if days is None:
            self.logs.delete_retention_policy(logGroupName=existing.id)
        else:
            self.logs.put_retention_policy(logGroupName=existing.id, retentionInDays=days)

    def _set_key(self, existing: Existing, arn: str | None) -> None:
        if arn is None:
            self.logs.disassociate_kms_key(logGroupName=existing.id)
        else:
            self.logs.associate_kms_key(logGroupName=existing.id, kmsKeyId=arn)

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        self.logs.tag_resource(resourceArn=existing.attributes["arn"], tags=tags)

    def delete(self, existing: Existing) -> None:
        self.logs.delete_log_group(logGroupName=existing.id)
