"""The stories of a network: planned, made, found again, grown, switched, deleted; read through plain boto3."""

from __future__ import annotations

import copy
from pathlib import Path

from networks import (
    ALB,
    DATABASE,
    FLOW_LOGS,
    RDS,
    TASKS,
    TIERS,
    ZONES,
    by_key,
    default_route,
    free_addresses,
    route_tables,
    rules,
    run,
    snapshot,
    steps,
    tags_of,
    unchanged,
    with_groups,
)
from support.module import run_module
from support.snapshot import difference

POLICIES = Path(__file__).resolve().parents[4] / "docs" / "policies"

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
    assert [item["SubnetId"] for item in tables[f"private/{ZONES[1]}"]["Associations"]] == [
        outputs["private_subnet_ids"][1]
    ]
    (endpoint,) = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["ServiceName"] == "com.amazonaws.ap-northeast-2.s3"
    assert set(endpoint["RouteTableIds"]) == {table["RouteTableId"] for table in tables.values()}

    alb, tasks, rds = (outputs[f"{key}_security_group_id"] for key in ("alb", "ecs_tasks", "rds"))
    assert rules(account, alb) == {
        "ingress tcp 80-80 0.0.0.0/0",
        "ingress tcp 443-443 0.0.0.0/0",
        "egress -1 -1--1 0.0.0.0/0",
    }
    assert rules(account, tasks) == {f"ingress tcp 0-65535 {alb}"}
    assert rules(account, rds) == {f"ingress tcp 5432-5432 {tasks}"}
    assert "elasticache_security_group_id" not in outputs and "database_subnet_ids" not in outputs
    (default,) = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
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
        *(
            "vpc",
            "subnet",
            "internet_gateway",
            "elastic_ip",
            "nat_gateway",
            "route_table",
            "security_group",
            "security_group_rule",
        ),
        *("vpc_endpoint", "log_group", "iam_role", "flow_log"),
    }
    for operation in ("ec2:CreateTags", "iam:TagRole", "logs:TagResource"):
        assert not account.proxy.select(operation)
    unchanged(account, **FLOW_LOGS, interface_endpoints=["ssm"])


def test_absent_needs_nothing_but_the_name(account):
    run(account, **FLOW_LOGS)
    result = run_module(
        "network", {"deployment": "acme-dev", "name": "acme-dev", "state": "absent"}, account.proxy.endpoint_url
    )
    assert result["changed"] and not any(snapshot(account, "acme-dev").values())
    assert (
        account.client("logs").describe_log_groups()["logGroups"] == []
        and account.client("iam").list_roles()["Roles"] == []
    )


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
    assert {step[:2] for step in steps(per_az)} == {
        ("create", "elastic_ip"),
        ("create", "nat_gateway"),
        ("update", "route"),
    }
    outputs = per_az["outputs"]
    assert (
        outputs["nat_gateway_ids"][0] == first["nat_gateway_ids"][0]
        and outputs["nat_public_ips"][0] == first["nat_public_ips"][0]
    )
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
    assert (
        run(account, **per_az, state="absent")["changed"]
        and account.client("ec2").describe_addresses()["Addresses"] == []
    )


def test_a_zone_and_a_tier_are_added_and_removed_without_touching_the_others(account):
    per_az = {"nat_gateway_mode": "per_az"}
    first = run(account, **per_az)["outputs"]
    before = snapshot(account)
    zones = ["ap-northeast-2c", *ZONES[:1], *ZONES[1:]]
    grown = run(account, **per_az, availability_zones=zones, tiers=[DATABASE, *TIERS])
    assert {step[:2] for step in steps(grown)} == {
        *(
            ("create", kind)
            for kind in ("subnet", "elastic_ip", "nat_gateway", "route_table", "route", "route_table_association")
        ),
        ("update", "vpc_endpoint"),
    }
    outputs = grown["outputs"]
    # Sorted by zone, however the zones are written down: consumers take items by their place.
    assert (
        outputs["private_subnet_ids"][:2] == first["private_subnet_ids"]
        and outputs["nat_public_ips"][:2] == first["nat_public_ips"]
    )
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
    assert steps(on) == [
        ("create", "log_group", "flow_logs"),
        ("create", "iam_role", "flow_logs"),
        ("create", "flow_log", "vpc/all"),
    ]
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
    rejected = run(
        account, check=True, **{**FLOW_LOGS, "flow_logs_retention_days": 90}, flow_logs_traffic_type="REJECT"
    )
    assert steps(rejected) == [("create", "flow_log", "vpc/reject"), ("delete", "flow_log", "vpc/all")]

    off = run(account)
    assert steps(off)[:2] == [("delete", "flow_log", "vpc/all"), ("delete", "iam_role", "flow_logs")]
    assert ec2.describe_flow_logs()["FlowLogs"] == [] and iam.list_roles()["Roles"] == []
    assert len(logs.describe_log_groups()["logGroups"]) == 1, "what was logged is kept"
    assert steps(unchanged(account)) == [("report", "log_group", "flow_logs")]


