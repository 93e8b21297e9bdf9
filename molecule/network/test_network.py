"""The network as AWS has it."""

from __future__ import annotations

ZONES = ("ap-northeast-2a", "ap-northeast-2b")


def test_vpc(of_type):
    (vpc,) = of_type("vpc").values()
    assert vpc["cidrs"] == ["10.70.0.0/16"]
    assert vpc["enableDnsSupport"]
    assert vpc["enableDnsHostnames"]
    assert vpc["tags"]["Team"] == "molecule"


def test_subnets(of_type):
    assert {key: (subnet["CidrBlock"], subnet["AvailabilityZone"]) for key, subnet in of_type("subnet").items()} == {
        "public/ap-northeast-2a": ("10.70.0.0/22", "ap-northeast-2a"),
        "public/ap-northeast-2b": ("10.70.4.0/22", "ap-northeast-2b"),
        "private/ap-northeast-2a": ("10.70.32.0/22", "ap-northeast-2a"),
        "private/ap-northeast-2b": ("10.70.36.0/22", "ap-northeast-2b"),
    }


def test_one_nat_gateway_with_its_address(of_type):
    (gateway,) = of_type("nat_gateway").values()
    assert (gateway["State"], gateway["SubnetId"]) == ("available", "<subnet:public/ap-northeast-2a>")
    assert gateway["addresses"] == ["<elastic_ip:ap-northeast-2a>"]
    assert {key: address["in use"] for key, address in of_type("elastic_ip").items()} == {"ap-northeast-2a": True}


def test_routes(of_type):
    tables = of_type("route_table")
    assert {key: table["default_routes"] for key, table in tables.items()} == {
        "public": ["<internet_gateway:main>"],
        "private/ap-northeast-2a": ["<nat_gateway:ap-northeast-2a>"],
        "private/ap-northeast-2b": ["<nat_gateway:ap-northeast-2a>"],
    }
    assert tables["public"]["associations"] == [f"<subnet:public/{zone}>" for zone in ZONES]
    for zone in ZONES:
        assert tables[f"private/{zone}"]["associations"] == [f"<subnet:private/{zone}>"]
    for table in tables.values():
        assert "<vpc_endpoint:gateway/s3>" in [route.get("GatewayId") for route in table["routes"]]
        assert {route["State"] for route in table["routes"]} == {"active"}


def test_security_groups(of_type, whole_account):
    out = "out all 0.0.0.0/0 Everything out"
    assert {key: group["summary"] for key, group in of_type("security_group").items()} == {
        "alb": ["in tcp 443-443 0.0.0.0/0 HTTPS from anywhere", "in tcp 80-80 0.0.0.0/0 HTTP from anywhere", out],
        "ecs_tasks": ["in tcp 0-65535 <security_group:alb>", out],
        "rds": ["in tcp 5432-5432 <security_group:ecs_tasks>"],
        "elasticache": ["in tcp 6379-6379 <security_group:ecs_tasks>"],
    }
    assert whole_account["security_group default of <vpc:main>"]["summary"] == []


def test_rules_carry_our_tags(of_type):
    for key, group in of_type("security_group").items():
        assert [
            rule for rule in group["rules"] if rule["tags"].get("connectly:deployment") != "molecule-network"
        ] == [], key


def test_s3_is_reached_without_the_nat_gateway(of_type):
    (endpoint,) = of_type("vpc_endpoint").values()
    assert (endpoint["VpcEndpointType"], endpoint["ServiceName"]) == ("Gateway", "com.amazonaws.ap-northeast-2.s3")


def test_a_tag_of_somebody_else_survived(of_type, plan):
    plan("converged")  # the side effects, which put it there, come before the second check
    assert of_type("subnet")["private/ap-northeast-2a"]["tags"]["kubernetes.io/cluster/other"] == "shared"
