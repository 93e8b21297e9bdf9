"""The first database, cache and cluster of an account: AWS refuses calls until the service's linked role is there."""

from __future__ import annotations

import pytest
from support.faults import Fault, answer_error, call, drop_answer, match
from support.module import ModuleFailed, run_module
from test_data_stores import prepared, run, unchanged

# eks-workshop-v2#1609: CreateDBInstance.
RDS = answer_error(
    "InvalidParameterValue",
    message=(
        "Unable to create the resource. Verify that you have permission to create service linked role. "
        "Otherwise wait and try again later"
    ),
)
# terraform-aws-rds#364: CreateDBSubnetGroup, which does not make the role by itself.
RDS_GROUP = answer_error(
    "InvalidParameterValue",
    message="Missing necessary credentials. Please check http://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html",
)
# aws-controllers-k8s/community#367: CreateCacheSubnetGroup.
ELASTICACHE = answer_error(
    "ServiceLinkedRoleNotFoundFault",
    message="This action cannot be completed due to insufficient permissions."
    " (Recommended action) Please create new role using IAM API CreateServiceLinkedRole.",
)
TYPES = {
    "rds:CreateDBSubnetGroup": RDS_GROUP,
    "rds:CreateDBParameterGroup": RDS_GROUP,
    "rds:CreateDBInstance": RDS,
    "elasticache:CreateCacheSubnetGroup": ELASTICACHE,
    "elasticache:CreateCacheParameterGroup": ELASTICACHE,
    "elasticache:CreateReplicationGroup": ELASTICACHE,
}


@pytest.fixture
def account(emulator):
    emulator.reset()
    with prepared(emulator) as ready:
        yield ready


def roles(account):
    """The services that have their role."""
    paths = [role["Path"] for role in account.client("iam").list_roles()["Roles"]]
    return sorted(path.split("/")[2] for path in paths if path.startswith("/aws-service-role/"))


def forget_role(account, service):
    """A fresh account: the service refuses every create until IAM has made its role."""
    faults = [Fault(name, answer, times=None) for name, answer in TYPES.items() if name.startswith(f"{service}:")]
    account.proxy.add(*faults)
    made = match(
        "iam", "CreateServiceLinkedRole", where=lambda seen: seen.params["AWSServiceName"] == f"{service}.amazonaws.com"
    )

    def grant():
        for fault in faults:
            fault.times = fault.seen

    account.proxy.add(Fault(made, call(grant, "after")))


def holds_one_of_each(account):
    return [
        len(account.rds.describe_db_instances()["DBInstances"]),
        len(account.rds.describe_db_subnet_groups()["DBSubnetGroups"]),
        len(account.elasticache.describe_replication_groups()["ReplicationGroups"]),
        len(
            [
                group
                for group in account.elasticache.describe_cache_subnet_groups()["CacheSubnetGroups"]
                if group["CacheSubnetGroupName"] != "default"
            ]
        ),
    ] == [1, 1, 1, 1]


def test_the_first_data_layer_of_an_account(account):
    forget_role(account, "rds")
    forget_role(account, "elasticache")
    assert run(account)["changed"]
    assert roles(account) == ["elasticache.amazonaws.com", "rds.amazonaws.com"] and holds_one_of_each(account)
    account.proxy.remove_faults()
    assert unchanged(account)


def test_each_call_is_sent_again_while_the_role_is_new(account):
    faults = [Fault(name, answer, times=1) for name, answer in TYPES.items()]
    account.proxy.add(*faults)
    assert run(
        account,
        rds_parameters=[{"name": "work_mem", "value": "8192"}],
        redis_parameters=[{"name": "timeout", "value": "10"}],
    )["changed"]
    assert [fault.hits for fault in faults] == [1] * len(faults) and holds_one_of_each(account)
    assert account.proxy.count("iam", "CreateServiceLinkedRole") == len(faults)


