# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Subnets, keyed by tier and availability zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.retrying import when_released, when_visible
from ..._engine.adapter import Found
from ..._engine.model import PENDING, READY, Difference, Existing, Resource
from . import blockers
from .base import Ec2Adapter


class SubnetAdapter(Ec2Adapter):
    type = "subnet"
    waits_for = ("vpc",)
    operation, result, id_field, tag_type = "describe_subnets", "Subnets", "SubnetId", "subnet"
    id_pattern = "subnet-{}"
    stands_in = ("vpc", "vpc_id")
    delete_command = "ec2 delete-subnet --subnet-id {id}"
    fixed = {
        "vpc_id": "AWS cannot move a subnet to another VPC",
        "cidr_block": (
            "AWS cannot change the CIDR of a subnet; add a tier with the new CIDR, move over, then remove the old one"
        ),
        "availability_zone": "AWS cannot move a subnet to another availability zone",
    }

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = super().observe(wanted, found)
        keys = {resource.key for resource in wanted}
        present = {item.key for item in existing}
        new = [resource for resource in wanted if resource.key not in present]
        self._note_interfaces([item for item in existing if item.key not in keys])
        return existing + self._unknown_zones(new)

    def _unknown_zones(self, new: Sequence[Resource]) -> list[Existing]:
        """A stand-in for each subnet in a zone that does not exist: the plan is refused before the first write."""
        if not new:
            return []
        zones = sorted(zone["ZoneName"] for zone in self.ec2.describe_availability_zones()["AvailabilityZones"])
        return [
            Existing(
                self.type,
                resource.key,
                "",
                owned=False,
                reason=(
                    f"availability zone {resource.properties['availability_zone']} does not exist here; "
                    f"this account has {', '.join(zones)}"
                ),
            )
            for resource in new
            if resource.properties["availability_zone"] not in zones
        ]

    def _note_interfaces(self, going: Sequence[Existing]) -> None:
        for interface in blockers.network_interfaces(self.ec2, self.scope, "subnet-id", [item.id for item in going]):
            for item in going:
                if item.id == interface.get("SubnetId"):
                    item.raw.setdefault("blockers", []).append(blockers.interface_text(interface))

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        return blockers.signs_of_use(self.ec2, self.scope, "subnet-id", twins)

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "vpc_id": item["VpcId"],
            "cidr_block": item["CidrBlock"],
            "availability_zone": item["AvailabilityZone"],
            "map_public_ip_on_launch": item.get("MapPublicIpOnLaunch", False),
        }

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"availability_zone_id": item.get("AvailabilityZoneId"), "arn": item.get("SubnetArn")}

    def state(self, item: Mapping[str, Any]) -> str:
        return PENDING if item.get("State") == "pending" else READY

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties

        def call(client: Any) -> Existing:
            answer = client.create_subnet(
                VpcId=properties["vpc_id"],
                CidrBlock=properties["cidr_block"],
                AvailabilityZone=properties["availability_zone"],
                TagSpecifications=self.tag_specifications(tags),
            )
            return self.existing(answer["Subnet"])

        existing = self.create_exactly_one(wanted.key, call)
        if properties["map_public_ip_on_launch"] != existing.properties["map_public_ip_on_launch"]:
            self._map_public_ip(existing, properties["map_public_ip_on_launch"])
        return existing

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        self._map_public_ip(existing, wanted.properties["map_public_ip_on_launch"])
        return existing

    def _map_public_ip(self, existing: Existing, value: bool) -> None:
        when_visible(
            lambda: self.ec2.modify_subnet_attribute(SubnetId=existing.id, MapPublicIpOnLaunch={"Value": value})
        )
        existing.properties["map_public_ip_on_launch"] = value

    def delete(self, existing: Existing) -> None:
        when_released(lambda: self.ec2.delete_subnet(SubnetId=existing.id))
