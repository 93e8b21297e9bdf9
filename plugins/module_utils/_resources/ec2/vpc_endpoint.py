# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gateway and interface endpoints of AWS services."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.retrying import when_visible
from ..._engine.adapter import Found
from ..._engine.model import FAILED, PENDING, READY, ApplyFailed, Difference, Existing, Resource
from .base import Ec2Adapter

MEMBERS = {
    "route_table_ids": ("RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds", "route_table"),
    "subnet_ids": ("SubnetIds", "AddSubnetIds", "RemoveSubnetIds", "subnet"),
    "security_group_ids": ("SecurityGroupIds", "AddSecurityGroupIds", "RemoveSecurityGroupIds", ""),
}
"""Lists whose order means nothing:

AWS's arguments to create, add and remove, and the type whose foreign members stay.
"""


class VpcEndpointAdapter(Ec2Adapter):
    type = "vpc_endpoint"
    after = ("route_table", "security_group")  # AWS deletes neither before the endpoint in it is gone
    reads = ("route_table", "subnet")
    waits_for = ("subnet",)
    waits_for_deletion = True
    operation, result, id_field, tag_type = "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "vpc-endpoint"
    id_pattern = "vpce-{}"
    stands_in = ("vpc", "vpc_id")
    delete_command = "ec2 delete-vpc-endpoints --vpc-endpoint-ids {id}"
    fixed = {
        "vpc_id": "AWS cannot move an endpoint to another VPC",
        "service_name": "AWS cannot change the service of an endpoint",
        "vpc_endpoint_type": "AWS cannot change the type of an endpoint",
    }

    def describe(self, filters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [item for item in super().describe(filters) if item.get("State", "").lower() != "deleted"]

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = super().observe(wanted, found)
        for name, (_create, _add, _remove, kind) in MEMBERS.items():
            if kind:
                own = {item.id for item in found.get(kind, ())}
                for item in existing:
                    # Route tables and subnets that others attached are theirs: neither compared nor removed.
                    item.properties[name] = [member for member in item.properties.get(name, ()) if member in own]
        return existing

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        members = {twin.id: [*twin.properties["route_table_ids"], *twin.properties["subnet_ids"]] for twin in twins}
        return {identifier: [f"serves {', '.join(ids)}"] for identifier, ids in members.items() if ids}

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "vpc_id": item["VpcId"],
            "service_name": item["ServiceName"],
            "vpc_endpoint_type": item.get("VpcEndpointType", "Gateway"),
            "route_table_ids": sorted(item.get("RouteTableIds") or ()),
            "subnet_ids": sorted(item.get("SubnetIds") or ()),
            "security_group_ids": sorted(group["GroupId"] for group in item.get("Groups") or ()),
            "private_dns_enabled": bool(item.get("PrivateDnsEnabled")),
        }

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        entries = item.get("DnsEntries") or ()
        return {"dns_names": [entry["DnsName"] for entry in entries if entry.get("DnsName")]}

    def state(self, item: Mapping[str, Any]) -> str:
        name = item.get("State", "").lower()
        return (
            PENDING if name == "pending" else FAILED if name in ("failed", "rejected", "expired", "partial") else READY
        )

    def reason(self, item: Mapping[str, Any]) -> str:
        name = item.get("State", "").lower()
        last = item.get("LastError") or {}
        return (
            f"its state is {name} {last.get('Message', '')}".strip()
            if name in ("failed", "rejected", "expired", "partial", "deleting")
            else ""
        )

    def discarded(self, existing: Existing) -> bool:
        return existing.raw.get("State", "").lower() in ("failed", "deleting")

    def equal(self, name: str, before: Any, after: Any) -> bool:
        return set(before or ()) == set(after or ()) if name in MEMBERS else before == after

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        arguments = {
            argument: properties[name] for name, (argument, *_others) in MEMBERS.items() if properties.get(name)
        }
        if properties["vpc_endpoint_type"] == "Interface":
            arguments["PrivateDnsEnabled"] = properties["private_dns_enabled"]
        token = str(uuid.uuid4())

        def call(client: Any) -> Existing:
            answer = client.create_vpc_endpoint(
                VpcEndpointType=properties["vpc_endpoint_type"],
                VpcId=properties["vpc_id"],
                ServiceName=properties["service_name"],
                ClientToken=token,
                TagSpecifications=self.tag_specifications(tags),
                **arguments,
            )
            return self.existing(answer["VpcEndpoint"])

        return self.create_exactly_one(wanted.key, call)

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        arguments: dict[str, Any] = {}
        for difference in differences:
            if difference.path in MEMBERS:
                _create, add, remove, _kind = MEMBERS[difference.path]
                arguments[add] = sorted(set(difference.after) - set(difference.before))
                arguments[remove] = sorted(set(difference.before) - set(difference.after))
            elif difference.path == "private_dns_enabled":
                arguments["PrivateDnsEnabled"] = difference.after
            existing.properties[difference.path] = difference.after
        arguments = {name: value for name, value in arguments.items() if value != []}
        when_visible(lambda: self.ec2.modify_vpc_endpoint(VpcEndpointId=existing.id, **arguments))
        return existing

    def delete(self, existing: Existing) -> None:
        for item in self.ec2.delete_vpc_endpoints(VpcEndpointIds=[existing.id]).get("Unsuccessful", ()):
            error = item.get("Error", {})
            if "NotFound" not in error.get("Code", ""):
                raise ApplyFailed(
                    f"Failed to delete vpc_endpoint {existing.key} ({existing.id}): {error.get('Message', error)}"
                )
