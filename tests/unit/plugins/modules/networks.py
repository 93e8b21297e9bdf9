"""A network for the tests of its module: its inputs, runs of the module, and what the account holds by plain boto3."""

from __future__ import annotations

import copy

import pytest
from support.module import ModuleFailed, run_module
from support.snapshot import keys, network
from support.snapshot import snapshot as snapshot_of

ZONES = ["ap-northeast-2a", "ap-northeast-2b"]
TIERS = [
    {"key": "public", "type": "public", "prefix_length": 22, "index": 0},
    {"key": "private", "type": "private", "prefix_length": 22, "index": 1},
]
DATABASE = {"key": "database", "type": "isolated", "prefix_length": 24, "index": 16}
ALB = {
    "key": "alb",
    "description": "Load balancers",
    "rules": [
        {"port": 80, "cidr_ipv4": "0.0.0.0/0", "description": "HTTP from anywhere"},
        {"port": 443, "cidr_ipv4": "0.0.0.0/0"},
        {"direction": "egress", "protocol": "all", "cidr_ipv4": "0.0.0.0/0"},
    ],
}
TASKS = {
    "key": "ecs_tasks",
    "description": "ECS tasks",
    "rules": [{"from_port": 0, "to_port": 65535, "security_group": "alb"}],
}
RDS = {"key": "rds", "description": "Databases", "rules": [{"port": 5432, "security_group": "ecs_tasks"}]}
OPTIONS = {
    "deployment": "acme-dev",
    "name": "acme-dev",
    "vpc_cidr": "10.0.0.0/16",
    "availability_zones": ZONES,
    "tiers": TIERS,
    "security_groups": [ALB, TASKS, RDS],
    "tags": {"Team": "platform"},
}
FLOW_LOGS = {
    "flow_logs_enabled": True,
    "flow_logs_retention_days": 365,
    "flow_logs_kms_key_arn": "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
}


def run(account, check=False, **options):
    return run_module("network", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def refused(account, **options):
    """The message of a run that must fail without a single write."""
    account.proxy.clear()
    with pytest.raises(ModuleFailed) as failure:
        run(account, **options)
    assert account.proxy.writes() == [] and not failure.value.result["changed"]
    return failure.value.result["msg"]


def unchanged(account, **options):
    """A run that must change nothing, and write nothing."""
    account.proxy.clear()
    result = run(account, **options)
    assert not result["changed"], result["actions"]
    assert account.proxy.writes() == []
    return result


def steps(result):
    return [(action["action"], action["type"], action["key"]) for action in result["actions"]]


def snapshot(emulator, deployment=None):
    """What the account holds of the types that a network consists of."""
    readers = (
        network.read_vpcs,
        network.read_nat_gateways,
        network.read_route_tables,
        network.read_security_groups,
        network.read_endpoints,
    )
    return snapshot_of(emulator, deployment, (*readers, keys.read_log_groups, keys.read_roles))


def tags_of(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}


def by_key(items):
    return {tags_of(item)["connectly:key"]: item for item in items if "connectly:key" in tags_of(item)}


def route_tables(account):
    return by_key(account.client("ec2").describe_route_tables()["RouteTables"])


def default_route(table):
    return next(
        (
            route.get("NatGatewayId") or route.get("GatewayId")
            for route in table["Routes"]
            if route.get("DestinationCidrBlock") == "0.0.0.0/0"
        ),
        None,
    )


def rules(account, group_id):
    """The rules of a group as texts, by plain boto3."""
    found = account.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])[
        "SecurityGroupRules"
    ]
    return {
        f"{'egress' if rule['IsEgress'] else 'ingress'} {rule['IpProtocol']} {rule['FromPort']}-{rule['ToPort']} "
        f"{rule.get('CidrIpv4') or rule.get('ReferencedGroupInfo', {}).get('GroupId')}"
        for rule in found
    }


def with_groups(*groups):
    return {"security_groups": [copy.deepcopy(group) for group in groups]}


def free_addresses(account):
    """What AWS does when a NAT gateway is gone, and moto does not: its address is associated with nothing."""
    ec2 = account.client("ec2")
    gateways = [gateway for gateway in ec2.describe_nat_gateways()["NatGateways"] if gateway["State"] == "available"]
    used = {address["AllocationId"] for gateway in gateways for address in gateway["NatGatewayAddresses"]}
    for address in ec2.describe_addresses()["Addresses"]:
        if address["AllocationId"] not in used and address.get("AssociationId"):
            ec2.disassociate_address(AssociationId=address["AssociationId"])
