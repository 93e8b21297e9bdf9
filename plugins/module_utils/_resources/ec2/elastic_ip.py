# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The elastic addresses of the NAT gateways, which partners have in their allow lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.clients import Clients
from ..._aws.retrying import when_released
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import Difference, Existing, Resource
from .base import Ec2Adapter


class ElasticIpAdapter(Ec2Adapter):
    type = "elastic_ip"
    operation, result, id_field, tag_type = "describe_addresses", "Addresses", "AllocationId", "elastic-ip"
    id_pattern = "eipalloc-{}"
    delete_command = "ec2 release-address --allocation-id {id}"
    attribute_patterns = {"public_ip": "{}"}

    def __init__(self, clients: Clients, scope: Scope, retain: bool = False):
        """retain keeps addresses that are no longer declared, since a released address never comes back."""
        super().__init__(clients, scope)
        self.undeclared = "report" if retain else "delete"

    def parent(self, existing: Existing, found: Found) -> tuple[str, str] | None:
        gateways = [item for item in found.get("nat_gateway", ()) if item.properties["allocation_id"] == existing.id]
        return (gateways[0].type, gateways[0].id) if gateways else None

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        users = {twin.id: twin.raw.get("InstanceId") or twin.raw.get("NetworkInterfaceId") for twin in twins}
        return {identifier: [f"is the address of {user}"] for identifier, user in users.items() if user}

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"public_ip": item["PublicIp"]}

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        def call(client: Any) -> Existing:
            answer = client.allocate_address(Domain="vpc", TagSpecifications=self.tag_specifications(tags))
            return Existing(
                self.type, wanted.key, answer["AllocationId"], tags=tags, attributes=self.attributes(answer), raw=answer
            )

        return self.create_exactly_one(wanted.key, call)

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        return existing  # an address has nothing but tags

    def delete(self, existing: Existing) -> None:
        when_released(lambda: self.ec2.release_address(AllocationId=existing.id))
