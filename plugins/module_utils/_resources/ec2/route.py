# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Routes. They carry no tags: ours are the declared destinations, and default routes to our gateways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code
from ..._aws.retrying import when_visible
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import Difference, Existing, Resource
from . import routes


def route_key(table_key: str, destination: str) -> str:
    return f"{table_key} {destination}"


class RouteAdapter(AwsAdapter):
    type = "route"
    after = ("internet_gateway",)  # to which a route leads
    reads = ("route_table", "nat_gateway", "internet_gateway")
    # Only the routes wait for the gateways; everything else is made meanwhile.
    waits_for = ("nat_gateway",)
    taggable = False
    stands_in = ("route_table", "route_table_id")
    fixed = {"route_table_id": "a route belongs to its table", "destination": "a route is known by its destination"}

    def __init__(self, clients: Clients, scope: Scope, exclusive: bool = False):
        """exclusive: routes that others put into our tables are removed."""
        super().__init__(clients, scope)
        self.exclusive = exclusive

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        keys = {resource.key for resource in wanted}
        return [
            self._existing(table, route, keys, found)
            for table in found.get("route_table", ())
            for route in table.raw.get("Routes", ())
            if not routes.is_automatic(route)
        ]

    def _existing(self, table: Existing, route: Mapping[str, Any], keys: set[str], found: Found) -> Existing:
        key = route_key(str(table.key), routes.destination(route))
        properties = {
            "route_table_id": table.id,
            "destination": routes.destination(route),
            "target": routes.target(route),
        }
        identifier = f"{table.id} {routes.destination(route)}"
        if key in keys or self.exclusive or routes.is_ours(route, found):
            return Existing(self.type, key, identifier, properties, raw=route)
        reason = f"route {routes.route_text(route)} in {table.key} was put there by others; left alone"
        return Existing(self.type, None, identifier, properties, owned=False, reason=reason, raw=route)

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        arguments = self._arguments(wanted.properties)
        try:
            when_visible(lambda: self.clients.get("ec2").create_route(**arguments))
        except ClientError as error:
            # The answer to a first try was lost, and botocore tried again.
            if error_code(error) != "RouteAlreadyExists":
                raise
            self.clients.get("ec2").replace_route(**arguments)
        return self._made(wanted)

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        when_visible(lambda: self.clients.get("ec2").replace_route(**self._arguments(wanted.properties)))
        return self._made(wanted)

    def _made(self, wanted: Resource) -> Existing:
        identifier = f"{wanted.properties['route_table_id']} {wanted.properties['destination']}"
        return Existing(self.type, wanted.key, identifier, dict(wanted.properties))

    def _arguments(self, properties: Mapping[str, Any]) -> dict[str, str]:
        target = "NatGatewayId" if properties["target"].startswith("nat-") else "GatewayId"
        return {
            "RouteTableId": properties["route_table_id"],
            "DestinationCidrBlock": properties["destination"],
            target: properties["target"],
        }

    def delete(self, existing: Existing) -> None:
        destination = existing.properties["destination"]
        argument = "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
        if destination.startswith("pl-"):
            argument = "DestinationPrefixListId"
        self.clients.get("ec2").delete_route(
            RouteTableId=existing.properties["route_table_id"], **{argument: destination}
        )
