# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The VPC's default security group, which is always empty: what lands in it by omission must reach nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code
from ..._aws.retrying import retried, when_visible
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import ApplyFailed, Difference, Existing, Resource
from .base import pages
from .security_group import SecurityGroupAdapter


class DefaultSecurityGroupAdapter(AwsAdapter):
    type = "default_security_group"
    reads = ("security_group",)
    taggable = False
    id_pattern = "sg-{}"
    stands_in = ("vpc", "vpc_id")
    fixed = {"vpc_id": "the default group belongs to its VPC"}

    def __init__(self, clients: Clients, scope: Scope, groups: SecurityGroupAdapter):
        """groups has listed all groups of the VPC, the default one among them."""
        super().__init__(clients, scope)
        self.groups = groups

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        # Where it is not wanted, the VPC goes, and this group with it.
        return [self._existing(item) for item in self.groups.listed if item["GroupName"] == "default"] if wanted else []

    def _existing(self, item: Mapping[str, Any]) -> Existing:
        texts = [
            *(f"ingress {_text(rule)}" for rule in item.get("IpPermissions", ())),
            *(f"egress {_text(rule)}" for rule in item.get("IpPermissionsEgress", ())),
        ]
        return Existing(self.type, "default", item["GroupId"], {"vpc_id": item["VpcId"], "rules": texts}, raw=item)

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        vpc_id = wanted.properties["vpc_id"]
        filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]

        def find() -> Existing:
            for item in pages(self.clients.get("ec2").describe_security_groups, "SecurityGroups", Filters=filters):
                return self._existing(item)
            raise _NotThereYet(f"{vpc_id} has no default security group")

        existing = retried(find, lambda error: isinstance(error, _NotThereYet), 20.0, errors=_NotThereYet)
        return self.update(wanted, existing, ())

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        ec2 = self.clients.get("ec2")
        for call, name in (
            (ec2.revoke_security_group_ingress, "IpPermissions"),
            (ec2.revoke_security_group_egress, "IpPermissionsEgress"),
        ):
            granted = existing.raw.get(name)
            if granted:
                when_visible(partial(_revoke, call, existing.id, granted))
        return Existing(self.type, wanted.key, existing.id, dict(wanted.properties))

    def delete(self, existing: Existing) -> None:
        """AWS deletes it with the VPC."""


class _NotThereYet(ApplyFailed):
    """A new VPC's default group is not listed yet."""


def _revoke(call: Any, group_id: str, granted: Sequence[Mapping[str, Any]]) -> None:
    try:
        call(GroupId=group_id, IpPermissions=list(granted))
    except ClientError as error:
        # The answer to a first try was lost, and botocore tried again.
        if error_code(error) != "InvalidPermission.NotFound":
            raise


def _text(rule: Mapping[str, Any]) -> str:
    """One permission in words, for the diff: "all from 0.0.0.0/0"."""
    protocol = (
        "all"
        if rule.get("IpProtocol") == "-1"
        else f"{rule.get('IpProtocol')} {rule.get('FromPort')}-{rule.get('ToPort')}"
    )
    sources = [
        *(item["CidrIp"] for item in rule.get("IpRanges", ())),
        *(item["CidrIpv6"] for item in rule.get("Ipv6Ranges", ())),
        *(item["PrefixListId"] for item in rule.get("PrefixListIds", ())),
        *(item.get("GroupId", "?") for item in rule.get("UserIdGroupPairs", ())),
    ]
    return f"{protocol} {', '.join(sources)}"
