# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security groups, by key; their rules are resources of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.errors import ClientError, error_code
from ..._aws.retrying import when_released, when_visible
from ..._engine.adapter import Found
from ..._engine.model import Existing, Resource
from . import blockers
from .base import Ec2Adapter, tags_of
from .vpc import vpc_ids

ALL_EGRESS = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
"""The rule that AWS puts into every new group."""


class SecurityGroupAdapter(Ec2Adapter):
    type = "security_group"
    reads = ("vpc",)
    waits_for = ("vpc",)
    operation, result, id_field, tag_type = "describe_security_groups", "SecurityGroups", "GroupId", "security-group"
    id_pattern = "sg-{}"
    stands_in = ("vpc", "vpc_id")
    delete_command = "ec2 delete-security-group --group-id {id}"
    fixed = {
        "vpc_id": "AWS cannot move a security group to another VPC",
        "group_name": "AWS cannot rename a security group; declare a new key, move over, then remove the old one",
        "description": "AWS cannot change the description of a security group; keep it, or declare a new key",
    }

    listed: Sequence[dict[str, Any]] = ()
    """All groups of the VPC as AWS gives them, also those that are not ours."""

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        vpcs = vpc_ids(found)
        self.listed = self.describe([{"Name": "vpc-id", "Values": vpcs}]) if vpcs else []
        names = {resource.properties["group_name"]: resource.key for resource in wanted}
        keys = set(names.values())
        existing = self.of_this_set(self.listed)
        going = [item for item in existing if item.key not in keys]
        for item in going:
            item.raw["going"] = True
        self._note_users(going)
        taken = [
            self._taken(item, names[item["GroupName"]])
            for item in self.listed
            if item["GroupName"] in names and not self._is_ours(item)
        ]
        return existing + taken

    def _is_ours(self, item: Mapping[str, Any]) -> bool:
        return self.scope.key_of(tags_of(item)) is not None

    def _taken(self, item: Mapping[str, Any], key: str) -> Existing:
        reason = (
            f"{item['GroupName']} exists in {item['VpcId']}, but {self.scope.owner_of(tags_of(item))}; not taken over"
        )
        return Existing(self.type, key, item["GroupId"], owned=False, reason=reason, raw=item)

    def _note_users(self, going: Sequence[Existing]) -> None:
        """Record what uses the groups that are to be deleted: interfaces, and rules of groups that are not ours."""
        for interface in blockers.network_interfaces(self.ec2, self.scope, "group-id", [item.id for item in going]):
            users = {group["GroupId"] for group in interface.get("Groups", ())}
            for item in going:
                if item.id in users:
                    note_blocker(item, blockers.interface_text(interface))
        for group in self.listed:
            if not self._is_ours(group):
                referenced = {
                    pair.get("GroupId") for rule in permissions(group) for pair in rule.get("UserIdGroupPairs", ())
                }
                for item in going:
                    if item.id in referenced:
                        note_blocker(item, f"a rule of security group {group['GroupId']} ({group['GroupName']})")

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        return blockers.signs_of_use(self.ec2, self.scope, "group-id", twins)

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"vpc_id": item["VpcId"], "group_name": item["GroupName"], "description": item["Description"]}

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties

        def call(client: Any) -> Existing:
            answer = client.create_security_group(
                VpcId=properties["vpc_id"],
                GroupName=properties["group_name"],
                Description=properties["description"],
                TagSpecifications=self.tag_specifications(tags),
            )
            return Existing(self.type, wanted.key, answer["GroupId"], dict(properties), tags=tags, raw={})

        existing = self.create_exactly_one(wanted.key, call)
        # Declared egress follows as rules of its own, with tags; what a kill leaves here is found by the rules'
        # adapter.
        when_visible(lambda: self._revoke_all_egress(existing.id))
        return existing

    def _revoke_all_egress(self, group_id: str) -> None:
        try:
            self.ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=[ALL_EGRESS])
        except ClientError as error:
            # The answer to a first try was lost, and botocore tried again.
            if error_code(error) != "InvalidPermission.NotFound":
                raise

    def delete(self, existing: Existing) -> None:
        when_released(lambda: self.ec2.delete_security_group(GroupId=existing.id))


def permissions(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of both directions as DescribeSecurityGroups gives them."""
    return [*group.get("IpPermissions", ()), *group.get("IpPermissionsEgress", ())]


def note_blocker(existing: Existing, text: str) -> None:
    """Remember what refuse_delete is to tell."""
    found = existing.raw.setdefault("blockers", [])
    if text not in found:
        found.append(text)
