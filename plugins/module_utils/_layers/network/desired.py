# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a network consists of: a pure function from the module's options to resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._engine.model import Reference, Resource
from ..._resources.ec2.route import route_key
from ..._resources.ec2.routes import DEFAULT_ROUTE
from ..._resources.ec2.rules import INGRESS, canonical, ports_of, protocol_of, rule_key, sources_of
from ..rooms import Account
from .cidr import tier_cidrs
from .flow_logs import flow_log_resources
from .names import ENDPOINTS_GROUP, MAIN, group_name

PUBLIC, PRIVATE, ISOLATED = "public", "private", "isolated"
VPC_ID = Reference("vpc", MAIN)


def resources(params: Mapping[str, Any], tags: Mapping[str, str], account: Account) -> list[Resource]:
    """Everything that state=present wants; tags are those of every resource."""
    return [
        Resource(
            "vpc",
            MAIN,
            {"cidr_block": params["vpc_cidr"], "dns_support": True, "dns_hostnames": True},
            {**tags, "Name": params["name"]},
        ),
        Resource("default_security_group", "default", {"vpc_id": VPC_ID, "rules": []}),
        *_subnets(params, tags),
        *_gateways(params, tags),
        *_routing(params, tags),
        *_security_groups(params, tags),
        *_endpoints(params, tags),
        *(flow_log_resources(params, tags) if params["flow_logs_enabled"] else ()),
    ]


def nat_zones(params: Mapping[str, Any]) -> list[str]:
    """The zones with a NAT gateway."""
    return {
        "none": [],
        "single": sorted(params["availability_zones"])[:1],
        "per_az": list(params["availability_zones"]),
    }[params["nat_gateway_mode"]]