def test_flow_logs_with_a_role_inside_a_boundary(account):
    iam = account.client("iam")
    document = (POLICIES / "flow-logs-boundary.json").read_text()
    boundary = iam.create_policy(PolicyName="shared-infrastructure-flow-logs-boundary", PolicyDocument=document)[
        "Policy"
    ]["Arn"]
    bounded = {**FLOW_LOGS, "flow_logs_role_permissions_boundary_arn": boundary}
    run(account, **bounded)
    assert (
        iam.get_role(RoleName="acme-dev-flow-logs-ap-northeast-2")["Role"]["PermissionsBoundary"][
            "PermissionsBoundaryArn"
        ]
        == boundary
    )
    unchanged(account, **bounded)


def test_flow_logs_with_a_given_role(account):
    given = {**FLOW_LOGS, "flow_logs_role_arn": f"arn:aws:iam::{account.account_id}:role/flow-logs"}
    account.client("iam").create_role(RoleName="flow-logs", AssumeRolePolicyDocument="{}")
    run(account, **given)
    assert (
        account.client("ec2").describe_flow_logs()["FlowLogs"][0]["DeliverLogsPermissionArn"]
        == given["flow_logs_role_arn"]
    )
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
    (own,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["acme-dev-vpc-endpoints"]}])[
        "SecurityGroups"
    ]
    assert [group["GroupId"] for group in ssm["Groups"]] == [own["GroupId"]]
    assert rules(account, own["GroupId"]) == {"ingress tcp 443-443 10.0.0.0/16"}
    unchanged(account, **many)

    given = {**many, "interface_endpoint_security_group_ids": [outputs["alb_security_group_id"]]}
    changed = run(account, **given)
    assert ("update", "vpc_endpoint", "interface/ssm") in steps(changed) and (
        "delete",
        "security_group",
        "vpc_endpoints",
    ) in steps(changed)
    if not account.is_localstack:  # which does not change an endpoint's groups
        unchanged(account, **given)

    run(account)
    left = [endpoint for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"] if endpoint["State"] != "deleted"]
    assert by_key(left).keys() == {"gateway/s3"}


def test_discovery_tags_come_and_those_of_others_stay(account):
    subnet_id = run(account)["outputs"]["private_subnet_ids"][0]
    ec2 = account.client("ec2")
    ec2.create_tags(
        Resources=[subnet_id],
        Tags=[{"Key": "kubernetes.io/cluster/blue", "Value": "shared"}, {"Key": "Team", "Value": "wrong"}],
    )
    tiers = [TIERS[0], {**TIERS[1], "tags": {"kubernetes.io/role/internal-elb": "1"}}]
    changed = run(account, tiers=tiers)
    assert {step[:2] for step in steps(changed)} == {("update", "subnet")}
    tags = tags_of(ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0])
    assert (
        tags["kubernetes.io/cluster/blue"] == "shared"
        and tags["kubernetes.io/role/internal-elb"] == "1"
        and tags["Team"] == "platform"
    )
    unchanged(account, tiers=tiers)


def test_public_addresses_on_launch(account):
    tiers = [{**TIERS[0], "map_public_ip_on_launch": True}, TIERS[1]]
    outputs = run(account, tiers=tiers)["outputs"]
    ec2 = account.client("ec2")
    assert all(
        subnet["MapPublicIpOnLaunch"]
        for subnet in ec2.describe_subnets(SubnetIds=outputs["public_subnet_ids"])["Subnets"]
    )
    run(account)
    assert not any(
        subnet["MapPublicIpOnLaunch"]
        for subnet in ec2.describe_subnets()["Subnets"]
        if subnet["VpcId"] == outputs["vpc_id"]
    )


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
    ec2.authorize_security_group_egress(
        GroupId=outputs["rds_security_group_id"], IpPermissions=everything
    )  # as a kill after CreateSecurityGroup leaves it
    removed = run(account)
    assert (
        steps(removed) == [("delete", "security_group_rule", "rds egress all to 0.0.0.0/0")]
        and len(rules(account, outputs["rds_security_group_id"])) == 1
    )

    ec2.authorize_security_group_egress(GroupId=outputs["rds_security_group_id"], IpPermissions=everything)
    rds = {**RDS, "rules": [*RDS["rules"], {"direction": "egress", "protocol": "all", "cidr_ipv4": "0.0.0.0/0"}]}
    assert steps(run(account, **with_groups(ALB, TASKS, rds))) == [
        ("update", "security_group_rule", "rds egress all to 0.0.0.0/0")
    ]
    unchanged(account, **with_groups(ALB, TASKS, rds))


def test_the_default_group_is_emptied_again(account):
    vpc_id = run(account)["outputs"]["vpc_id"]
    ec2 = account.client("ec2")
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    group_id = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group_id,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    (step,) = run(account)["actions"]
    assert (step["type"], step["before"]) == ("default_security_group", {"rules": ["ingress tcp 22-22 0.0.0.0/0"]})
    assert rules(account, group_id) == set()
    unchanged(account)
