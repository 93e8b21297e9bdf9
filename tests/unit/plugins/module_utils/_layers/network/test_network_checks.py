"""Bad input of the network: one clear line each, with the place, the value and what is allowed."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.network.checks import problems
from test_network_desired import DEFAULTS

GOOD = {**DEFAULTS, "state": "present", "tags": {}, "identity_tag_prefix": "connectly:", "flow_logs_kms_key_arn": None}
PUBLIC, PRIVATE = DEFAULTS["tiers"]
KEY_ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234"


def texts(**params):
    return [problem.text("network_") for problem in problems({**GOOD, **params})]


def explicit(*cidrs, key="private", kind="private"):
    zones = GOOD["availability_zones"]
    return {
        "key": key,
        "type": kind,
        "subnets": [{"availability_zone": zone, "cidr": text} for zone, text in zip(zones, cidrs, strict=True)],
    }


def rule(**entry):
    return {"security_groups": [{"key": "web", "rules": [entry]}, {"key": "other"}]}


def test_good_input_has_no_problems():
    assert texts() == []
    assert (
        texts(
            tiers=[PUBLIC, explicit("10.0.101.0/24", "10.0.102.0/24")],
            flow_logs_enabled=True,
            flow_logs_kms_key_arn=KEY_ARN,
        )
        == []
    )
    assert (
        texts(availability_zones=["ap-northeast-2a"], nat_gateway_mode="per_az", interface_endpoints=["ecr.api"]) == []
    )
    assert (
        texts(**rule(protocol="all", self=True))
        == texts(**rule(port=1, tier="private"))
        == texts(**rule(protocol="50", cidr_ipv6="::/0"))
        == []
    )


def test_placeholders_of_other_layers_are_good_input():
    unknown = "known-after-apply.main"
    assert (
        texts(
            flow_logs_enabled=True,
            flow_logs_kms_key_arn=f"arn:aws:kms:::key/{unknown}",
            flow_logs_role_arn=f"arn:aws:iam::{unknown}",
        )
        == []
    )
    assert texts(**rule(port=1, security_group_id=f"sg-{unknown}")) == []


def test_absent_needs_no_more_than_a_name():
    assert texts(state="absent", vpc_cidr=None, availability_zones=None, tiers=None) == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"name": "a b"}, "network_name is 'a b'; a name has 1 to 100"),
        ({"name": "sg-x"}, "network_name is 'sg-x'; names of security groups cannot start with sg-"),
        ({"vpc_cidr": None}, "network_vpc_cidr is None; it is required unless network_state is absent"),
        (
            {"vpc_cidr": "10.0.0.1/16"},
            "network_vpc_cidr is '10.0.0.1/16'; it has host bits set; the network is 10.0.0.0/16",
        ),
        ({"vpc_cidr": "10.0.0.0/8"}, "network_vpc_cidr is '10.0.0.0/8'; AWS allows the prefix lengths /16 to /28"),
        ({"vpc_cidr": "10.0.0.0"}, "AWS allows the prefix lengths"),
        ({"vpc_cidr": "10.0.0.256/16"}, "an IPv4 network in CIDR notation"),
        (
            {"availability_zones": ["ap-northeast-2"]},
            "network_availability_zones[0] is 'ap-northeast-2'; a zone is a region and a letter",
        ),
        (
            {"availability_zones": ["us-east-1a"]},
            "zones of the region ap-northeast-2 are allowed, ap-northeast-2a for example",
        ),
        (
            {"availability_zones": ["ap-northeast-2a", "ap-northeast-2a"]},
            "network_availability_zones[1] is 'ap-northeast-2a'; each zone is named once",
        ),
        ({"availability_zones": ["ap-northeast-2z"]}, "does not end in one of the letters a to h"),
        ({"tiers": [PUBLIC, PUBLIC]}, "network_tiers[1].key is 'public'; each key in tiers is used once"),
        ({"tiers": [PUBLIC, {**PRIVATE, "key": "Private Tier"}]}, "network_tiers[1].key is 'Private Tier'"),
        (
            {"tiers": [PUBLIC, {"key": "x", "type": "private"}]},
            "network_tiers[1] (x) has no CIDRs; a tier has either subnets, or both",
        ),
        ({"tiers": [PUBLIC, {**PRIVATE, "prefix_length": 29}]}, "network_tiers[1].prefix_length is 29; AWS allows"),
        (
            {"tiers": [PUBLIC, {**PRIVATE, "index": 8}]},
            "network_tiers[1] (private) has no room; 10.0.0.0/16 has room for 8 tiers of /22",
        ),
        ({"tiers": [PUBLIC, {**PRIVATE, "index": -1}]}, "network_tiers[1].index is -1; indexes start at 0"),
        (
            {"tiers": [PUBLIC, {**PRIVATE, "index": 0}]},
            "overlaps public/ap-northeast-2a, which is 10.0.0.0/22; subnets must not overlap",
        ),
        ({"tiers": [PUBLIC, {**PRIVATE, "map_public_ip_on_launch": True}]}, "it is allowed in public tiers only"),
        (
            {"tiers": [PUBLIC, explicit("10.0.32.0/24", "10.0.32.128/25")]},
            "(private/ap-northeast-2b) is 10.0.32.128/25 and overlaps private/ap-northeast-2a",
        ),
        (
            {"tiers": [PUBLIC, explicit("10.0.32.0/24", "10.1.0.0/24")]},
            "(private/ap-northeast-2b) is 10.1.0.0/24; subnets must lie inside network_vpc_cidr",
        ),
        (
            {"tiers": [PUBLIC, explicit("10.0.32.0/24", "10.0.33.1/24")]},
            "network_tiers[1].subnets[1].cidr is '10.0.33.1/24'; it has host bits set",
        ),
        (
            {"tiers": [PUBLIC, explicit("10.0.32.0/24", "10.0.33.0/24")], "availability_zones": ["ap-northeast-2a"]},
            (
                "network_tiers[1].subnets[1].availability_zone is 'ap-northeast-2b'; "
                "it must be one of network_availability_zones"
            ),
        ),
        (
            {
                "tiers": [PUBLIC, explicit("10.0.32.0/24", "10.0.33.0/24")],
                "availability_zones": [f"ap-northeast-2{letter}" for letter in "abc"],
            },
            "network_tiers[1].subnets has no subnet in ap-northeast-2c",
        ),
        (
            {"tiers": [PUBLIC, {**explicit("10.0.32.0/24", "10.0.33.0/24"), "index": 1}]},
            "network_tiers[1].index is 1; it is not allowed together with",
        ),
        ({"tiers": [{**PUBLIC, "tags": {"aws:x": "y"}}, PRIVATE]}, "network_tiers[0].tags.aws:x"),
        ({"tiers": [PRIVATE]}, "network_nat_gateway_mode is 'single'; NAT gateways need a tier of type public"),
        (
            {"gateway_endpoints": ["s3"]},
            "network_gateway_endpoints[0] is 's3'; allowed are dynamodb, s3express; s3 has its own switch",
        ),
        ({"interface_endpoints": ["com.amazonaws.ap-northeast-2.ssm"]}, "leave out com.amazonaws.<region>."),
        (
            {"interface_endpoints": ["ssm", "ssm"]},
            "network_interface_endpoints[1] is 'ssm'; each service is named once",
        ),
        (
            {"interface_endpoints": ["ssm"], "interface_endpoint_tier": "app"},
            "network_interface_endpoint_tier is 'app'; allowed are the tiers public, private",
        ),
        (
            {"interface_endpoints": ["ssm"], "interface_endpoint_security_group_ids": ["web"]},
            "the id of a security group is allowed",
        ),
        (
            {"interface_endpoints": ["ssm"], "security_groups": [{"key": "vpc_endpoints"}]},
            "this key is that of the interface endpoints' own group",
        ),
        ({"flow_logs_enabled": True}, "network_flow_logs_kms_key_arn is None; flow logs go to an encrypted log group"),
        ({"flow_logs_kms_key_arn": "alias/x"}, "CloudWatch Logs takes no alias"),
        ({"flow_logs_kms_key_arn": f"{KEY_ARN} or alias/x"}, "CloudWatch Logs takes no alias"),
        ({"flow_logs_role_arn": "flow-logs"}, "network_flow_logs_role_arn is 'flow-logs'; the ARN of an IAM role"),
        (
            {"flow_logs_role_permissions_boundary_arn": "boundary"},
            "network_flow_logs_role_permissions_boundary_arn is 'boundary'; the ARN of a managed policy",
        ),
        ({"flow_logs_retention_days": 31}, "network_flow_logs_retention_days is 31; must be one of 1, 3, 5"),
        ({"flow_logs_enabled": True, "flow_logs_kms_key_arn": KEY_ARN, "name": "a" * 45}, "AWS allows 64 characters"),
        (
            {"security_groups": [{"key": "a-b"}]},
            "network_security_groups[0].key is 'a-b'; a key has 1 to 40 lower-case",
        ),
        ({"security_groups": [{"key": "a"}, {"key": "a"}]}, "each key in security_groups is used once"),
        (
            {"security_groups": [{"key": "a", "description": "naïve"}]},
            "network_security_groups[0].description is 'naïve'; AWS allows 255",
        ),
        (
            rule(cidr_ipv4="0.0.0.0/0"),
            "network_security_groups[0].rules[0] has no ports; a tcp or udp rule has either port",
        ),
        (rule(port=1, from_port=1, to_port=1, self=True), "has port, from_port, to_port; a tcp or udp rule has either"),
        (rule(port=65536, self=True), "rules[0].port is 65536; ports are 0 to 65535"),
        (rule(from_port=9, to_port=1, self=True), "rules[0].from_port is 9; it must not be above to_port, which is 1"),
        (rule(protocol="http", self=True), "rules[0].protocol is 'http'; allowed are tcp, udp"),
        (rule(protocol="all", port=1, self=True), "rules[0].port is 1; ports are allowed with tcp and udp"),
        (rule(protocol="icmp", from_port=256, self=True), "types and codes of icmp are 0 to 255"),
        (rule(port=1), "rules[0] has no source; a rule has exactly one of cidr_ipv4"),
        (rule(port=1, self=True, cidr_ipv4="10.0.0.0/8"), "rules[0] has cidr_ipv4, self; a rule has exactly one of"),
        (rule(port=1, cidr_ipv4="10.0.0.1/8"), "rules[0].cidr_ipv4 is '10.0.0.1/8'; write 10.0.0.0/8"),
        (rule(port=1, cidr_ipv4="10.0.0.1"), "rules[0].cidr_ipv4 is '10.0.0.1'; write 10.0.0.1/32"),
        (rule(port=1, cidr_ipv6="10.0.0.0/8"), "an IPv6 network in CIDR notation is allowed"),
        (
            rule(port=1, security_group="nope"),
            "rules[0].security_group is 'nope'; allowed are the keys of network_security_groups: web, other",
        ),
        (
            rule(port=1, security_group_id="web"),
            "rules[0].security_group_id is 'web'; the id of a security group is allowed",
        ),
        (rule(port=1, prefix_list_id="s3"), "rules[0].prefix_list_id is 's3'"),
        (rule(port=1, tier="app"), "rules[0].tier is 'app'; allowed are the tiers public, private"),
        (rule(port=1, self=True, description="a < b"), "rules[0].description is 'a < b'; AWS allows 255 characters"),
        (
            {
                "security_groups": [
                    {
                        "key": "web",
                        "rules": [
                            {"port": 1, "self": True},
                            {"protocol": "6", "from_port": 1, "to_port": 1, "security_group": "web"},
                        ],
                    }
                ]
            },
            "rules[1] is web ingress tcp 1 from web again",
        ),
        ({"tags": {"connectly:key": "x"}}, "the prefixes aws: and connectly: are reserved"),
    ],
)
def test_bad_input(params, expected):
    found = texts(**params)
    assert any(expected in text for text in found), found
