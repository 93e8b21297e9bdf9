"""The stories of a network: planned, made, found again, grown, switched, disturbed, refused, deleted; read through plain boto3."""

from __future__ import annotations

import copy

import pytest
from support.emulator import Emulator
from support.faults import Fault, answer_error, call, drop_answer, drop_request
from support.module import ModuleFailed, run_module
from support.proxy import RecordingProxy
from support.snapshot import difference, keys, network
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
TASKS = {"key": "ecs_tasks", "description": "ECS tasks", "rules": [{"from_port": 0, "to_port": 65535, "security_group": "alb"}]}
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


@pytest.fixture(scope="module")
def emulator():
    with Emulator.start() as running:
        yield running


@pytest.fixture
def account(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        yield emulator


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
    readers = (network.read_vpcs, network.read_nat_gateways, network.read_route_tables, network.read_security_groups, network.read_endpoints)
    return snapshot_of(emulator, deployment, (*readers, keys.read_log_groups, keys.read_roles))


def tags_of(item):
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}


def by_key(items):
    return {tags_of(item)["connectly:key"]: item for item in items if "connectly:key" in tags_of(item)}


def route_tables(account):
    return by_key(account.client("ec2").describe_route_tables()["RouteTables"])


def default_route(table):
    return next((route.get("NatGatewayId") or route.get("GatewayId") for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"), None)


def rules(account, group_id):
    """The rules of a group as texts, by plain boto3."""
    found = account.client("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])["SecurityGroupRules"]
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


# --- from nothing to nothing -----------------------------------------------------------------------------------------


def test_story(account):
    planned = run(account, check=True)
    assert planned["changed"] and account.proxy.writes() == []
    assert planned["outputs"]["private_subnet_ids"] == [f"subnet-known-after-apply.private/{zone}" for zone in ZONES]

    made = run(account)
    assert steps(made) == steps(planned)
    assert {action["status"] for action in made["actions"]} == {"done"}
    outputs, ec2 = made["outputs"], account.client("ec2")
    assert planned["outputs"].keys() == outputs.keys()

    vpc = ec2.describe_vpcs(VpcIds=[outputs["vpc_id"]])["Vpcs"][0]
    assert vpc["CidrBlock"] == outputs["vpc_cidr"] == "10.0.0.0/16"
    assert tags_of(vpc) == {
        "Name": "acme-dev",
        "Team": "platform",
        "connectly:deployment": "acme-dev",
        "connectly:layer": "network",
        "connectly:key": "main",
    }
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
        assert answer[attribute[0].upper() + attribute[1:]]["Value"]
    subnets = ec2.describe_subnets(SubnetIds=outputs["public_subnet_ids"] + outputs["private_subnet_ids"])["Subnets"]
    assert {subnet["SubnetId"]: (subnet["CidrBlock"], subnet["AvailabilityZone"]) for subnet in subnets} == {
        outputs["public_subnet_ids"][0]: ("10.0.0.0/22", ZONES[0]),
        outputs["public_subnet_ids"][1]: ("10.0.4.0/22", ZONES[1]),
        outputs["private_subnet_ids"][0]: ("10.0.32.0/22", ZONES[0]),
        outputs["private_subnet_ids"][1]: ("10.0.36.0/22", ZONES[1]),
    }

    (gateway_id,) = outputs["nat_gateway_ids"]
    gateway = ec2.describe_nat_gateways(NatGatewayIds=[gateway_id])["NatGateways"][0]
    assert gateway["SubnetId"] == outputs["public_subnet_ids"][0]
    assert [address["PublicIp"] for address in ec2.describe_addresses()["Addresses"]] == outputs["nat_public_ips"]
    tables = route_tables(account)
    assert {key: default_route(table) for key, table in tables.items()} == {
        "public": outputs["internet_gateway_id"],
        f"private/{ZONES[0]}": gateway_id,
        f"private/{ZONES[1]}": gateway_id,
    }
    assert {item["SubnetId"] for item in tables["public"]["Associations"]} == set(outputs["public_subnet_ids"])
    assert [item["SubnetId"] for item in tables[f"private/{ZONES[1]}"]["Associations"]] == [outputs["private_subnet_ids"][1]]
    (endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["ServiceName"] == "com.amazonaws.ap-northeast-2.s3"
    assert set(endpoint["RouteTableIds"]) == {table["RouteTableId"] for table in tables.values()}

    alb, tasks, rds = (outputs[f"{key}_security_group_id"] for key in ("alb", "ecs_tasks", "rds"))
    assert rules(account, alb) == {"ingress tcp 80-80 0.0.0.0/0", "ingress tcp 443-443 0.0.0.0/0", "egress -1 -1--1 0.0.0.0/0"}
    assert rules(account, tasks) == {f"ingress tcp 0-65535 {alb}"}
    assert rules(account, rds) == {f"ingress tcp 5432-5432 {tasks}"}
    assert "elasticache_security_group_id" not in outputs and "database_subnet_ids" not in outputs
    (default,) = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}])[
        "SecurityGroups"
    ]
    assert default["IpPermissions"] == default["IpPermissionsEgress"] == []

    assert unchanged(account)["outputs"] == outputs
    assert len(account.proxy.calls) <= 14, [str(item) for item in account.proxy.calls]
    assert unchanged(account, check=True)["actions"] == []

    assert run(account, state="absent")["changed"]
    assert not any(snapshot(account, "acme-dev").values()) and not ec2.describe_addresses()["Addresses"]
    unchanged(account, state="absent")


def test_every_resource_carries_its_identity_from_the_call_that_creates_it(account):
    result = run(account, **FLOW_LOGS, interface_endpoints=["ssm"])
    created = [action for action in result["actions"] if action["after"].get("tags")]
    assert {action["type"] for action in created} == {
        *("vpc", "subnet", "internet_gateway", "elastic_ip", "nat_gateway", "route_table", "security_group", "security_group_rule"),
        *("vpc_endpoint", "log_group", "iam_role", "flow_log"),
    }
    for operation in ("ec2:CreateTags", "iam:TagRole", "logs:TagResource"):
        assert not account.proxy.select(operation)
    unchanged(account, **FLOW_LOGS, interface_endpoints=["ssm"])


def test_absent_needs_nothing_but_the_name(account):
    run(account, **FLOW_LOGS)
    result = run_module("network", {"deployment": "acme-dev", "name": "acme-dev", "state": "absent"}, account.proxy.endpoint_url)
    assert result["changed"] and not any(snapshot(account, "acme-dev").values())
    assert account.client("logs").describe_log_groups()["logGroups"] == [] and account.client("iam").list_roles()["Roles"] == []


def test_two_deployments_with_one_cidr_never_meet(account):
    first = run(account)
    before = snapshot(account, "acme-dev")
    second = run(account, deployment="acme-twin", name="acme-twin")
    assert second["summary"] == {**first["summary"], "report": 0}
    assert not set(first["outputs"]["private_subnet_ids"]) & set(second["outputs"]["private_subnet_ids"])
    assert run(account, deployment="acme-twin", name="acme-twin", state="absent")["changed"]
    assert not difference(before, snapshot(account, "acme-dev"))
    unchanged(account)


# --- growing and switching -------------------------------------------------------------------------------------------


def test_nat_gateways_one_per_zone_and_back(account):
    first = run(account)["outputs"]
    per_az = run(account, nat_gateway_mode="per_az")
    assert {step[:2] for step in steps(per_az)} == {("create", "elastic_ip"), ("create", "nat_gateway"), ("update", "route")}
    outputs = per_az["outputs"]
    assert outputs["nat_gateway_ids"][0] == first["nat_gateway_ids"][0] and outputs["nat_public_ips"][0] == first["nat_public_ips"][0]
    tables = route_tables(account)
    assert [default_route(tables[f"private/{zone}"]) for zone in ZONES] == outputs["nat_gateway_ids"]
    unchanged(account, nat_gateway_mode="per_az")

    back = run(account)
    assert back["outputs"] == first
    order = [step[:2] for step in steps(back)]
    assert order == [("update", "route"), ("delete", "nat_gateway"), ("delete", "elastic_ip")]
    assert len(account.client("ec2").describe_addresses()["Addresses"]) == 1

    assert steps(run(account, nat_gateway_mode="none"))[0] == ("delete", "route", f"private/{ZONES[0]} 0.0.0.0/0")
    assert default_route(route_tables(account)["public"]) == first["internet_gateway_id"]


def test_addresses_can_be_retained(account):
    per_az = {"nat_gateway_mode": "per_az", "retain_nat_addresses": True}
    first = run(account, **per_az)["outputs"]
    kept = run(account, retain_nat_addresses=True)
    assert ("report", "elastic_ip", ZONES[1]) in steps(kept)
    free_addresses(account)
    assert run(account, **per_az)["outputs"]["nat_public_ips"] == first["nat_public_ips"]
    assert run(account, **per_az, state="absent")["changed"] and account.client("ec2").describe_addresses()["Addresses"] == []


def test_a_zone_and_a_tier_are_added_and_removed_without_touching_the_others(account):
    per_az = {"nat_gateway_mode": "per_az"}
    first = run(account, **per_az)["outputs"]
    before = snapshot(account)
    zones = ["ap-northeast-2c", *ZONES[:1], *ZONES[1:]]
    grown = run(account, **per_az, availability_zones=zones, tiers=[DATABASE, *TIERS])
    assert {step[:2] for step in steps(grown)} == {
        *(("create", kind) for kind in ("subnet", "elastic_ip", "nat_gateway", "route_table", "route", "route_table_association")),
        ("update", "vpc_endpoint"),
    }
    outputs = grown["outputs"]
    # Sorted by zone, however the zones are written down: consumers take items by their place.
    assert outputs["private_subnet_ids"][:2] == first["private_subnet_ids"] and outputs["nat_public_ips"][:2] == first["nat_public_ips"]
    assert len(outputs["database_subnet_ids"]) == 3
    database = route_tables(account)["database"]
    assert [route["GatewayId"] for route in database["Routes"]] == ["local"], "an isolated tier has no way out"
    unchanged(account, **per_az, availability_zones=zones, tiers=[DATABASE, *TIERS])

    assert run(account, **per_az)["outputs"] == first
    assert not difference(before, snapshot(account))
    unchanged(account, **per_az)


def test_flow_logs_on_and_off(account):
    run(account)
    on = run(account, **FLOW_LOGS)
    assert steps(on) == [("create", "log_group", "flow_logs"), ("create", "iam_role", "flow_logs"), ("create", "flow_log", "vpc/all")]
    logs, ec2, iam = (account.client(service) for service in ("logs", "ec2", "iam"))
    (group,) = logs.describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"], group["kmsKeyId"]) == (
        "/aws/vpc/flow-logs/acme-dev",
        365,
        FLOW_LOGS["flow_logs_kms_key_arn"],
    )
    (flow_log,) = ec2.describe_flow_logs()["FlowLogs"]
    role = iam.get_role(RoleName="acme-dev-flow-logs-ap-northeast-2")["Role"]
    assert (flow_log["LogGroupName"], flow_log["DeliverLogsPermissionArn"]) == (group["logGroupName"], role["Arn"])
    trust = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": account.account_id}}
    policy = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="flow-logs")["PolicyDocument"]
    arn = f"arn:aws:logs:ap-northeast-2:{account.account_id}:log-group:/aws/vpc/flow-logs/acme-dev"
    assert policy["Statement"][0]["Resource"] == [arn, f"{arn}:*"]
    unchanged(account, **FLOW_LOGS)

    (step,) = run(account, **{**FLOW_LOGS, "flow_logs_retention_days": 90})["actions"]
    assert (step["before"], step["after"]) == ({"retention_in_days": 365}, {"retention_in_days": 90})
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 90
    rejected = run(account, check=True, **{**FLOW_LOGS, "flow_logs_retention_days": 90}, flow_logs_traffic_type="REJECT")
    assert steps(rejected) == [("create", "flow_log", "vpc/reject"), ("delete", "flow_log", "vpc/all")]

    off = run(account)
    assert steps(off)[:2] == [("delete", "flow_log", "vpc/all"), ("delete", "iam_role", "flow_logs")]
    assert ec2.describe_flow_logs()["FlowLogs"] == [] and iam.list_roles()["Roles"] == []
    assert len(logs.describe_log_groups()["logGroups"]) == 1, "what was logged is kept"
    assert steps(unchanged(account)) == [("report", "log_group", "flow_logs")]


