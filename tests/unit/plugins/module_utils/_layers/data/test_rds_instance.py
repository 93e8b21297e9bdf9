# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The database instance, where RDS behaves otherwise than emulators do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    ApplyFailed,
    Resource,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds.instance import (
    RdsInstanceAdapter,
)
from botocore.exceptions import ClientError
from fake_aws import SCOPE, TAGS, FakeClient, error, wait

NAME = "acme-postgres"
WANTED = {
    "identifier": NAME,
    "engine": "postgres",
    "engine_version": "17.7",
    "parameter_group_name": f"{NAME}-postgres17",
    "max_allocated_storage": 100,
}


class Rds:
    """One instance. describe and modify are replaced by tests that play AWS's part."""

    def __init__(self, **settings: Any):
        self.instance: dict[str, Any] = {
            "DBInstanceIdentifier": NAME,
            "DBInstanceArn": f"arn:{NAME}",
            "DBInstanceStatus": "available",
            "Engine": "postgres",
            "EngineVersion": "17.7",
            "AllocatedStorage": 20,
            "MaxAllocatedStorage": 100,
            "StorageType": "gp3",
            "BackupRetentionPeriod": 7,
            "MultiAZ": False,
            "DBParameterGroups": [{"DBParameterGroupName": f"{NAME}-postgres17"}],
            "TagList": [{"Key": name, "Value": value} for name, value in TAGS.items()],
        }
        self.polls = 0
        self.modify = lambda request: None
        self.describe = lambda: None
        self.client = FakeClient(
            describe_db_instances=self._describe,
            describe_db_engine_versions=lambda **_request: {
                "DBEngineVersions": [{"EngineVersion": version} for version in ("16.4", "17.7")]
            },
            modify_db_instance=self._modify,
        )
        self.adapter = RdsInstanceAdapter(self.client.clients(), SCOPE, NAME, wait_seconds=3600, **settings)

    def _describe(self, **_request):
        self.polls += 1
        self.describe()
        return {"DBInstances": [dict(self.instance)]}

    def _modify(self, **request):
        self.polls = 0
        self.modify(request)
        return {"DBInstance": dict(self.instance)}

    @property
    def changes(self):
        """The requests so far, without what is the same in all of them."""
        return [
            {name: value for name, value in request.items() if name != "DBInstanceIdentifier"}
            for request in self.client.requests("modify_db_instance")
        ]

    def update(self, **properties: Any) -> tuple[Any, float]:
        """A run that changes these properties: what became ready, and the seconds of the wait.

        No difference is no change.
        """
        wanted = Resource(self.adapter.type, "main", {**WANTED, **properties})
        found = self.adapter.observe([wanted], {})[0]
        assert found.owned, found.reason
        differences = self.adapter.differences(wanted, found)
        return wait(self.adapter, self.adapter.update(wanted, found, differences)) if differences else (found, 0)


@pytest.fixture
def rds():
    return Rds()


# A major upgrade that waits for the window ----------------------------------------------------------------------------


@pytest.fixture
def rds16():
    """It runs 16.4; what is not applied at once waits in PendingModifiedValues, and the parameter group is not shown
    there.
    """
    result = Rds(allow_major=True)
    result.instance.update(
        {"EngineVersion": "16.4", "DBParameterGroups": [{"DBParameterGroupName": f"{NAME}-postgres16"}]}
    )

    def modify(request):
        if "DBParameterGroupName" in request and "EngineVersion" not in request:
            raise error("InvalidParameterCombination", "the parameter group is of another family")
        if "BackupRetentionPeriod" in request:
            result.instance["BackupRetentionPeriod"] = request["BackupRetentionPeriod"]
        if "EngineVersion" in request:
            result.instance["PendingModifiedValues"] = {"EngineVersion": request["EngineVersion"]}

    result.modify = modify
    return result


def test_the_parameter_group_of_a_waiting_upgrade_is_requested_once(rds16):
    rds16.update()
    upgrade = {
        "EngineVersion": "17.7",
        "DBParameterGroupName": f"{NAME}-postgres17",
        "AllowMajorVersionUpgrade": True,
        "ApplyImmediately": False,
    }
    assert rds16.changes == [upgrade]
    rds16.update()  # the next run, before the window
    assert rds16.changes == [upgrade]
    rds16.update(backup_retention_days=9)
    assert rds16.changes == [upgrade, {"BackupRetentionPeriod": 9, "ApplyImmediately": False}]


def test_a_waiting_minor_upgrade_hides_no_parameter_group(rds):
    rds.instance["PendingModifiedValues"] = {"EngineVersion": "17.9"}
    rds.modify = lambda request: rds.instance.update(
        DBParameterGroups=[{"DBParameterGroupName": request["DBParameterGroupName"]}]
    )
    rds.update(parameter_group_name="other")
    assert [request["DBParameterGroupName"] for request in rds.changes] == ["other"]


# Storage that is optimized for hours ----------------------------------------------------------------------------------


