"""The story of a deployment's ECS cluster, read back through plain boto3."""

from __future__ import annotations

import pytest
from support.faults import Fault, answer_error, drop_answer
from support.module import ModuleFailed, run_module
from support.proxy import RecordingProxy

KEY_ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SPOT_FIRST = [{"capacity_provider": "FARGATE_SPOT", "weight": 4}, {"capacity_provider": "FARGATE", "weight": 1}]
FARGATE_FIRST = [
    {"capacity_provider": "FARGATE", "base": 1, "weight": 4},
    {"capacity_provider": "FARGATE_SPOT", "weight": 1},
]
OPTIONS = {
    "deployment": "acme-dev",
    "name": "acme-dev",
    "tags": {"Team": "platform"},
    "default_capacity_provider_strategy": SPOT_FIRST,
    "kms_key_arn": KEY_ARN,
}
LOG_GROUP = "/aws/ecs/acme-dev/execute-command"


@pytest.fixture
def account(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        emulator.ecs = emulator.client("ecs")
        yield emulator


def run(account, check=False, **options):
    return run_module("ecs_cluster", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def cluster(account, name="acme-dev"):
    found = account.ecs.describe_clusters(clusters=[name], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"]
    return next((item for item in found if item["status"] != "INACTIVE"), None)


def strategy(account):
    return {
        item["capacityProvider"]: (item["base"], item["weight"])
        for item in cluster(account)["defaultCapacityProviderStrategy"]
    }


def insights(account):
    return {item["name"]: item["value"] for item in cluster(account)["settings"]}["containerInsights"]


def log_groups(account):
    return {item["logGroupName"]: item for item in account.client("logs").describe_log_groups()["logGroups"]}


def test_story(account):
    planned = run(account, check=True)
    assert planned["changed"] and account.proxy.writes() == [] and cluster(account) is None
    assert "known-after-apply" in planned["outputs"]["ecs_cluster_arn"]

    made = run(account)
    assert [(item["action"], item["type"]) for item in made["actions"]] == [
        ("create", "log_group"),
        ("create", "ecs_cluster"),
    ]
    assert [(item["action"], item["type"]) for item in made["actions"]] == [
        (item["action"], item["type"]) for item in planned["actions"]
    ]
    found = cluster(account)
    arn = found["clusterArn"]
    assert made["outputs"] == {"ecs_cluster_id": arn, "ecs_cluster_arn": arn, "ecs_cluster_name": "acme-dev"}
    assert sorted(found["capacityProviders"]) == ["FARGATE", "FARGATE_SPOT"]
    assert strategy(account) == {"FARGATE_SPOT": (0, 4), "FARGATE": (0, 1)} and insights(account) == "disabled"
    assert found["configuration"]["executeCommandConfiguration"] == {
        "kmsKeyId": KEY_ARN,
        "logging": "OVERRIDE",
        "logConfiguration": {"cloudWatchLogGroupName": LOG_GROUP, "cloudWatchEncryptionEnabled": True},
    }
    assert (log_groups(account)[LOG_GROUP]["kmsKeyId"], log_groups(account)[LOG_GROUP]["retentionInDays"]) == (
        KEY_ARN,
        30,
    )
    tags = {tag["key"]: tag["value"] for tag in found["tags"]}
    assert tags == {
        "Name": "acme-dev",
        "Team": "platform",
        "connectly:deployment": "acme-dev",
        "connectly:layer": "ecs",
        "connectly:key": "main",
    }

    account.proxy.clear()
    # The order of providers and of the strategy has no meaning.
    again = run(
        account, default_capacity_provider_strategy=SPOT_FIRST[::-1], capacity_providers=["FARGATE_SPOT", "FARGATE"]
    )
    assert not again["changed"] and account.proxy.writes() == []

    changes = {
        "container_insights": "enhanced",
        "default_capacity_provider_strategy": FARGATE_FIRST,
        "tags": {"Team": "web"},
    }
    diff = next(item for item in run(account, check=True, **changes)["diff"] if "ecs_cluster" in item["before_header"])
    assert diff["before"]["container_insights"] == "disabled" and diff["after"]["container_insights"] == "enhanced"
    assert run(account, **changes)["changed"] and not run(account, **changes)["changed"]
    assert strategy(account) == {"FARGATE": (1, 4), "FARGATE_SPOT": (0, 1)} and insights(account) == "enhanced"
    assert {tag["key"]: tag["value"] for tag in cluster(account)["tags"]}["Team"] == "web"
    assert cluster(account)["clusterArn"] == arn

    with pytest.raises(ModuleFailed, match=r"cannot become 'acme-two'.*cannot rename"):
        run(account, name="acme-two")

    removed = run(account, state="absent")
    assert removed["changed"] and cluster(account) is None and LOG_GROUP not in log_groups(account)
    assert not run(account, state="absent")["changed"]

    assert run(account)["changed"] and cluster(account)["status"] == "ACTIVE"  # the deleted one counts as absent


def test_what_others_attached_is_kept(account):
    run(account)
    account.ecs.create_capacity_provider(
        name="gpu", autoScalingGroupProvider={"autoScalingGroupArn": "arn:aws:autoscaling:::gpu"}
    )
    account.ecs.put_cluster_capacity_providers(
        cluster="acme-dev",
        capacityProviders=["FARGATE", "FARGATE_SPOT", "gpu"],
        defaultCapacityProviderStrategy=[
            {"capacityProvider": "FARGATE_SPOT", "weight": 4},
            {"capacityProvider": "FARGATE", "weight": 1},
        ],
    )
    account.ecs.tag_resource(resourceArn=cluster(account)["clusterArn"], tags=[{"key": "other", "value": "team"}])
    unchanged = run(account)
    assert not unchanged["changed"]
    assert ("report", "acme-dev/gpu") in [(item["action"], item["key"]) for item in unchanged["actions"]]
    run(account, default_capacity_provider_strategy=FARGATE_FIRST)
    assert sorted(cluster(account)["capacityProviders"]) == ["FARGATE", "FARGATE_SPOT", "gpu"]
    assert {"key": "other", "value": "team"} in cluster(account)["tags"]


def test_a_fargate_provider_that_is_no_longer_declared_is_detached(account):
    run(account)
    run(account, capacity_providers=["FARGATE"], default_capacity_provider_strategy=[{"capacity_provider": "FARGATE"}])
    assert cluster(account)["capacityProviders"] == ["FARGATE"]


def test_a_cluster_of_somebody_else_is_refused(account):
    account.ecs.create_cluster(clusterName="acme-dev", tags=[{"key": "connectly:deployment", "value": "other-dev"}])
    account.proxy.clear()
    with pytest.raises(ModuleFailed, match="belongs to deployment other-dev"):
        run(account)
    assert account.proxy.writes() == []


def test_two_deployments_do_not_see_each_other(account):
    run(account)
    other = {"deployment": "beta-dev", "name": "beta-dev"}
    assert run(account, **other)["changed"]
    run(account, state="absent", **other)
    assert cluster(account)["status"] == "ACTIVE" and cluster(account, "beta-dev") is None


def test_logging_can_be_turned_off_and_its_log_is_kept(account):
    run(account)
    reported = run(account, execute_command_logging="none")
    assert cluster(account)["configuration"]["executeCommandConfiguration"]["logging"] == "NONE"
    assert ("report", "log_group") in [(item["action"], item["type"]) for item in reported["actions"]]
    assert LOG_GROUP in log_groups(account)
    assert (
        run(account)["changed"]
        and cluster(account)["configuration"]["executeCommandConfiguration"]["logging"] == "OVERRIDE"
    )


def test_a_lost_answer_makes_no_second_cluster(account):
    account.proxy.add(Fault("ecs:CreateCluster", drop_answer(), times=1))
    assert run(account)["changed"] and not run(account)["changed"]
    assert len(account.ecs.list_clusters()["clusterArns"]) == 1


NO_ROLE = "Unable to assume the service linked role. Please verify that the ECS service linked role exists."


def test_the_first_cluster_of_an_account_waits_for_the_role_that_ecs_makes(account):
    account.proxy.add(Fault("ecs:CreateCluster", answer_error("InvalidParameterException", message=NO_ROLE), times=2))
    assert run(account)["changed"] and cluster(account)["status"] == "ACTIVE"


def test_what_ecs_takes_for_wrong_fails_at_once(account):
    fault = account.proxy.add(
        Fault(
            "ecs:CreateCluster", answer_error("InvalidParameterException", message="Invalid cluster name."), times=None
        )
    )
    with pytest.raises(ModuleFailed, match="Invalid cluster name"):
        run(account)
    assert fault.hits == 1


def test_a_cluster_that_is_busy_is_waited_for(account):
    run(account)
    busy = [
        Fault("ecs:UpdateCluster", answer_error("ClientException", message="Cluster was not ACTIVE.")),
        Fault("ecs:PutClusterCapacityProviders", answer_error("UpdateInProgressException")),
        Fault("ecs:DeleteCluster", answer_error("UpdateInProgressException")),
    ]
    account.proxy.add(*busy)
    run(account, default_capacity_provider_strategy=FARGATE_FIRST, container_insights="enabled")
    assert strategy(account) == {"FARGATE": (1, 4), "FARGATE_SPOT": (0, 1)} and insights(account) == "enabled"
    run(account, state="absent")
    assert cluster(account) is None and all(fault.hits == 1 for fault in busy)
    asked = [call.params["include"] for call in account.proxy.select("ecs:DescribeClusters")]
    assert all("ATTACHMENTS" in include for include in asked), (
        "ECS tells the state of capacity providers only who asks for it"
    )


def test_a_provider_in_use_fails_at_once(account):
    run(account)
    fault = account.proxy.add(
        Fault("ecs:PutClusterCapacityProviders", answer_error("ResourceInUseException"), times=None)
    )
    with pytest.raises(ModuleFailed, match="ResourceInUseException"):
        run(
            account,
            capacity_providers=["FARGATE"],
            default_capacity_provider_strategy=[{"capacity_provider": "FARGATE"}],
        )
    assert fault.hits == 1


def test_bad_input_is_refused_before_aws_is_asked(account):
    strategies = [{"capacity_provider": "NOPE"}]
    with pytest.raises(
        ModuleFailed, match=r"default_capacity_provider_strategy\[0\].capacity_provider is 'NOPE'; allowed are"
    ):
        run(account, default_capacity_provider_strategy=strategies)
    assert account.proxy.calls == []