def test_flow_logs_with_a_given_role(account):
    given = {**FLOW_LOGS, "flow_logs_role_arn": f"arn:aws:iam::{account.account_id}:role/flow-logs"}
    account.client("iam").create_role(RoleName="flow-logs", AssumeRolePolicyDocument="{}")
    run(account, **given)
    assert account.client("ec2").describe_flow_logs()["FlowLogs"][0]["DeliverLogsPermissionArn"] == given["flow_logs_role_arn"]
    unchanged(account, **given)


def test_endpoints_on_and_off(account):
    run(account, s3_gateway_endpoint_enabled=False)
    ec2 = account.client("ec2")
    assert ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    many = {"gateway_endpoints": ["dynamodb"], "interface_endpoints": ["ecr.api", "ssm"]}
    outputs = run(account, **many)["outputs"]
    found = by_key(ec2.describe_vpc_endpoints()["VpcEndpoints"])
    assert found.keys() == {"gateway/s3", "gateway/dynamodb", "interface/ecr.api", "interface/ssm"}
    ssm = found["interface/ssm"]
    assert set(ssm["SubnetIds"]) == set(outputs["private_subnet_ids"]) and ssm["PrivateDnsEnabled"]
    (own,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["acme-dev-vpc-endpoints"]}])["SecurityGroups"]
    assert [group["GroupId"] for group in ssm["Groups"]] == [own["GroupId"]]
    assert rules(account, own["GroupId"]) == {"ingress tcp 443-443 10.0.0.0/16"}
    unchanged(account, **many)

    given = {**many, "interface_endpoint_security_group_ids": [outputs["alb_security_group_id"]]}
    changed = run(account, **given)
    assert ("update", "vpc_endpoint", "interface/ssm") in steps(changed) and ("delete", "security_group", "vpc_endpoints") in steps(changed)
    if not account.is_localstack:  # which does not change an endpoint's groups
        unchanged(account, **given)

    run(account)
    left = [endpoint for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"] if endpoint["State"] != "deleted"]
    assert by_key(left).keys() == {"gateway/s3"}


def test_discovery_tags_come_and_those_of_others_stay(account):
    subnet_id = run(account)["outputs"]["private_subnet_ids"][0]
    ec2 = account.client("ec2")
    ec2.create_tags(Resources=[subnet_id], Tags=[{"Key": "kubernetes.io/cluster/blue", "Value": "shared"}, {"Key": "Team", "Value": "wrong"}])
    tiers = [TIERS[0], {**TIERS[1], "tags": {"kubernetes.io/role/internal-elb": "1"}}]
    changed = run(account, tiers=tiers)
    assert {step[:2] for step in steps(changed)} == {("update", "subnet")}
    tags = tags_of(ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0])
    assert tags["kubernetes.io/cluster/blue"] == "shared" and tags["kubernetes.io/role/internal-elb"] == "1" and tags["Team"] == "platform"
    unchanged(account, tiers=tiers)


