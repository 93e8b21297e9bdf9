"""What a network consists of, computed CIDRs, and which rule, route and output is which. Nothing here calls AWS."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    Existing,
    Reference,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.order import order_of
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.network import cidr
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.network.adapters import (
    adapters,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.network.desired import (
    nat_zones,
    resources,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.network.outputs import outputs
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.ec2 import routes, rules

REGION = "ap-northeast-2"
ZONES = ["ap-northeast-2a", "ap-northeast-2b"]
DEFAULTS = {
    "region": REGION,
    "name": "acme",
    "vpc_cidr": "10.0.0.0/16",
    "availability_zones": ZONES,
    "tiers": [
        {"key": "public", "type": "public", "prefix_length": 22, "index": 0},
        {"key": "private", "type": "private", "prefix_length": 22, "index": 1},
    ],
    "nat_gateway_mode": "single",
    "retain_nat_addresses": False,
    "s3_gateway_endpoint_enabled": True,
    "gateway_endpoints": [],
    "interface_endpoints": [],
    "interface_endpoint_tier": "private",
    "interface_endpoint_security_group_ids": [],
    "interface_endpoint_private_dns_enabled": True,
    "flow_logs_enabled": False,
    "flow_logs_retention_days": 30,
    "flow_logs_traffic_type": "ALL",
    "flow_logs_kms_key_arn": "key",
    "flow_logs_role_arn": None,
    "security_groups": [],
    "security_group_rules_exclusive": False,
    "routes_exclusive": False,
}
DATABASE = {"key": "database", "type": "isolated", "prefix_length": 22, "index": 2}


class NoClients:
    region = REGION


def wanted(**params):
    return {(item.type, item.key): item for item in resources({**DEFAULTS, **params}, {}, NoClients())}


def keys(found, kind):
    return [key for name, key in found if name == kind]


# --- CIDRs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "zone", "expected"),
    [
        (0, "ap-northeast-2a", "10.0.0.0/22"),
        (0, "ap-northeast-2b", "10.0.4.0/22"),
        (1, "ap-northeast-2a", "10.0.32.0/22"),
        (1, "ap-northeast-2h", "10.0.60.0/22"),
        (7, "ap-northeast-2h", "10.0.252.0/22"),
    ],
)
def test_computed_cidrs_follow_tier_and_zone_letter(index, zone, expected):
    assert cidr.computed_cidr("10.0.0.0/16", 22, index, zone) == expected


@pytest.mark.parametrize(
    ("prefix_length", "index", "zone"),
    [(22, 8, "ap-northeast-2a"), (18, 0, "ap-northeast-2a"), (22, 0, "ap-northeast-2i")],
)
def test_no_room_is_an_error(prefix_length, index, zone):
    with pytest.raises(ValueError, match=r"room for|letters a to h"):
        cidr.computed_cidr("10.0.0.0/16", prefix_length, index, zone)


def test_a_zone_or_a_tier_moves_no_other_subnet():
    first = wanted()
    grown = wanted(
        availability_zones=["ap-northeast-2c", *reversed(ZONES)], tiers=[DATABASE, *reversed(DEFAULTS["tiers"])]
    )
    for identity, resource in first.items():
        if resource.type == "subnet":
            assert grown[identity] == resource
    assert len(keys(grown, "subnet")) == 9


# --- routing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "gateways"), [("none", []), ("single", ZONES[:1]), ("per_az", ZONES)])
def test_only_routes_tell_the_nat_modes_apart(mode, gateways):
    found = wanted(nat_gateway_mode=mode)
    assert keys(found, "nat_gateway") == keys(found, "elastic_ip") == gateways
    assert keys(found, "route_table") == ["public", *(f"private/{zone}" for zone in ZONES)]
    targets = {key: resource.properties["target"] for (kind, key), resource in found.items() if kind == "route"}
    expected = {
        f"private/{zone} 0.0.0.0/0": Reference("nat_gateway", zone if mode == "per_az" else ZONES[0])
        for zone in ZONES
        if gateways
    }
    assert targets == {"public 0.0.0.0/0": Reference("internet_gateway", "main"), **expected}


def test_an_isolated_tier_has_one_table_no_default_route_and_no_gateway_endpoint():
    found = wanted(tiers=[*DEFAULTS["tiers"], DATABASE])
    assert "database" in keys(found, "route_table") and not [
        key for key in keys(found, "route") if key.startswith("database")
    ]
    assert Reference("route_table", "database") not in found["vpc_endpoint", "gateway/s3"].properties["route_table_ids"]


def test_without_a_public_tier_there_is_no_internet_gateway():
    found = wanted(tiers=DEFAULTS["tiers"][1:], nat_gateway_mode="none")
    assert keys(found, "internet_gateway") == keys(found, "route") == []


def test_the_traffic_type_is_part_of_the_flow_logs_identity():
    assert keys(wanted(flow_logs_enabled=True, flow_logs_traffic_type="REJECT"), "flow_log") == ["vpc/reject"]
    given = wanted(flow_logs_enabled=True, flow_logs_role_arn="arn:aws:iam::123456789012:role/x")
    assert keys(given, "iam_role") == [] and given["flow_log", "vpc/all"].properties[
        "deliver_logs_permission_arn"
    ].endswith("role/x")


@pytest.mark.parametrize(
    ("route", "automatic", "ours"),
    [
        ({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}, True, False),
        ({"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"}, True, False),
        (
            {"DestinationCidrBlock": "10.8.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"},
            True,
            False,
        ),
        ({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}, False, True),
        ({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-gone", "State": "blackhole"}, False, True),
        ({"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-theirs", "State": "active"}, False, False),
        ({"DestinationCidrBlock": "0.0.0.0/0", "TransitGatewayId": "tgw-1", "State": "active"}, False, False),
        ({"DestinationCidrBlock": "10.9.0.0/16", "NatGatewayId": "nat-1", "State": "active"}, False, False),
        ({"DestinationCidrBlock": "10.9.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "active"}, False, False),
    ],
)
def test_whose_a_route_is(route, automatic, ours):
    found = {"nat_gateway": [Existing("nat_gateway", "a", "nat-1")]}
    assert routes.is_automatic(route) == automatic
    assert routes.is_ours(route, found) == ours
    assert bool(routes.foreign_routes({"Routes": [route]}, found)) == (not automatic and not ours)


# --- rules -----------------------------------------------------------------------------------------------------------


def group(*entries, key="web"):
    return {"security_groups": [{"key": key, "rules": list(entries)}, {"key": "other"}]}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"port": 443, "cidr_ipv4": "0.0.0.0/0"}, ["web ingress tcp 443 from 0.0.0.0/0"]),
        (
            {"protocol": "6", "from_port": 1, "to_port": 9, "security_group": "other"},
            ["web ingress tcp 1-9 from other"],
        ),
        ({"protocol": "all", "self": True}, ["web ingress all from web"]),
        ({"protocol": "-1", "direction": "egress", "cidr_ipv6": "0::/0"}, ["web egress all to ::/0"]),
        ({"protocol": "icmp", "from_port": 8, "cidr_ipv4": "10.0.0.0/8"}, ["web ingress icmp 8--1 from 10.0.0.0/8"]),
        ({"protocol": "50", "prefix_list_id": "pl-12345678"}, ["web ingress 50 from pl-12345678"]),
        (
            {"port": 5432, "tier": "private"},
            ["web ingress tcp 5432 from 10.0.32.0/22", "web ingress tcp 5432 from 10.0.36.0/22"],
        ),
    ],
)
def test_the_identity_of_a_rule(rule, expected):
    assert keys(wanted(**group(rule)), "security_group_rule") == expected


@pytest.mark.parametrize(
    "properties",
    [
        {"protocol": "tcp", "from_port": 1, "to_port": 9, "source": "10.0.0.0/8"},
        {"protocol": "-1", "from_port": -1, "to_port": -1, "source": "::/0"},
        {"protocol": "udp", "from_port": 53, "to_port": 53, "source": "sg-12345678"},
        {"protocol": "icmp", "from_port": -1, "to_port": -1, "source": "pl-12345678"},
    ],
)
def test_a_rule_is_sent_as_it_is_read(properties):
    properties = {**properties, "description": "why"}
    sent = rules.permission(properties)
    (source,) = [
        entry
        for name in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
        for entry in sent.get(name, ())
    ]
    assert source.pop("Description") == "why" and list(source.values()) == [properties["source"]]
    item = {
        "GroupId": "sg-1",
        "IsEgress": False,
        "IpProtocol": sent["IpProtocol"],
        "FromPort": sent.get("FromPort", -1),
        "ToPort": sent.get("ToPort"),
    }
    names = {"sg": "ReferencedGroupInfo", "pl": "PrefixListId", "10": "CidrIpv4", "::": "CidrIpv6"}
    value = {"GroupId": properties["source"]} if properties["source"].startswith("sg") else properties["source"]
    read = rules.properties_of({**item, names[properties["source"][:2]]: value, "Description": "why"})
    assert read == {**properties, "group_id": "sg-1", "direction": "ingress"}


@pytest.mark.parametrize(
    ("change", "tags", "expected"),
    [
        ({}, {}, True),
        ({"description": "by hand"}, {}, False),
        ({}, {"Owner": "them"}, False),
        ({"direction": "ingress"}, {}, False),
    ],
)
def test_the_rule_that_aws_makes(change, tags, expected):
    properties = {"direction": "egress", "protocol": "-1", "source": "0.0.0.0/0", "description": "", **change}
    assert rules.is_aws_default(properties, tags) == expected


# --- outputs and order -----------------------------------------------------------------------------------------------


def plan(**params):
    options = {**DEFAULTS, **params}
    return make_plan(adapters(NoClients(), Scope("acme", "network"), options), resources(options, {}, NoClients()), {})


def test_outputs_are_sorted_by_zone_and_leave_out_what_is_not_there():
    result = outputs(plan(nat_gateway_mode="per_az", availability_zones=ZONES[::-1], **group(key="alb")))
    assert result == {
        "vpc_id": "vpc-known-after-apply.main",
        "vpc_cidr": "10.0.0.0/16",
        "public_subnet_ids": [f"subnet-known-after-apply.public/{zone}" for zone in sorted(ZONES)],
        "private_subnet_ids": [f"subnet-known-after-apply.private/{zone}" for zone in sorted(ZONES)],
        "internet_gateway_id": "igw-known-after-apply.main",
        "nat_gateway_ids": [f"nat-known-after-apply.{zone}" for zone in sorted(ZONES)],
        "nat_public_ips": [f"known-after-apply.{zone}" for zone in sorted(ZONES)],
        "alb_security_group_id": "sg-known-after-apply.alb",
    }


def test_everything_but_routes_and_associations_is_made_before_the_wait_for_nat_gateways():
    full = plan(
        nat_gateway_mode="per_az",
        flow_logs_enabled=True,
        interface_endpoints=["ssm"],
        **group({"port": 1, "cidr_ipv4": "0.0.0.0/0"}),
    )
    order = list(dict.fromkeys(action.type for action in full.actions))
    assert order[-2:] == ["route", "route_table_association"]
    deleted = full.order.backward
    assert deleted[-1] == "vpc"
    for lower in ("elastic_ip", "subnet", "internet_gateway", "route_table", "security_group", "vpc"):
        for slow in ("nat_gateway", "vpc_endpoint"):
            assert deleted.index(slow) < deleted.index(lower), "their deletions are waited for side by side"
        assert lower in full.order.needs["nat_gateway"] | full.order.needs["vpc_endpoint"], "and before this one's"


def test_a_deletion_knows_the_whole_order_although_nothing_is_wanted():
    options = {"nat_gateway_mode": "per_az", "flow_logs_enabled": True, "interface_endpoints": ["ssm"]}
    full = plan(**options, **group({"port": 1, "cidr_ipv4": "0.0.0.0/0"}))
    assert order_of(list(full.adapters.values()), []) == full.order, (
        "an adapter's `after` lacks what resources refer to"
    )


def test_a_failed_nat_gateway_is_replaced():
    options = {**DEFAULTS}
    all_adapters = adapters(NoClients(), Scope("acme", "network"), options)
    nat = next(adapter for adapter in all_adapters if adapter.type == "nat_gateway")
    tags = [{"Key": name, "Value": value} for name, value in Scope("acme", "network").tags(ZONES[0]).items()]
    item = {
        "NatGatewayId": "nat-1",
        "SubnetId": "subnet-1",
        "State": "failed",
        "FailureMessage": "no address",
        "Tags": tags,
    }
    made = make_plan(all_adapters, resources(options, {}, NoClients()), {"nat_gateway": [nat.existing(item)]})
    steps = [(action.kind, action.id, action.reason) for action in made.changes if action.type == "nat_gateway"]
    assert steps == [("create", None, ""), ("delete", "nat-1", "it failed:  no address")]


def test_the_order_of_the_zones_moves_no_gateway():
    zones = ["ap-northeast-2a", "ap-northeast-2b"]
    assert nat_zones({"nat_gateway_mode": "single", "availability_zones": zones}) == ["ap-northeast-2a"]
    assert nat_zones({"nat_gateway_mode": "single", "availability_zones": zones[::-1]}) == ["ap-northeast-2a"]
