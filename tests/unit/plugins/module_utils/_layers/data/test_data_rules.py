"""The pure rules of the data layer: versions, windows, tokens, judgements of differences, and the order of changes."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    ApplyFailed,
    Difference,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache import (
    facts as replication_group_facts,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache.steps import (
    next_step,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds import (
    facts as rds_facts,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds.differences import judge
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds.request import (
    next_change,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds.snapshot import misfit
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.secretsmanager import token
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.stores import (
    versions,
    windows,
)
from botocore.exceptions import ClientError


@pytest.mark.parametrize(
    ("engine", "current", "wanted", "expected"),
    [
        ("postgres", "17.7", "17.7", True),
        ("postgres", "17.10", "17.7", True),
        ("postgres", "17.5", "17.7", False),
        ("postgres", "18.1", "17.7", False),
        ("postgres", "17.9", "17", True),
        ("mysql", "8.4.7", "8.0", False),
        ("mysql", "8.4.7", "8.4", True),
        ("redis", "7.1.0", "7.1", True),
        ("redis", "7.0.7", "7.1", False),
        ("redis", "7.1.0", "7.0", True),
        ("valkey", "8.1.0", "7.2", False),
    ],
)
def test_versions_that_aws_has_moved_ahead_satisfy(engine, current, wanted, expected):
    assert versions.satisfied(engine, current, wanted) is expected


def test_families():
    wanted = {
        ("postgres", "17.7"): "postgres17",
        ("mysql", "8.4.7"): "mysql8.4",
        ("mariadb", "11.4"): "mariadb11.4",
        ("redis", "7.1"): "redis7",
        ("redis", "6.2"): "redis6.x",
        ("redis", "5.0.6"): "redis5.0",
        ("valkey", "8.1"): "valkey8",
    }
    assert {pair: versions.family(*pair) for pair in wanted} == wanted


@pytest.mark.parametrize(
    ("daily", "weekly", "expected"),
    [
        ("17:00-18:00", "sun:18:00-sun:19:00", False),
        ("17:00-18:01", "sun:18:00-sun:19:00", True),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("00:30-01:30", "sun:23:00-mon:00:30", False),
        ("00:29-01:30", "sun:23:00-mon:00:30", True),
        ("10:00-10:30", "Mon:09:00-tue:09:00", True),
    ],
)
def test_windows_overlap_over_midnight_and_the_week(daily, weekly, expected):
    assert windows.overlap(daily, weekly) is expected


def test_tokens_follow_the_rules_and_are_never_the_same():
    made = {token.generate(length) for length in (16, 64, 128) for _number in range(20)}
    assert len(made) == 60 and all(token.valid(value) for value in made)
    assert not token.valid("x" * 15) and not token.valid("x" * 129) and not token.valid("a@/" + "x" * 20)


def test_an_error_that_repeats_the_token_is_raised_without_it():
    value = token.generate(64)

    def call():
        raise ClientError(
            {"Error": {"Code": "InvalidParameterValue", "Message": f"bad AuthToken {value}"}}, "CreateReplicationGroup"
        )

    with pytest.raises(ApplyFailed) as caught:
        token.without_token(call, value)
    error = caught.value
    assert value not in str(error) and "bad AuthToken (hidden)" in str(error)
    assert error.__cause__ is None and error.__context__ is None  # Ansible prints the causes as well


# RDS ---------------------------------------------------------------------------------------------------------------

CURRENT = {
    "engine": "postgres",
    "engine_version": "17.7",
    "class": "db.t4g.small",
    "allocated_storage": 50,
    "max_allocated_storage": 100,
    "storage_type": "gp3",
    "multi_az": False,
    "manage_master_user_password": True,
    "performance_insights_enabled": False,
    "cloudwatch_logs_exports": ["postgresql"],
}


def judged(name, after, allow_major=False, before=None, **wanted):
    difference = Difference(name, CURRENT.get(name, before), after)
    return judge(
        [difference], CURRENT, {"engine": "postgres", "max_allocated_storage": 100, name: after, **wanted}, allow_major
    )


@pytest.mark.parametrize(
    ("name", "after", "options"),
    [
        ("allocated_storage", 20, {}),  # autoscaling has grown it
        ("engine_version", "17.5", {}),  # AWS is ahead
        ("engine_version", "17", {}),
    ],
)
def test_what_aws_did_by_itself_is_no_difference(name, after, options):
    assert judged(name, after, **options) == []


@pytest.mark.parametrize(
    ("name", "after", "options"),
    [
        ("allocated_storage", 55, {}),
        ("max_allocated_storage", 200, {}),
        ("max_allocated_storage", 0, {}),
        ("engine_version", "17.8", {}),
        ("engine_version", "18.1", {"allow_major": True}),
        ("class", "db.m7g.large", {}),
        ("multi_az", True, {}),
        ("performance_insights_kms_key_arn", "arn:aws:kms:x:1:key/2", {"before": "arn:aws:kms:x:1:key/1"}),
    ],
)
def test_what_rds_changes_in_place_is_not_refused(name, after, options):
    assert [item.refusal for item in judged(name, after, **options)] == [""]


@pytest.mark.parametrize(
    ("name", "after", "options", "reason"),
    [
        ("allocated_storage", 40, {"max_allocated_storage": 0}, "cannot shrink"),
        ("allocated_storage", 51, {}, "at least 10 %; choose 55 GiB"),
        ("max_allocated_storage", 40, {}, "has grown to 50 GiB"),
        ("engine_version", "16.11", {}, "does not downgrade"),
        ("engine_version", "18.1", {}, "rds_allow_major_version_upgrade"),
        ("engine", "mysql", {}, "cannot change the engine"),
        ("identifier", "other", {"before": "acme"}, "endpoint"),
        ("encrypted", True, {"before": False}, "copy of a snapshot"),
        ("kms_key_arn", "arn:aws:kms:x:1:key/2", {"before": "arn:aws:kms:x:1:key/1"}, "copy of a snapshot"),
        ("subnet_group_name", "other", {"before": "acme"}, "another VPC"),
        ("master_username", "other", {"before": "postgres"}, "master user"),
        ("snapshot_identifier", "snap", {}, "not overwritten"),
        (
            "master_user_secret_kms_key_arn",
            "arn:aws:kms:x:1:key/2",
            {"before": "arn:aws:kms:x:1:key/1"},
            "manages already",
        ),
    ],
)
def test_what_would_lose_the_database_is_refused(name, after, options, reason):
    assert [reason in item.refusal for item in judged(name, after, **options)] == [True]


def test_a_key_is_the_same_by_id_or_arn():
    assert judged("kms_key_arn", "arn:aws:kms:x:1:key/1234", before="1234") == []


def test_the_replica_of_a_key_in_another_region_is_another_key():
    differences = judged("kms_key_arn", "arn:aws:kms:x:1:key/mrk-1", before="arn:aws:kms:y:1:key/mrk-1")
    assert [item.path for item in differences] == ["kms_key_arn"], "the replica was taken for the wanted key"


def test_changes_that_interrupt_are_left_to_the_window():
    changes = {"class": "db.m7g.large", "multi_az": True}
    names, request = next_change(CURRENT, changes, pending=False, at_once=False)
    assert (names, request) == (("multi_az",), {"MultiAZ": True, "ApplyImmediately": True})
    names, request = next_change(CURRENT, {"class": "db.m7g.large"}, pending=False, at_once=False)
    assert (names, request) == (("class",), {"DBInstanceClass": "db.m7g.large", "ApplyImmediately": False})
    names, request = next_change(CURRENT, changes, pending=False, at_once=True)
    assert names == ("class", "multi_az") and request["ApplyImmediately"]


def test_nothing_is_applied_at_once_while_an_interruption_waits():
    names, request = next_change(CURRENT, {"multi_az": True}, pending=True, at_once=False)
    assert request == {"MultiAZ": True, "ApplyImmediately": False}


def test_the_parameter_group_goes_with_the_upgrade():
    changes = {"engine_version": "18.1", "parameter_group_name": "acme-postgres18"}
    names, request = next_change(CURRENT, changes, pending=False, at_once=False)
    assert names == ("engine_version", "parameter_group_name")
    assert request["AllowMajorVersionUpgrade"] and request["DBParameterGroupName"] == "acme-postgres18"


def test_requests_of_storage_and_logs():
    _names, request = next_change(CURRENT, {"max_allocated_storage": 0}, False, False)
    assert request["MaxAllocatedStorage"] == 50
    _names, request = next_change(CURRENT, {"storage_throughput": 600}, False, False)
    assert (request["AllocatedStorage"], request["StorageThroughput"]) == (50, 600) and "Iops" not in request
    _names, request = next_change(CURRENT, {"cloudwatch_logs_exports": ["upgrade"]}, False, False)
    assert request["CloudwatchLogsExportConfiguration"] == {
        "EnableLogTypes": ["upgrade"],
        "DisableLogTypes": ["postgresql"],
    }


INSTANCE = {
    "DBInstanceIdentifier": "acme",
    "DBInstanceArn": "arn:acme",
    "DBInstanceStatus": "available",
    "Engine": "postgres",
    "AllocatedStorage": 20,
    "MaxAllocatedStorage": 100,
    "MultiAZ": False,
}


def test_what_was_requested_counts_as_made():
    pending = {
        "PendingModifiedValues": {
            "MultiAZ": True,
            "AllocatedStorage": 40,
            "PendingCloudwatchLogsExports": {"LogTypesToEnable": ["upgrade"]},
        }
    }
    found = rds_facts.properties({**INSTANCE, **pending})
    assert (found["multi_az"], found["allocated_storage"], found["cloudwatch_logs_exports"]) == (True, 40, ["upgrade"])


STATES = {
    "available": "ready",
    "storage-optimization": "ready",
    "storage-full": "ready",
    "creating": "pending",
    "backing-up": "pending",
    "incompatible-network": "failed",
}


@pytest.mark.parametrize(("status", "state"), STATES.items())
def test_states_of_a_database(status, state):
    assert rds_facts.state({**INSTANCE, "DBInstanceStatus": status})["state"] == state


SNAPSHOT = {
    "Engine": "postgres",
    "EngineVersion": "17.5",
    "Encrypted": True,
    "MasterUsername": "postgres",
    "AllocatedStorage": 20,
}
RESTORED = {
    "engine": "postgres",
    "engine_version": "17.7",
    "encrypted": True,
    "master_username": "postgres",
    "allocated_storage": 20,
}


@pytest.mark.parametrize(
    ("snapshot", "properties", "reason"),
    [
        ({}, {}, ""),
        ({"EngineVersion": "17.7"}, {"engine_version": "17"}, ""),
        ({"EngineVersion": "16.4"}, {}, "restore with rds_engine_version 16.4, then upgrade to 17.7"),
        (
            {"Engine": "mysql", "EngineVersion": "8.0.44"},
            {"engine": "mysql", "engine_version": "8.4.7"},
            "restore with rds_engine_version 8.0.44",
        ),
        ({"EngineVersion": "18.1"}, {}, "does not fit rds_engine_version"),
        ({"Engine": "mysql"}, {}, "does not fit rds_engine;"),
        ({"AllocatedStorage": 30}, {}, "does not fit rds_allocated_storage"),
    ],
)
def test_a_snapshot_is_restored_into_what_it_holds(snapshot, properties, reason):
    found = misfit("acme-final", {**SNAPSHOT, **snapshot}, {**RESTORED, **properties})
    assert reason in found and bool(reason) == bool(found)


# ElastiCache -------------------------------------------------------------------------------------------------------


def steps(current, wanted):
    """The calls on the way, on an ElastiCache that does at once what it is asked for."""
    current, taken = dict(current), []
    names = {
        "AutomaticFailoverEnabled": "automatic_failover_enabled",
        "MultiAZEnabled": "multi_az_enabled",
        "CacheNodeType": "node_type",
    }
    names.update(
        {"Engine": "engine", "EngineVersion": "engine_version", "CacheParameterGroupName": "parameter_group_name"}
    )
    names["SnapshotRetentionLimit"] = "snapshot_retention_days"
    while True:
        step = next_step(current, {name: value for name, value in wanted.items() if current[name] != value})
        if step is None:
            return taken
        taken.append(f"{step.operation} {' '.join(sorted(step.request))}")
        current.update({names[name]: value for name, value in step.request.items() if name in names})
        if "NewReplicaCount" in step.request:
            current["node_count"] = step.request["NewReplicaCount"] + 1


ONE = {
    "node_count": 1,
    "automatic_failover_enabled": False,
    "multi_az_enabled": False,
    "node_type": "cache.t4g.small",
    "snapshot_retention_days": 1,
}
TWO = {**ONE, "node_count": 2, "automatic_failover_enabled": True, "multi_az_enabled": True}


def test_replicas_come_before_failover_and_go_after_it():
    assert steps(ONE, TWO) == [
        "increase_replica_count NewReplicaCount",
        "modify_replication_group AutomaticFailoverEnabled MultiAZEnabled",
    ]
    assert steps(TWO, ONE) == [
        "modify_replication_group AutomaticFailoverEnabled MultiAZEnabled",
        "decrease_replica_count NewReplicaCount",
    ]


def test_each_kind_of_change_is_a_call_of_its_own():
    wanted = {**TWO, "node_type": "cache.m7g.large", "snapshot_retention_days": 7}
    assert steps(TWO, wanted) == [
        "modify_replication_group SnapshotRetentionLimit",
        "modify_replication_group CacheNodeType",
    ]
    engine = {"engine": "redis", "engine_version": "7.1", "parameter_group_name": "acme-redis7"}
    valkey = {"engine": "valkey", "engine_version": "8.1", "parameter_group_name": "acme-valkey8"}
    assert steps({**ONE, **engine}, {**ONE, **valkey}) == [
        "modify_replication_group CacheParameterGroupName Engine EngineVersion"
    ]


def test_backups_that_are_switched_on_name_the_member_of_which_they_are_taken():
    off = {**ONE, "snapshot_retention_days": 0}
    assert next_step(off, {"snapshot_retention_days": 7}, "acme-002").request == {
        "SnapshotRetentionLimit": 7,
        "SnapshottingClusterId": "acme-002",
    }
    assert next_step(ONE, {"snapshot_retention_days": 7}, "acme-002").request == {"SnapshotRetentionLimit": 7}
    assert next_step(ONE, {"snapshot_retention_days": 0}, "acme-002").request == {"SnapshotRetentionLimit": 0}
    assert next_step(off, {"description": "x"}, "acme-002").request == {"ReplicationGroupDescription": "x"}


@pytest.mark.parametrize(
    ("group", "source"),
    [
        ({"MemberClusters": ["acme-001"]}, "acme-001"),
        ({"MemberClusters": ["acme-001", "acme-002"]}, "acme-002"),
        ({"MemberClusters": ["acme-001", "acme-002"], "SnapshottingClusterId": "acme-001"}, "acme-001"),
        ({"MemberClusters": ["acme-001", "acme-002"], "SnapshottingClusterId": "acme-003"}, "acme-002"),
        ({"MemberClusters": ["acme-001", "acme-002"], "ClusterEnabled": True}, ""),
        ({}, ""),
    ],
)
def test_backups_are_taken_of_a_replica_where_there_is_one(group, source):
    roles = [
        {"CacheClusterId": "acme-001", "CurrentRole": "primary"},
        {"CacheClusterId": "acme-002", "CurrentRole": "replica"},
    ]
    assert replication_group_facts.snapshot_source({**group, "NodeGroups": [{"NodeGroupMembers": roles}]}) == source