def test_public_addresses_on_launch(account):
    tiers = [{**TIERS[0], "map_public_ip_on_launch": True}, TIERS[1]]
    outputs = run(account, tiers=tiers)["outputs"]
    ec2 = account.client("ec2")
    assert all(subnet["MapPublicIpOnLaunch"] for subnet in ec2.describe_subnets(SubnetIds=outputs["public_subnet_ids"])["Subnets"])
    run(account)
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in ec2.describe_subnets()["Subnets"] if subnet["VpcId"] == outputs["vpc_id"])


# --- security groups and their rules ---------------------------------------------------------------------------------


def test_rules_are_added_described_and_removed_one_by_one(account):
    group_id = run(account)["outputs"]["alb_security_group_id"]
    alb = copy.deepcopy(ALB)
    alb["rules"][0]["description"] = "HTTP"
    alb["rules"][1] = {"port": 8443, "tier": "private"}
    alb["rules"].append({"protocol": "icmp", "self": True})
    changed = run(account, **with_groups(alb, TASKS, RDS))
    assert sorted(steps(changed)) == [
        ("create", "security_group_rule", "alb ingress icmp from alb"),
        ("create", "security_group_rule", "alb ingress tcp 8443 from 10.0.32.0/22"),
        ("create", "security_group_rule", "alb ingress tcp 8443 from 10.0.36.0/22"),
        ("delete", "security_group_rule", "alb ingress tcp 443 from 0.0.0.0/0"),
        ("update", "security_group_rule", "alb ingress tcp 80 from 0.0.0.0/0"),
    ]
    assert rules(account, group_id) == {
        "ingress tcp 80-80 0.0.0.0/0",
        "ingress tcp 8443-8443 10.0.32.0/22",
        "ingress tcp 8443-8443 10.0.36.0/22",
        f"ingress icmp -1--1 {group_id}",
        "egress -1 -1--1 0.0.0.0/0",
    }
    unchanged(account, **with_groups(alb, TASKS, RDS))
    gone = run(account, **with_groups(ALB, TASKS))
    assert ("delete", "security_group", "rds") in steps(gone) and "rds_security_group_id" not in gone["outputs"]


