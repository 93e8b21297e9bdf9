# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the network module and the network role refuse before AWS is asked anything."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._aws.arns import POLICY_ARN, REGION, ROLE_ARN
from ..._engine.model import has_placeholder
from ..._inputs.aws_problems import key_arn_problems
from ..._inputs.problems import Problem, duplicates, log_retention_problems, tag_problems
from .cidr import tier_cidrs
from .desired import PUBLIC
from .group_checks import group_problems, security_group_id_problems
from .names import ENDPOINTS_GROUP, flow_logs_role_name

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*")
GATEWAY_SERVICES = ("dynamodb", "s3express")


def problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """Every wrong value of the module's options. The region, where it is known, is compared with the zones."""
    region = params.get("region") or ""
    yield from tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"])
    name = params["name"]
    if not NAME.fullmatch(name):
        yield Problem("name", name, "a name has 1 to 100 letters, digits, _ or -, and starts with a letter or a digit")
    elif name.lower().startswith("sg-"):
        yield Problem("name", name, "names of security groups cannot start with sg-")
    if params["state"] == "absent":
        return
    for option in ("vpc_cidr", "availability_zones", "tiers"):
        if not params.get(option):
            yield Problem(option, params.get(option), "it is required unless O(state) is absent")
            return
    vpc_problems = list(_vpc_cidr_problems(params["vpc_cidr"]))
    yield from vpc_problems
    yield from _zone_problems(params["availability_zones"], region)
    tier_problems = list(_tier_problems(params))
    yield from tier_problems
    yield from _gateway_problems(params)
    yield from _endpoint_problems(params)
    yield from _flow_log_problems(params, region)
    if not vpc_problems and not tier_problems:
        subnet_problems = list(_subnet_problems(params))
        yield from subnet_problems
        yield from group_problems(params, expand_tiers=not subnet_problems)


def network_problem(path: str, value: Any) -> Problem | None:
    """Why a text is no IPv4 network that a VPC or a subnet may have."""
    try:
        network = ipaddress.IPv4Network(value)
    except (ValueError, TypeError):
        try:
            meant = ipaddress.IPv4Network(value, strict=False)
        except (ValueError, TypeError):
            return Problem(path, value, "an IPv4 network in CIDR notation is allowed, 10.0.0.0/16 for example")
        return Problem(path, value, f"it has host bits set; the network is {meant}")
    if "/" not in str(value) or not 16 <= network.prefixlen <= 28:
        return Problem(path, value, "AWS allows the prefix lengths /16 to /28")
    return None


def _vpc_cidr_problems(value: Any) -> Iterator[Problem]:
    problem = network_problem("vpc_cidr", value)
    if problem:
        yield problem


def _zone_problems(zones: list[Any], region: str) -> Iterator[Problem]:
    for number, zone in enumerate(zones):
        path = f"availability_zones[{number}]"
        if not re.fullmatch(rf"{REGION.pattern}(-[a-z]+-\d)?[a-z]", zone):
            yield Problem(path, zone, "a zone is a region and a letter, ap-northeast-2a for example")
        elif region and not zone.startswith(region):
            yield Problem(path, zone, f"zones of the region {region} are allowed, {region}a for example")
        elif zone in zones[:number]:
            yield Problem(path, zone, "each zone is named once")
    regions = {found.group(0) for zone in zones if (found := REGION.match(zone))}
    if len(regions) > 1:
        yield Problem(
            "availability_zones",
            zones,
            f"the zones of one region are allowed, these are of {', '.join(sorted(regions))}",
        )


def _tier_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    tiers = params["tiers"]
    yield from duplicates(tiers, "tiers")
    for number, tier in enumerate(tiers):
        path = f"tiers[{number}]"
        if not KEY.fullmatch(str(tier.get("key"))):
            yield Problem(
                f"{path}.key",
                tier.get("key"),
                "a key has 1 to 40 lower-case letters, digits or _, and starts with a letter",
            )
        if tier.get("map_public_ip_on_launch") and tier.get("type") != PUBLIC:
            yield Problem(f"{path}.map_public_ip_on_launch", True, "it is allowed in public tiers only")
        yield from tag_problems(tier.get("tags") or {}, f"{path}.tags", params["identity_tag_prefix"])
        yield from (
            _explicit_subnet_problems(params, tier, path)
            if tier.get("subnets")
            else _computed_subnet_problems(tier, path)
        )


