# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Route tables.

One describe call per run gives the tables with their routes and associations, which two other adapters read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.retrying import when_released
from ..._engine.adapter import Found
from ..._engine.model import Existing, Resource
from .base import Ec2Adapter
from .routes import foreign_routes, route_text
from .vpc import vpc_ids


class RouteTableAdapter(Ec2Adapter):
    type = "route_table"
    reads = ("vpc", "subnet", "nat_gateway", "internet_gateway")
    waits_for = ("vpc",)
    operation, result, id_field, tag_type = "describe_route_tables", "RouteTables", "RouteTableId", "route-table"
    id_pattern = "rtb-{}"
    stands_in = ("vpc", "vpc_id")
    delete_command = "ec2 delete-route-table --route-table-id {id}"
    fixed = {"vpc_id": "AWS cannot move a route table to another VPC"}

    listed: Sequence[dict[str, Any]] = ()
    """All route tables of the VPC as AWS gives them, also those that are not ours."""

    def __init__(self, *arguments: Any, routes_exclusive: bool = False):
        super().__init__(*arguments)
        self.routes_exclusive = routes_exclusive

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        vpcs = vpc_ids(found)
        self.listed = self.describe([{"Name": "vpc-id", "Values": vpcs}]) if vpcs else []
        existing = self.of_this_set(self.listed)
        keys = {resource.key for resource in wanted}
        own_subnets = {subnet.id for subnet in found.get("subnet", ())}
        for item in existing:
            if item.key not in keys:
                item.raw["blockers"] = self._blockers(item, found, own_subnets)
        return existing

    def _blockers(self, existing: Existing, found: Found, own_subnets: set[str]) -> list[str]:
        """AWS would delete somebody's routes with the table, and not delete a table that somebody's subnet uses."""
        routes = (
            []
            if self.routes_exclusive
            else [f"route {route_text(route)}" for route in foreign_routes(existing.raw, found)]
        )
        subnets = [
            f"subnet {association['SubnetId']}"
            for association in existing.raw.get("Associations", ())
            if association.get("SubnetId") and association["SubnetId"] not in own_subnets
        ]
        return routes + subnets

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        subnets = {
            twin.id: [item["SubnetId"] for item in twin.raw.get("Associations", ()) if item.get("SubnetId")]
            for twin in twins
        }
        return {identifier: [f"serves {', '.join(ids)}"] for identifier, ids in subnets.items() if ids}

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"vpc_id": item["VpcId"]}

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        token = str(uuid.uuid4())

        def call(client: Any) -> Existing:
            answer = client.create_route_table(
                VpcId=wanted.properties["vpc_id"], ClientToken=token, TagSpecifications=self.tag_specifications(tags)
            )
            return self.existing(answer["RouteTable"])

        return self.create_exactly_one(wanted.key, call)

    def delete(self, existing: Existing) -> None:
        when_released(lambda: self.ec2.delete_route_table(RouteTableId=existing.id))
