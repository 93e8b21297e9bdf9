# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The VPC with its DNS settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..._aws.retrying import when_released, when_visible
from ..._engine.adapter import Found
from ..._engine.model import PENDING, READY, Difference, Existing, Resource
from . import blockers
from .base import Ec2Adapter

DNS_ATTRIBUTES = {"dns_support": "EnableDnsSupport", "dns_hostnames": "EnableDnsHostnames"}
"""Our property: AWS's attribute. AWS changes one attribute per call."""


class VpcAdapter(Ec2Adapter):
    type = "vpc"
    operation, result, id_field, tag_type = "describe_vpcs", "Vpcs", "VpcId", "vpc"
    id_pattern = "vpc-{}"
    delete_command = "ec2 delete-vpc --vpc-id {id}"
    attribute_patterns = {"owner_id": "{}"}
    fixed = {"cidr_block": "AWS cannot change the CIDR of a VPC; build a deployment beside it and move over"}

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = super().observe(wanted, found)
        keys = {resource.key for resource in wanted}
        for item in existing:
            self._read_dns(item)
            if item.key not in keys:
                item.raw["blockers"] = blockers.in_vpc(self.ec2, self.scope, item.id)
        return existing

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        fresh = super().refresh(existing)
        for item in fresh:
            self._read_dns(item)
        return fresh

    def _read_dns(self, existing: Existing) -> None:
        for name, attribute in DNS_ATTRIBUTES.items():
            argument = attribute[0].lower() + attribute[1:]
            existing.properties[name] = self.ec2.describe_vpc_attribute(VpcId=existing.id, Attribute=argument)[
                attribute
            ]["Value"]

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        return blockers.signs_of_use(self.ec2, self.scope, "vpc-id", twins)

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"cidr_block": item["CidrBlock"]}

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"owner_id": item["OwnerId"]}

    def state(self, item: Mapping[str, Any]) -> str:
        return READY if item["State"] == "available" else PENDING

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        def call(client: Any) -> Existing:
            answer = client.create_vpc(
                CidrBlock=wanted.properties["cidr_block"], TagSpecifications=self.tag_specifications(tags)
            )
            return self.existing(answer["Vpc"])

        existing = self.create_exactly_one(wanted.key, call)
        self._set_dns(existing.id, {name: wanted.properties[name] for name in DNS_ATTRIBUTES})
        existing.properties.update(wanted.properties)
        return existing

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        changed = {difference.path: difference.after for difference in differences}
        self._set_dns(existing.id, changed)
        existing.properties.update(changed)
        return existing

    def _set_dns(self, vpc_id: str, values: Mapping[str, bool]) -> None:
        for name, attribute in DNS_ATTRIBUTES.items():  # hostnames need support, so support comes first
            if name in values:
                change = {attribute: {"Value": values[name]}}
                when_visible(partial(self.ec2.modify_vpc_attribute, VpcId=vpc_id, **change))

    def delete(self, existing: Existing) -> None:
        when_released(lambda: self.ec2.delete_vpc(VpcId=existing.id))


def vpc_ids(found: Found) -> list[str]:
    """The ids of our VPCs, for filters of types that live in a VPC."""
    return [item.id for item in found.get("vpc", ())]