def _subnets(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    return [
        Resource(
            "subnet",
            f"{tier['key']}/{zone}",
            {
                "vpc_id": VPC_ID,
                "cidr_block": cidr,
                "availability_zone": zone,
                "map_public_ip_on_launch": bool(tier.get("map_public_ip_on_launch")),
            },
            {**tags, "Name": f"{params['name']}-{tier['key']}-{zone}", **_texts(tier.get("tags"))},
        )
        for tier in params["tiers"]
        for zone, cidr in tier_cidrs(params, tier).items()
    ]


def _texts(tags: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (tags or {}).items()}


def _gateways(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    public = [tier["key"] for tier in params["tiers"] if tier["type"] == PUBLIC]
    if not public:
        return []
    result = [Resource("internet_gateway", MAIN, {"vpc_id": VPC_ID}, {**tags, "Name": params["name"]})]
    for zone in nat_zones(params):
        named = {**tags, "Name": f"{params['name']}-nat-{zone}"}
        links = {
            "subnet_id": Reference("subnet", f"{public[0]}/{zone}"),
            "allocation_id": Reference("elastic_ip", zone),
        }
        result += [Resource("elastic_ip", zone, {}, named), Resource("nat_gateway", zone, links, named)]
    return result


def table_key(tier: Mapping[str, Any], zone: str) -> str:
    """A private tier has a table per zone in every NAT mode, so that changing the mode replaces only routes."""
    return f"{tier['key']}/{zone}" if tier["type"] == PRIVATE else tier["key"]


def _routing(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    result: dict[tuple[str, str], Resource] = {}

    def add(resource: Resource) -> None:
        result[resource.type, resource.key] = resource

    for tier in params["tiers"]:
        for zone in tier_cidrs(params, tier):
            key = table_key(tier, zone)
            table = Reference("route_table", key)
            add(
                Resource(
                    "route_table",
                    key,
                    {"vpc_id": VPC_ID},
                    {**tags, "Name": f"{params['name']}-{key.replace('/', '-')}"},
                )
            )
            target = _default_target(params, tier, zone)
            if target:
                add(
                    Resource(
                        "route",
                        route_key(key, DEFAULT_ROUTE),
                        {"route_table_id": table, "destination": DEFAULT_ROUTE, "target": target},
                    )
                )
            association = {"route_table_id": table, "subnet_id": Reference("subnet", f"{tier['key']}/{zone}")}
            add(Resource("route_table_association", f"{tier['key']}/{zone}", association))
    return list(result.values())


def _default_target(params: Mapping[str, Any], tier: Mapping[str, Any], zone: str) -> Reference | None:
    if tier["type"] == PUBLIC:
        return Reference("internet_gateway", MAIN)
    gateways = nat_zones(params)
    if tier["type"] == ISOLATED or not gateways:
        return None
    return Reference("nat_gateway", zone if zone in gateways else gateways[0])


def _security_groups(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    result = []
    for group in params["security_groups"]:
        key = group["key"]
        name = group_name(params, key)
        properties = {
            "vpc_id": VPC_ID,
            "group_name": name,
            "description": group.get("description") or f"Security group {key} of {params['name']}",
        }
        own_tags = {**tags, "Name": name, **_texts(group.get("tags"))}
        result.append(Resource("security_group", key, properties, own_tags))
        result += [rule for entry in group.get("rules") or () for rule in rule_resources(params, key, entry, tags)]
    return result


def rule_resources(
    params: Mapping[str, Any], group: str, rule: Mapping[str, Any], tags: Mapping[str, str]
) -> list[Resource]:
    """The rules that one declared rule stands for: one, or one per subnet where its source is a tier."""
    direction, protocol, ports = rule.get("direction") or INGRESS, protocol_of(rule), ports_of(rule)
    return [
        Resource(
            "security_group_rule",
            rule_key(group, direction, protocol, ports, name),
            {
                "group_id": Reference("security_group", group),
                "direction": direction,
                "protocol": protocol,
                "from_port": ports[0],
                "to_port": ports[1],
                "source": source,
                "description": rule.get("description") or "",
            },
            tags,
        )
        for name, source in _sources(params, group, rule)
    ]


def _sources(params: Mapping[str, Any], group: str, rule: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The source of a rule as it appears in the key, and the value or the reference that AWS is to get."""
    kind = sources_of(rule)[0]
    if kind == "self":
        return [(group, Reference("security_group", group))]
    if kind == "security_group":
        return [(rule[kind], Reference("security_group", rule[kind]))]
    if kind == "tier":
        tier = next(tier for tier in params["tiers"] if tier["key"] == rule[kind])
        return [(cidr, cidr) for cidr in tier_cidrs(params, tier).values()]
    value = canonical(rule[kind])
    return [(value, value)]


def _endpoints(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    gateways = (["s3"] if params["s3_gateway_endpoint_enabled"] else []) + list(params["gateway_endpoints"])
    result = [
        _endpoint(params, tags, service, "Gateway", {"route_table_ids": _gateway_tables(params)})
        for service in gateways
    ]
    services = params["interface_endpoints"]
    if not services:
        return result
    groups: list[Any] = list(params["interface_endpoint_security_group_ids"])
    if not groups:
        groups = [Reference("security_group", ENDPOINTS_GROUP)]
        result += _endpoints_group(params, tags)
    tier = next(tier for tier in params["tiers"] if tier["key"] == params["interface_endpoint_tier"])
    links = {
        "subnet_ids": [Reference("subnet", f"{tier['key']}/{zone}") for zone in tier_cidrs(params, tier)],
        "security_group_ids": groups,
        "private_dns_enabled": params["interface_endpoint_private_dns_enabled"],
    }
    return result + [_endpoint(params, tags, service, "Interface", links) for service in services]


def _gateway_tables(params: Mapping[str, Any]) -> Sequence[Reference]:
    """The tables of all tiers but the isolated ones, which have no way out of the VPC."""
    keys = dict.fromkeys(
        table_key(tier, zone)
        for tier in params["tiers"]
        if tier["type"] != ISOLATED
        for zone in tier_cidrs(params, tier)
    )
    return [Reference("route_table", key) for key in keys]


def _endpoint(
    params: Mapping[str, Any], tags: Mapping[str, str], service: str, kind: str, links: Mapping[str, Any]
) -> Resource:
    properties = {
        "vpc_id": VPC_ID,
        "service_name": f"com.amazonaws.{params['region']}.{service}",
        "vpc_endpoint_type": kind,
        **links,
    }
    return Resource(
        "vpc_endpoint", f"{kind.lower()}/{service}", properties, {**tags, "Name": f"{params['name']}-{service}"}
    )


def _endpoints_group(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    own = {
        "key": ENDPOINTS_GROUP,
        "description": f"Interface endpoints of {params['name']}",
        "rules": [
            {"protocol": "tcp", "port": 443, "cidr_ipv4": params["vpc_cidr"], "description": "HTTPS from the VPC"}
        ],
    }
    return _security_groups({**params, "security_groups": [own]}, tags)