def test_a_group_of_ours_named_by_its_id_is_the_same_rule(account):
    alb_id = run(account)["outputs"]["alb_security_group_id"]
    tasks = {**TASKS, "rules": [{"from_port": 0, "to_port": 65535, "security_group_id": alb_id}]}
    changed = run(account, **with_groups(ALB, tasks, RDS))
    assert steps(changed) == [("update", "security_group_rule", f"ecs_tasks ingress tcp 0-65535 from {alb_id}")]
    unchanged(account, **with_groups(ALB, tasks, RDS))


def test_the_rule_that_aws_puts_into_a_new_group_is_not_foreign(account):
    outputs = run(account)["outputs"]
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2 = account.client("ec2")
    ec2.authorize_security_group_egress(GroupId=outputs["rds_security_group_id"], IpPermissions=everything)  # as a kill after CreateSecurityGroup leaves it
    removed = run(account)
    assert steps(removed) == [("delete", "security_group_rule", "rds egress all to 0.0.0.0/0")] and len(rules(account, outputs["rds_security_group_id"])) == 1

    ec2.authorize_security_group_egress(GroupId=outputs["rds_security_group_id"], IpPermissions=everything)
    rds = {**RDS, "rules": [*RDS["rules"], {"direction": "egress", "protocol": "all", "cidr_ipv4": "0.0.0.0/0"}]}
    assert steps(run(account, **with_groups(ALB, TASKS, rds))) == [("update", "security_group_rule", "rds egress all to 0.0.0.0/0")]
    unchanged(account, **with_groups(ALB, TASKS, rds))


