"""A network among others: what they put there, names that are taken, refusals, lost answers and killed runs."""

from __future__ import annotations

import pytest
from networks import (
    ALB,
    FLOW_LOGS,
    OPTIONS,
    RDS,
    TASKS,
    TIERS,
    ZONES,
    refused,
    route_tables,
    rules,
    run,
    snapshot,
    steps,
    tags_of,
    unchanged,
    with_groups,
)
from support.faults import Fault, answer_error, call, drop_answer, drop_request
from support.module import ModuleFailed, run_module
from support.snapshot import difference

# --- others ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def visited(account):
    """A network into which another team put a rule, a route and a tag."""
    outputs = run(account)["outputs"]
    ec2 = account.client("ec2")
    group_id = outputs["rds_security_group_id"]
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "IpRanges": [{"CidrIp": "10.9.0.0/16", "Description": "analytics"}],
    }
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[permission])
    peer = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=outputs["vpc_id"], PeerVpcId=peer)["VpcPeeringConnection"][
        "VpcPeeringConnectionId"
    ]
    table = route_tables(account)[f"private/{ZONES[0]}"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="10.9.0.0/16", VpcPeeringConnectionId=peering)
    ec2.create_tags(Resources=[outputs["vpc_id"]], Tags=[{"Key": "Owner", "Value": "somebody"}])
    account.visit = {"group": group_id, "table": table, "vpc": outputs["vpc_id"], "peering": peering}
    return account


def foreign_route(account):
    table = account.client("ec2").describe_route_tables(RouteTableIds=[account.visit["table"]])["RouteTables"][0]
    return [
        route["VpcPeeringConnectionId"]
        for route in table["Routes"]
        if route.get("DestinationCidrBlock") == "10.9.0.0/16"
    ]


def test_what_others_put_there_is_reported_and_survives(visited):
    result = unchanged(visited)
    assert [(action["action"], action["type"]) for action in result["actions"]] == [
        ("report", "route"),
        ("report", "security_group_rule"),
    ]
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
    assert (
        "ingress tcp 5432-5432 10.9.0.0/16" not in rules(visited, visited.visit["group"])
        and foreign_route(visited) == []
    )
    unchanged(visited, **exclusive)


def test_what_others_attached_blocks_a_deletion_as_a_whole(account):
    outputs = run(account)["outputs"]
    ec2 = account.client("ec2")
    interface = ec2.create_network_interface(
        SubnetId=outputs["private_subnet_ids"][1],
        Groups=[outputs["rds_security_group_id"]],
        Description="RDSNetworkInterface",
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
    account.client("ec2").replace_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=outputs["internet_gateway_id"]
    )
    (step,) = run(account)["actions"]
    assert (step["before"], step["after"]) == (
        {"target": outputs["internet_gateway_id"]},
        {"target": outputs["nat_gateway_ids"][0]},
    )


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
    *(
        "CreateVpc",
        "CreateSubnet",
        "CreateInternetGateway",
        "AttachInternetGateway",
        "AllocateAddress",
        "CreateNatGateway",
        "CreateRouteTable",
    ),
    *(
        "CreateRoute",
        "AssociateRouteTable",
        "CreateSecurityGroup",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "CreateVpcEndpoint",
    ),
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
    """Lets the first such call be carried out, and nothing after it.

    No answer comes, so that no retry hides the kill.
    """
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
    [
        "CreateVpc",
        "CreateLogGroup",
        "CreateRole",
        "CreateInternetGateway",
        "AllocateAddress",
        "CreateSecurityGroup",
        "CreateNatGateway",
        "CreateRoute",
    ],
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
    assert (
        "Failed to create subnet public/ap-northeast-2a" in result["msg"]
        and "SubnetLimitExceeded" in result["msg"]
        and result["changed"]
    )
    statuses = {action["key"]: action["status"] for action in result["actions"] if action["type"] in ("vpc", "subnet")}
    assert (
        statuses["main"] == "done"
        and statuses["public/ap-northeast-2a"] == "failed"
        and statuses["private/ap-northeast-2b"] == "not_tried"
    )