def test_a_lost_answer_after_the_refusal_makes_no_second_one(account):
    account.proxy.add(
        Fault("rds:CreateDBInstance", RDS, times=1), Fault("rds:CreateDBInstance", drop_answer(), times=1, skip=1)
    )
    assert run(account, redis_enabled=False)["changed"]
    assert account.proxy.count("rds", "CreateDBInstance") == 2
    assert len(account.rds.describe_db_instances()["DBInstances"]) == 1


def test_a_killed_run_is_continued(account):
    """Killed when IAM had made the role."""
    account.proxy.add(Fault("rds:CreateDBSubnetGroup", RDS_GROUP, times=1))
    end = call(
        lambda: account.proxy.add(Fault("all", answer_error("AccessDenied", 403), times=None)), "after", drop=True
    )
    account.proxy.add(Fault("iam:CreateServiceLinkedRole", end))
    with pytest.raises(ModuleFailed):
        run(account)
    account.proxy.remove_faults()
    assert run(account)["changed"] and holds_one_of_each(account) and roles(account) == ["rds.amazonaws.com"]


@pytest.mark.parametrize("name", ["rds:CreateDBSubnetGroup", "elasticache:CreateCacheSubnetGroup"])
def test_a_missing_permission_is_said_in_the_end(account, monkeypatch, name):
    waited = []
    named = (
        "ansible_collections.connectly.shared_infrastructure.plugins.module_utils"
        "._resources.stores.named.NamedAdapter.sleep"
    )
    monkeypatch.setattr(named, staticmethod(waited.append))
    denied = answer_error("AccessDenied", 403, "User: x is not authorized")
    account.proxy.add(Fault(name, TYPES[name], times=None), Fault("iam:CreateServiceLinkedRole", denied, times=None))
    with pytest.raises(ModuleFailed) as failed:
        run(account)
    message, service = str(failed.value), name.partition(":")[0]
    assert (
        "Missing necessary credentials" in message if service == "rds" else "ServiceLinkedRoleNotFoundFault" in message
    )
    assert (
        f"need iam:CreateServiceLinkedRole for {service}.amazonaws.com" in message
        and "User: x is not authorized" in message
    )
    assert 120 <= sum(waited) < 126 and account.proxy.count("iam", "CreateServiceLinkedRole") == 1


def test_another_wrong_value_fails_at_once(account):
    fault = account.proxy.add(
        Fault("rds:CreateDBInstance", answer_error("InvalidParameterValue", message="Invalid storage size"), times=None)
    )
    with pytest.raises(ModuleFailed, match="Invalid storage size"):
        run(account)
    assert fault.hits == 1 and account.proxy.count("iam") == 0


def test_a_group_is_not_taken_for_deleted_when_the_role_is_missing(account):
    """terraform-aws-lambda-nuke#1: deletions answer so too."""
    run(account, rds_enabled=False, redis_enabled=False)
    account.proxy.add(Fault("elasticache:DeleteCacheSubnetGroup", ELASTICACHE, times=None))
    with pytest.raises(ModuleFailed, match="ServiceLinkedRoleNotFoundFault"):
        run(account, state="absent", rds_enabled=False, redis_enabled=False)
    account.proxy.remove_faults()
    assert run(account, state="absent", rds_enabled=False, redis_enabled=False)["changed"]


def test_the_first_cluster_of_an_account(account):
    message = "Unable to assume the service linked role. Please verify that the ECS service linked role exists."
    no_role = answer_error("InvalidParameterException", message=message)
    refused = account.proxy.add(Fault("ecs:CreateCluster", no_role, times=None))
    account.proxy.add(
        Fault("iam:CreateServiceLinkedRole", call(lambda: setattr(refused, "times", refused.seen), "after"))
    )
    options = {"deployment": "acme-dev", "name": "acme-dev", "execute_command_logging": "none"}
    assert run_module("ecs_cluster", options, account.proxy.endpoint_url)["changed"]
    assert roles(account) == ["ecs.amazonaws.com"] and len(account.client("ecs").list_clusters()["clusterArns"]) == 1
