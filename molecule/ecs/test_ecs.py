"""The cluster as AWS has it."""

from __future__ import annotations

import pytest

KEY = "<kms_key:molecule-ecs-base/kms/main arn>"


@pytest.fixture
def cluster(of_type):
    (found,) = of_type("ecs_cluster").values()
    return found


def test_cluster(client, cluster):
    assert cluster["status"] == "ACTIVE"
    (described,) = client("ecs").describe_clusters(clusters=["molecule-ecs"])["clusters"]
    assert described["clusterName"] == "molecule-ecs"
    assert cluster["tags"]["Team"] == "molecule"


def test_capacity(cluster):
    assert cluster["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert cluster["strategy"] == ["FARGATE 0 1"]


def test_container_insights_are_off(cluster):
    assert cluster["settings"] == [{"name": "containerInsights", "value": "disabled"}]


def test_execute_command_is_logged_and_encrypted(cluster, of_type):
    command = cluster["configuration"]["executeCommandConfiguration"]
    assert (command["kmsKeyId"], command["logging"]) == (KEY, "OVERRIDE")
    log = command["logConfiguration"]
    assert (log["cloudWatchLogGroupName"], log["cloudWatchEncryptionEnabled"]) == (
        "/aws/ecs/molecule-ecs/execute-command",
        True,
    )
    (group,) = of_type("log_group").values()
    assert (group["tags"]["Name"], group["kmsKeyId"], group["retentionInDays"]) == (
        "/aws/ecs/molecule-ecs/execute-command",
        KEY,
        30,
    )