def test_the_default_group_is_emptied_again(account):
    vpc_id = run(account)["outputs"]["vpc_id"]
    ec2 = account.client("ec2")
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    group_id = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group_id, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )
    (step,) = run(account)["actions"]
    assert (step["type"], step["before"]) == ("default_security_group", {"rules": ["ingress tcp 22-22 0.0.0.0/0"]})
    assert rules(account, group_id) == set()
    unchanged(account)


# --- others ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def visited(account):
    """A network into which another team put a rule, a route and a tag."""
    outputs = run(account)["outputs"]
    ec2 = account.client("ec2")
    group_id = outputs["rds_security_group_id"]
    permission = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.9.0.0/16", "Description": "analytics"}]}
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[permission])
    peer = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=outputs["vpc_id"], PeerVpcId=peer)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    table = route_tables(account)[f"private/{ZONES[0]}"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.9.0.0/16", VpcPeeringConnectionId=peering)
    ec2.create_tags(Resources=[outputs["vpc_id"]], Tags=[{"Key": "Owner", "Value": "somebody"}])
    account.visit = {"group": group_id, "table": table, "vpc": outputs["vpc_id"], "peering": peering}
    return account


def foreign_route(account):
    table = account.client("ec2").describe_route_tables(RouteTableIds=[account.visit["table"]])["RouteTables"][0]
    return [route["VpcPeeringConnectionId"] for route in table["Routes"] if route.get("DestinationCidrBlock") == "10.9.0.0/16"]


def test_what_others_put_there_is_reported_and_survives(visited):
    result = unchanged(visited)
    assert [(action["action"], action["type"]) for action in result["actions"]] == [("report", "route"), ("report", "security_group_rule")]
    assert "10.9.0.0/16 to pcx-" in result["actions"][0]["reason"] and "analytics" in result["actions"][1]["reason"]
    run(visited, nat_gateway_mode="per_az", tags={"Team": "other"})
    run(visited)
    assert "ingress tcp 5432-5432 10.9.0.0/16" in rules(visited, visited.visit["group"])
    assert foreign_route(visited) == [visited.visit["peering"]]
    vpc = visited.client("ec2").describe_vpcs(VpcIds=[visited.visit["vpc"]])["Vpcs"][0]
    assert tags_of(vpc)["Owner"] == "somebody"


def test_a_deletion_that_would_destroy_what_others_put_there_is_refused(visited):
    before = snapshot(visited)
    message = refused(visited, state="absent")
    assert "route 10.9.0.0/16 to pcx-" in message and "analytics" in message
    assert "foreign rule" in refused(visited, **with_groups(ALB, TASKS))
    assert not difference(before, snapshot(visited))


def test_an_exclusive_set_has_only_our_rules_and_routes(visited):
    exclusive = {"routes_exclusive": True, "security_group_rules_exclusive": True}
    result = run(visited, **exclusive)
    assert {step[:2] for step in steps(result)} == {("delete", "route"), ("delete", "security_group_rule")}
    assert "ingress tcp 5432-5432 10.9.0.0/16" not in rules(visited, visited.visit["group"]) and foreign_route(visited) == []
    unchanged(visited, **exclusive)


def test_what_others_attached_blocks_a_deletion_as_a_whole(account):
    outputs = run(account)["outputs"]
    ec2 = account.client("ec2")
    interface = ec2.create_network_interface(
        SubnetId=outputs["private_subnet_ids"][1], Groups=[outputs["rds_security_group_id"]], Description="RDSNetworkInterface"
    )["NetworkInterface"]["NetworkInterfaceId"]
    group = ec2.create_security_group(GroupName="theirs", Description="theirs", VpcId=outputs["vpc_id"])["GroupId"]
    message = refused(account, state="absent")
    assert f"network interface {interface} (RDSNetworkInterface)" in message and f"security group {group}" in message
    assert interface in refused(account, availability_zones=ZONES[:1])
    assert "rds" in refused(account, **with_groups(ALB, TASKS))
    unchanged(account)


def test_a_wrong_target_of_our_route_is_put_right(account):
    outputs = run(account)["outputs"]
    table = route_tables(account)[f"private/{ZONES[1]}"]["RouteTableId"]
    account.client("ec2").replace_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=outputs["internet_gateway_id"])
    (step,) = run(account)["actions"]
    assert (step["before"], step["after"]) == ({"target": outputs["internet_gateway_id"]}, {"target": outputs["nat_gateway_ids"][0]})


