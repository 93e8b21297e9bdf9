"""States of a cluster that emulators never show."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.ecs.cluster import (
    EcsClusterAdapter,
)

SCOPE = Scope("acme-dev", "ecs")
ADAPTER = EcsClusterAdapter(Clients(lambda service, config: None), SCOPE)


def existing(**fields):
    tags = [{"key": name, "value": value} for name, value in SCOPE.tags("main").items()]
    return ADAPTER._existing(
        {"clusterName": "acme", "clusterArn": "arn:acme", "status": "ACTIVE", "tags": tags, **fields}
    )


def test_a_cluster_in_use_is_not_deleted():
    assert ADAPTER.refuse_delete(existing()) == ""
    refusal = ADAPTER.refuse_delete(existing(activeServicesCount=2, runningTasksCount=3))
    assert "2 active services, 3 running tasks" in refusal


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "ready"),
        ({"status": "PROVISIONING"}, "pending"),
        ({"attachmentsStatus": "UPDATE_IN_PROGRESS"}, "pending"),
        ({"attachmentsStatus": "UPDATE_COMPLETE"}, "ready"),
        ({"status": "FAILED"}, "failed"),
        (
            {
                "attachmentsStatus": "UPDATE_FAILED",
                "attachments": [{"details": [{"name": "error", "value": "no role"}]}],
            },
            "failed",
        ),
    ],
)
def test_states(fields, state):
    found = existing(**fields)
    assert found.state == state
    assert "attachments" not in fields or "error=no role" in found.reason


def test_what_aws_leaves_out_is_its_default():
    properties = existing().properties
    assert properties["container_insights"] == "disabled" and properties["execute_command_logging"] == "DEFAULT"
    assert properties["capacity_providers"] == [] and properties["default_capacity_provider_strategy"] == []