def test_more_storage_is_done_when_its_optimization_begins(rds):
    def describe():
        states = {1: "available", 2: "modifying"}
        rds.instance["DBInstanceStatus"] = states.get(rds.polls, "storage-optimization") if rds.changes else "available"

    rds.modify = lambda request: rds.instance.update(
        AllocatedStorage=request["AllocatedStorage"], PendingModifiedValues={"AllocatedStorage": 40}
    )
    rds.describe = describe
    ready, seconds = rds.update(allocated_storage=40)
    assert ready.raw["DBInstanceStatus"] == "storage-optimization" and seconds < 10


def test_while_storage_is_optimized_all_else_is_changed(rds):
    rds.instance["DBInstanceStatus"] = "storage-optimization"
    rds.modify = lambda request: rds.instance.update(BackupRetentionPeriod=request["BackupRetentionPeriod"])
    _ready, seconds = rds.update(backup_retention_days=9)
    assert rds.changes == [{"BackupRetentionPeriod": 9, "ApplyImmediately": True}] and seconds == 0


@pytest.mark.parametrize(
    "properties", [{"backup_retention_days": 9, "allocated_storage": 40}, {"allocated_storage": 40}]
)
def test_the_next_change_of_the_storage_waits_for_the_end_of_the_optimization(rds, properties):
    rds.instance["DBInstanceStatus"] = "storage-optimization"
    polls = []

    def describe():
        polls.append(1)
        if len(polls) == 12:
            rds.instance["DBInstanceStatus"] = "available"

    def modify(request):
        if "AllocatedStorage" in request and rds.instance["DBInstanceStatus"] != "available":
            raise error("InvalidParameterCombination", "the previous storage change is being optimized")
        rds.instance.update({name: value for name, value in request.items() if name in rds.instance})

    rds.describe, rds.modify = describe, modify
    ready, _seconds = rds.update(**properties)
    assert ready.properties["allocated_storage"] == 40 and next(iter(rds.changes[-1])) == "AllocatedStorage"
    assert len(rds.changes) == len(properties) and ready.properties["backup_retention_days"] == properties.get(
        "backup_retention_days", 7
    )


def test_the_wait_for_the_end_of_the_optimization_has_the_limit_of_databases(rds):
    rds.instance["DBInstanceStatus"] = "storage-optimization"
    rds.client.answers["describe_events"] = lambda **_request: {}
    with pytest.raises(
        ApplyFailed, match="is not ready after 3600 seconds; last events: storage-optimization, after which its storage"
    ):
        rds.update(allocated_storage=40)
    assert rds.changes == []


# Late and busy answers ------------------------------------------------------------------------------------------------


def test_a_change_that_shows_late_is_waited_for_and_not_repeated(rds):
    def describe():
        if rds.changes and rds.polls == 4:
            rds.instance["BackupRetentionPeriod"] = 9

    rds.describe = describe
    ready, seconds = rds.update(backup_retention_days=9)
    assert ready.properties["backup_retention_days"] == 9 and seconds > 0 and len(rds.changes) == 1


def test_a_change_that_shows_late_does_not_lose_the_changes_after_it(rds):
    """The class waits for the window and so is requested after the rest."""

    def modify(request):
        if "DBInstanceClass" in request:
            rds.instance["PendingModifiedValues"] = {"DBInstanceClass": request["DBInstanceClass"]}

    rds.modify = modify
    _ready, seconds = rds.update(**{"backup_retention_days": 9, "class": "db.m7g.large"})
    assert [sorted(request) for request in rds.changes] == [
        ["ApplyImmediately", "BackupRetentionPeriod"],
        ["ApplyImmediately", "DBInstanceClass"],
    ]
    assert 60 < seconds < 80


def test_a_backup_that_has_begun_is_waited_for_and_the_change_is_sent_again(rds):
    backup = []

    def modify(request):
        if len(backup) < 30:
            raise error("InvalidDBInstanceState")
        rds.instance["BackupRetentionPeriod"] = request["BackupRetentionPeriod"]

    def describe():
        if rds.changes:
            backup.append(1)
            rds.instance["DBInstanceStatus"] = "backing-up" if 3 < len(backup) < 30 else "available"

    rds.modify, rds.describe = modify, describe
    ready, _seconds = rds.update(backup_retention_days=9)
    assert ready.properties["backup_retention_days"] == 9 and len(rds.changes) == 5


def test_a_database_that_refuses_for_ever_ends_the_wait_with_the_refusal(rds):
    def modify(request):
        raise error("InvalidDBInstanceState")

    rds.modify = modify
    with pytest.raises(ApplyFailed, match="InvalidDBInstanceState"):
        rds.update(backup_retention_days=9)
    assert len(rds.changes) == 21


def test_another_refusal_is_raised_at_once(rds):
    def modify(request):
        raise error("InvalidParameterCombination")

    rds.modify = modify
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        rds.update(backup_retention_days=9)
    assert len(rds.changes) == 1