# --- refusals --------------------------------------------------------------------------------------------------------


def test_what_only_a_replacement_could_change_is_refused(account):
    run(account)
    before = snapshot(account)
    assert "cidr_block is '10.0.0.0/16' and cannot become '10.1.0.0/16'" in refused(account, vpc_cidr="10.1.0.0/16")
    assert "cidr_block is '10.0.32.0/22'" in refused(account, tiers=[TIERS[0], {**TIERS[1], "index": 2}])
    assert "description is 'Databases'" in refused(account, **with_groups(ALB, TASKS, {**RDS, "description": "DB"}))
    assert "group_name" in refused(account, name="acme-renamed")
    assert not difference(before, snapshot(account))


def test_a_zone_that_does_not_exist_is_refused_before_the_first_write(account):
    message = refused(account, availability_zones=["ap-northeast-2a", "ap-northeast-2h"])
    assert "availability zone ap-northeast-2h does not exist here; this account has ap-northeast-2a," in message


def test_names_that_are_taken_are_refused(account):
    vpc_id = run(account)["outputs"]["vpc_id"]
    account.client("ec2").create_security_group(GroupName="acme-dev-elasticache", Description="x", VpcId=vpc_id)
    cache = {"key": "elasticache", "rules": [{"port": 6379, "security_group": "ecs_tasks"}]}
    message = refused(account, **with_groups(ALB, TASKS, RDS, cache))
    assert "acme-dev-elasticache exists" in message and "carries no connectly:deployment tag; not taken over" in message
    account.client("logs").create_log_group(logGroupName="/aws/vpc/flow-logs/acme-dev")
    account.client("iam").create_role(RoleName="acme-dev-flow-logs-ap-northeast-2", AssumeRolePolicyDocument="{}")
    message = refused(account, **FLOW_LOGS)
    assert "/aws/vpc/flow-logs/acme-dev exists" in message and "acme-dev-flow-logs-ap-northeast-2 exists" in message