def _explicit_subnet_problems(params: Mapping[str, Any], tier: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for option in ("prefix_length", "index"):
        if tier.get(option) is not None:
            yield Problem(f"{path}.{option}", tier[option], "it is not allowed together with subnets")
    subnets = tier["subnets"]
    yield from duplicates(subnets, f"{path}.subnets", "availability_zone")
    zones = params["availability_zones"]
    for number, subnet in enumerate(subnets):
        zone = subnet.get("availability_zone")
        if zone not in zones:
            yield Problem(
                f"{path}.subnets[{number}].availability_zone",
                zone,
                f"it must be one of O(availability_zones): {', '.join(map(str, zones))}",
            )
        problem = network_problem(f"{path}.subnets[{number}].cidr", subnet.get("cidr"))
        if problem:
            yield problem
    missing = [str(zone) for zone in zones if zone not in [subnet.get("availability_zone") for subnet in subnets]]
    if missing:
        yield Problem(
            f"{path}.subnets",
            None,
            "explicit subnets cover each of O(availability_zones)",
            f"has no subnet in {', '.join(missing)}",
        )


def _computed_subnet_problems(tier: Mapping[str, Any], path: str) -> Iterator[Problem]:
    prefix_length, index = tier.get("prefix_length"), tier.get("index")
    if prefix_length is None or index is None:
        yield Problem(
            path,
            tier.get("key"),
            "a tier has either subnets, or both prefix_length and index",
            f"({tier.get('key')}) has no CIDRs",
        )
        return
    if not 16 <= prefix_length <= 28:
        yield Problem(f"{path}.prefix_length", prefix_length, "AWS allows the prefix lengths /16 to /28")
    if index < 0:
        yield Problem(f"{path}.index", index, "indexes start at 0")


def _subnet_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    vpc = ipaddress.IPv4Network(params["vpc_cidr"])
    seen: list[tuple[str, ipaddress.IPv4Network]] = []
    for number, tier in enumerate(params["tiers"]):
        path = f"tiers[{number}]"
        try:
            cidrs = tier_cidrs(params, tier)
        except ValueError as error:
            yield Problem(path, tier["key"], str(error), f"({tier['key']}) has no room")
            continue
        for zone, cidr in cidrs.items():
            network, name = ipaddress.IPv4Network(cidr), f"{tier['key']}/{zone}"
            if not network.subnet_of(vpc):
                yield Problem(path, cidr, f"subnets must lie inside O(vpc_cidr) {vpc}", f"({name}) is {cidr}")
            for other_name, other in seen:
                if network.overlaps(other):
                    yield Problem(
                        path,
                        cidr,
                        "subnets must not overlap",
                        f"({name}) is {cidr} and overlaps {other_name}, which is {other}",
                    )
            seen.append((name, network))


def _gateway_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    mode = params["nat_gateway_mode"]
    if mode != "none" and not any(tier.get("type") == PUBLIC for tier in params["tiers"]):
        yield Problem("nat_gateway_mode", mode, "NAT gateways need a tier of type public; without one, none is allowed")


def _endpoint_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    for option in ("gateway_endpoints", "interface_endpoints"):
        services = params[option]
        for number, service in enumerate(services):
            path = f"{option}[{number}]"
            if service in services[:number]:
                yield Problem(path, service, "each service is named once")
            elif option == "gateway_endpoints" and service not in GATEWAY_SERVICES:
                yield Problem(
                    path,
                    service,
                    f"allowed are {', '.join(GATEWAY_SERVICES)}; s3 has its own switch, O(s3_gateway_endpoint_enabled)",
                )
            elif not SERVICE.fullmatch(str(service)):
                yield Problem(
                    path, service, "a service is named as in com.amazonaws.<region>.<service>, ecr.api for example"
                )
            elif str(service).startswith("com.amazonaws."):
                yield Problem(path, service, "leave out com.amazonaws.<region>.")
    if not params["interface_endpoints"]:
        return
    yield from security_group_id_problems(
        "interface_endpoint_security_group_ids", params["interface_endpoint_security_group_ids"]
    )
    tiers = [tier.get("key") for tier in params["tiers"]]
    if params["interface_endpoint_tier"] not in tiers:
        yield Problem(
            "interface_endpoint_tier",
            params["interface_endpoint_tier"],
            f"allowed are the tiers {', '.join(map(str, tiers))}",
        )
    if not params["interface_endpoint_security_group_ids"]:
        for number, group in enumerate(params["security_groups"]):
            if group.get("key") == ENDPOINTS_GROUP:
                allowed = (
                    "this key is that of the interface endpoints' own group; choose another, "
                    "or give O(interface_endpoint_security_group_ids)"
                )
                yield Problem(f"security_groups[{number}].key", ENDPOINTS_GROUP, allowed)


def _flow_log_problems(params: Mapping[str, Any], region: str) -> Iterator[Problem]:
    yield from log_retention_problems(params["flow_logs_retention_days"], "flow_logs_retention_days")
    key, role = params.get("flow_logs_kms_key_arn"), params.get("flow_logs_role_arn")
    if params["flow_logs_enabled"] and not key:
        yield Problem(
            "flow_logs_kms_key_arn", key, "flow logs go to an encrypted log group: the ARN of a KMS key is required"
        )
    yield from key_arn_problems(
        "flow_logs_kms_key_arn",
        key,
        "the ARN of a KMS key is allowed (CloudWatch Logs takes no alias): arn:aws:kms:<region>:<account>:key/<id>",
    )
    if role and not has_placeholder(role) and not ROLE_ARN.fullmatch(role):
        yield Problem(
            "flow_logs_role_arn", role, "the ARN of an IAM role is allowed: arn:aws:iam::<account>:role/<name>"
        )
    boundary = params.get("flow_logs_role_permissions_boundary_arn")
    if boundary and not POLICY_ARN.fullmatch(boundary):
        allowed = "the ARN of a managed policy is allowed: arn:aws:iam::<account>:policy/<name>"
        yield Problem("flow_logs_role_permissions_boundary_arn", boundary, allowed)
    own = flow_logs_role_name({**params, "region": region or "ap-northeast-2"})
    if params["flow_logs_enabled"] and not role and len(own) > 64:
        yield Problem(
            "name",
            params["name"],
            (
                f"the role of the flow logs would be named {own}, and AWS allows 64 characters; "
                "shorten it or give O(flow_logs_role_arn)"
            ),
        )
