# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS would stop a deletion for: asked only when something is to be deleted, so that nothing is half deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..._engine.identity import Scope
from ..._engine.model import Existing
from .base import pages, tag_filters, tags_of

IN_A_VPC = (
    ("subnet", "describe_subnets", "Subnets", "SubnetId", "vpc-id"),
    ("security group", "describe_security_groups", "SecurityGroups", "GroupId", "vpc-id"),
    ("route table", "describe_route_tables", "RouteTables", "RouteTableId", "vpc-id"),
    ("internet gateway", "describe_internet_gateways", "InternetGateways", "InternetGatewayId", "attachment.vpc-id"),
    ("network ACL", "describe_network_acls", "NetworkAcls", "NetworkAclId", "vpc-id"),
    ("VPC endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "vpc-id"),
    ("VPN gateway", "describe_vpn_gateways", "VpnGateways", "VpnGatewayId", "attachment.vpc-id"),
)
"""What keeps a VPC from being deleted: word, describe call, result, id, and the filter that names the VPC."""


def in_vpc(ec2: Any, scope: Scope, vpc_id: str) -> list[str]:
    """What is not ours in this VPC, in words."""
    texts = []
    for word, operation, result, id_field, filter_name in IN_A_VPC:
        for item in pages(getattr(ec2, operation), result, Filters=[{"Name": filter_name, "Values": [vpc_id]}]):
            if scope.key_of(tags_of(item)) is None and not _goes_with_the_vpc(item):
                texts.append(f"{word} {item[id_field]}")
    return texts


def _goes_with_the_vpc(item: Mapping[str, Any]) -> bool:
    """The default group, the main route table and the default network ACL are deleted with the VPC."""
    main = any(association.get("Main") for association in item.get("Associations", ()))
    gone = str(item.get("State", "")).lower() in ("deleted", "deleting")
    return main or gone or bool(item.get("IsDefault")) or item.get("GroupName") == "default"


def network_interfaces(ec2: Any, scope: Scope, filter_name: str, values: Sequence[str]) -> list[dict[str, Any]]:
    """The network interfaces that a filter finds, without those that go with our NAT gateways and endpoints."""
    found = (
        list(
            pages(
                ec2.describe_network_interfaces,
                "NetworkInterfaces",
                Filters=[{"Name": filter_name, "Values": list(values)}],
            )
        )
        if values
        else []
    )
    if not found:
        return []
    own: set[str] = set()
    filters = tag_filters(scope.set_tags())
    for gateway in pages(ec2.describe_nat_gateways, "NatGateways", Filter=filters):
        if scope.key_of(tags_of(gateway)) is not None:
            own.update(address.get("NetworkInterfaceId") for address in gateway.get("NatGatewayAddresses", ()))
    for endpoint in pages(ec2.describe_vpc_endpoints, "VpcEndpoints", Filters=filters):
        if scope.key_of(tags_of(endpoint)) is not None:
            own.update(endpoint.get("NetworkInterfaceIds", ()))
    return [item for item in found if item["NetworkInterfaceId"] not in own]


def signs_of_use(ec2: Any, scope: Scope, filter_name: str, twins: Sequence[Existing]) -> dict[str, list[str]]:
    """How many network interfaces of others each of these has, which the filter finds by its id."""
    count = Counter(
        place
        for interface in network_interfaces(ec2, scope, filter_name, [twin.id for twin in twins])
        for place in {
            interface.get("VpcId"),
            interface.get("SubnetId"),
            *(group["GroupId"] for group in interface.get("Groups", ())),
        }
    )
    return {
        twin.id: [f"has {count[twin.id]} network interface{'s' if count[twin.id] > 1 else ''}"]
        for twin in twins
        if count[twin.id]
    }


def interface_text(item: Mapping[str, Any]) -> str:
    description = item.get("Description")
    return f"network interface {item['NetworkInterfaceId']}" + (f" ({description})" if description else "")