def test_bad_input_is_refused_before_any_call(account):
    message = refused(account, vpc_cidr="10.0.0.1/16", availability_zones=["ap-northeast-2a", "us-east-1b"])
    assert "the network is 10.0.0.0/16" in message and "us-east-1b" in message and account.proxy.calls == []


# --- disturbances ----------------------------------------------------------------------------------------------------

CREATES = [
    *("CreateVpc", "CreateSubnet", "CreateInternetGateway", "AttachInternetGateway", "AllocateAddress", "CreateNatGateway", "CreateRouteTable"),
    *("CreateRoute", "AssociateRouteTable", "CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateVpcEndpoint"),
    *("CreateFlowLogs", "CreateLogGroup", "CreateRole", "ModifyVpcAttribute", "PutRolePolicy"),
]


@pytest.fixture(scope="module")
def undisturbed(emulator):
    """What a run without disturbances leaves."""
    emulator.reset()
    run_module("network", {**OPTIONS, **FLOW_LOGS}, emulator.endpoint_url)
    return snapshot(emulator)


def test_lost_answers_make_no_second_resource(undisturbed, account):
    faults = {operation: account.proxy.add(Fault(f"*:{operation}", drop_answer(), times=1)) for operation in CREATES}
    run(account, **FLOW_LOGS)
    assert {operation: fault.hits for operation, fault in faults.items()} == dict.fromkeys(CREATES, 1)
    assert not difference(undisturbed, snapshot(account))
    unchanged(account, **FLOW_LOGS)


def kill_after(account, operation):
    """Lets the first such call be carried out, and nothing after it. No answer comes, so that no retry hides the kill."""
    killed = {"now": False}
    account.proxy.add(Fault(f"*:{operation}", call(lambda: killed.update(now=True), when="after", drop=True)))
    account.proxy.add(Fault(lambda item: killed["now"], drop_request(), times=None))


def run_killed(account, **options):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", lambda seconds: None)
        with pytest.raises(ModuleFailed):
            run(account, **options)
    account.proxy.remove_faults()


@pytest.mark.parametrize(
    "operation",
    ["CreateVpc", "CreateLogGroup", "CreateRole", "CreateInternetGateway", "AllocateAddress", "CreateSecurityGroup", "CreateNatGateway", "CreateRoute"],
)
def test_a_killed_run_is_simply_run_again(undisturbed, account, operation):
    kill_after(account, operation)
    run_killed(account, **FLOW_LOGS)
    result = run(account, **FLOW_LOGS)
    assert result["changed"] and not difference(undisturbed, snapshot(account))
    unchanged(account, **FLOW_LOGS)


@pytest.mark.parametrize("operation", ["DeleteNatGateway", "DetachInternetGateway"])
def test_a_killed_deletion_is_simply_run_again(account, operation):
    run(account, **FLOW_LOGS)
    kill_after(account, operation)
    run_killed(account, state="absent")
    run(account, state="absent")
    assert not any(snapshot(account, "acme-dev").values())


def test_a_failed_run_says_what_was_done_and_what_was_not(account):
    account.proxy.add(Fault("ec2:CreateSubnet", answer_error("SubnetLimitExceeded"), times=None))
    with pytest.raises(ModuleFailed) as failure:
        run(account)
    result = failure.value.result
    assert "Failed to create subnet public/ap-northeast-2a" in result["msg"] and "SubnetLimitExceeded" in result["msg"] and result["changed"]
    statuses = {action["key"]: action["status"] for action in result["actions"] if action["type"] in ("vpc", "subnet")}
    assert statuses["main"] == "done" and statuses["public/ap-northeast-2a"] == "failed" and statuses["private/ap-northeast-2b"] == "not_tried"
