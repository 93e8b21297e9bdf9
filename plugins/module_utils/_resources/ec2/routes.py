# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which route in a table is whose: pure functions over what DescribeRouteTables answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._engine.adapter import Found
from ..._engine.model import Existing

DEFAULT_ROUTE = "0.0.0.0/0"
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS = (
    "NatGatewayId",
    "GatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "NetworkInterfaceId",
    "InstanceId",
)


def destination(route: Mapping[str, Any]) -> str:
    return next((route[name] for name in _DESTINATIONS if route.get(name)), "")


def target(route: Mapping[str, Any]) -> str:
    return next((route[name] for name in _TARGETS if route.get(name)), "")


def route_text(route: Mapping[str, Any]) -> str:
    return f"{destination(route)} to {target(route)}"


def is_automatic(route: Mapping[str, Any]) -> bool:
    """Whether AWS keeps this route by itself: the local one, those of gateway endpoints and propagated ones."""
    return (
        target(route) == "local"
        or target(route).startswith("vpce-")
        or route.get("Origin") == "EnableVgwRoutePropagation"
    )


def is_ours(route: Mapping[str, Any], found: Found) -> bool:
    """Whether we made this route, which carries no tag: a default route to a gateway that is ours, or gone."""
    if destination(route) != DEFAULT_ROUTE:
        return False
    own = {item.id for kind in ("nat_gateway", "internet_gateway") for item in found.get(kind, ())}
    gone = route.get("State") == "blackhole" and target(route).startswith(("nat-", "igw-"))
    return target(route) in own or gone


def signs_of_use(twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
    """Which of our route tables lead to each of these gateways."""
    tables = {
        twin.id: [
            table.id for table in found.get("route_table", ()) if twin.id in map(target, table.raw.get("Routes", ()))
        ]
        for twin in twins
    }
    return {identifier: [f"has routes in {', '.join(ids)}"] for identifier, ids in tables.items() if ids}


def foreign_routes(table: Mapping[str, Any], found: Found) -> list[Mapping[str, Any]]:
    """The routes that others put into this table."""
    return [route for route in table.get("Routes", ()) if not is_automatic(route) and not is_ours(route, found)]
