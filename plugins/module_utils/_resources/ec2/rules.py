# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The identity of a security group rule: group, direction, protocol, ports and one source. Pure functions."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

SOURCES = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "security_group", "security_group_id", "tier", "self")
"""The options of a rule that name its source (ingress) or destination (egress), of which it has exactly one."""
INGRESS, EGRESS = "ingress", "egress"
ALL_PROTOCOLS = "-1"
PROTOCOL_NAMES = {"all": ALL_PROTOCOLS, "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
"""Other ways to write a protocol: what AWS stores and answers."""
WITH_PORTS = ("tcp", "udp")
ICMP = ("icmp", "icmpv6")


def protocol_of(rule: Mapping[str, Any]) -> str:
    """The protocol of a declared rule as AWS answers it: tcp, udp, icmp, icmpv6, -1 or a number."""
    text = str(rule.get("protocol") or "tcp").lower()
    return PROTOCOL_NAMES.get(text, text)


def ports_of(rule: Mapping[str, Any]) -> tuple[int, int]:
    """From and to port of a declared rule (ICMP: type and code), -1 for all."""
    if protocol_of(rule) not in (*WITH_PORTS, *ICMP):
        return -1, -1
    if rule.get("port") is not None:
        return rule["port"], rule["port"]
    first, last = rule.get("from_port"), rule.get("to_port")
    return -1 if first is None else first, -1 if last is None else last


def sources_of(rule: Mapping[str, Any]) -> list[str]:
    """The names of the sources that a declared rule sets."""
    return [name for name in SOURCES if rule.get(name) not in (None, "", False)]


def canonical(cidr: str) -> str:
    """A CIDR as AWS stores it; ::/0 for 0::/0."""
    return str(ipaddress.ip_network(cidr)) if ":" in cidr else cidr


def rule_key(group: str, direction: str, protocol: str, ports: tuple[int, int], source: str) -> str:
    """rule_key("rds", "ingress", "tcp", (5432, 5432), "ecs_tasks") is "rds ingress tcp 5432 from ecs_tasks"."""
    name = "all" if protocol == ALL_PROTOCOLS else protocol
    return f"{group} {direction} {name}{_ports_text(ports)} {'from' if direction == INGRESS else 'to'} {source}"


def _ports_text(ports: tuple[int, int]) -> str:
    first, last = ports
    if first == -1 and last == -1:
        return ""
    return f" {first}" if first == last else f" {first}-{last}"


def source_argument(source: str) -> str:
    """Which kind of source a text is, in our words."""
    if source.startswith("sg-"):
        return "security_group_id"
    if source.startswith("pl-"):
        return "prefix_list_id"
    return "cidr_ipv6" if ":" in source else "cidr_ipv4"


def permission(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the IpPermissions of the authorize calls have it."""
    source = properties["source"]
    lists = {
        "security_group_id": ("UserIdGroupPairs", "GroupId"),
        "prefix_list_id": ("PrefixListIds", "PrefixListId"),
        "cidr_ipv6": ("Ipv6Ranges", "CidrIpv6"),
        "cidr_ipv4": ("IpRanges", "CidrIp"),
    }
    name, field = lists[source_argument(source)]
    entry = {field: source}
    if properties.get("description"):
        entry["Description"] = properties["description"]
    result: dict[str, Any] = {"IpProtocol": properties["protocol"], name: [entry]}
    if properties["protocol"] != ALL_PROTOCOLS:
        result.update(FromPort=properties["from_port"], ToPort=properties["to_port"])
    return result


def rule_request(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as ModifySecurityGroupRules takes it."""
    field = {
        "security_group_id": "ReferencedGroupId",
        "prefix_list_id": "PrefixListId",
        "cidr_ipv6": "CidrIpv6",
        "cidr_ipv4": "CidrIpv4",
    }
    return {
        "IpProtocol": properties["protocol"],
        "FromPort": properties["from_port"],
        "ToPort": properties["to_port"],
        field[source_argument(properties["source"])]: properties["source"],
        "Description": properties["description"],
    }


def properties_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of one item of DescribeSecurityGroupRules."""
    referenced = item.get("ReferencedGroupInfo") or {}
    first, last = item.get("FromPort"), item.get("ToPort")
    return {
        "group_id": item["GroupId"],
        "direction": EGRESS if item.get("IsEgress") else INGRESS,
        "protocol": item["IpProtocol"],
        "from_port": -1 if first is None else first,
        "to_port": -1 if last is None else last,
        "source": item.get("CidrIpv4")
        or item.get("CidrIpv6")
        or item.get("PrefixListId")
        or referenced.get("GroupId")
        or "",
        "description": item.get("Description") or "",
    }


def is_aws_default(properties: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    """Whether this is the egress rule that AWS puts into a new group: everything to anywhere, untagged."""
    return (
        properties["direction"] == EGRESS
        and properties["protocol"] == ALL_PROTOCOLS
        and properties["source"] == "0.0.0.0/0"
        and not properties["description"]
        and not tags
    )
