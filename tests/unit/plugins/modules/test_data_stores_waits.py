"""Databases and caches that take their time: waits overlap, have limits of their own, show progress, and survive a
killed run.
"""

from __future__ import annotations

import contextlib
import time
from unittest import mock

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.waiting import Waiter
from support.emulator import Emulator
from support.faults import Fault, answer_error, drop_answer
from support.module import ModuleFailed, run_module
from support.proxy import RecordingProxy

SECONDS = 2.0
SUBNETS = {"a": "10.0.1.0/24", "b": "10.0.2.0/24"}


@pytest.fixture(scope="module")
def emulator():
    with slow_emulator(SECONDS) as running:
        yield running


@pytest.fixture
def account(emulator):
    with prepared(emulator) as ready:
        yield ready


@pytest.fixture
def account_without_end():
    """Where nothing gets ready."""
    with slow_emulator(3600) as running, prepared(running) as ready:
        yield ready


@pytest.fixture
def account_with_long_deletions():
    """Long enough for a run to begin on a busy machine while the deletion goes on."""
    with slow_emulator(6) as running, prepared(running) as ready:
        ready.options |= {"rds_enabled": False}
        yield ready


def slow_emulator(seconds):
    return Emulator.start_own(env={"EMULATED_RDS_SECONDS": str(seconds), "EMULATED_ELASTICACHE_SECONDS": str(seconds)})


@contextlib.contextmanager
def prepared(emulator):
    emulator.reset()
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"ap-northeast-2{zone}")["Subnet"]["SubnetId"]
        for zone, cidr in SUBNETS.items()
    ]
    group = ec2.create_security_group(GroupName="data", Description="data", VpcId=vpc)["GroupId"]
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        emulator.options = {
            "deployment": "acme-prod",
            "name": "acme-prod",
            "subnet_ids": subnets,
            "rds_enabled": True,
            "rds_security_group_ids": [group],
            "redis_enabled": True,
            "redis_security_group_ids": [group],
            "rds_deletion_protection": False,
            "rds_skip_final_snapshot": True,
            "redis_skip_final_snapshot": True,
        }
        yield emulator


@contextlib.contextmanager
def hurried():
    """Each look at the clock is 20 seconds later, and nothing sleeps."""
    clock = iter(range(0, 100_000, 20))
    progress = Waiter.__init__.__defaults__[0]
    with mock.patch.object(
        Waiter.__init__, "__defaults__", (progress, lambda: float(next(clock)), lambda seconds: None)
    ):
        yield


def run(account, **options):
    return run_module("data_stores", {**account.options, **options}, account.proxy.endpoint_url)


def test_both_are_waited_for_side_by_side(account, tmp_path):
    progress = tmp_path / "progress"
    made = run(account, progress_file=str(progress))
    names = [call.name for call in account.proxy.calls]
    after_creation = names[names.index("rds:CreateDBInstance") + 1 :]
    assert "rds:DescribeDBInstances" not in after_creation[: after_creation.index("elasticache:CreateReplicationGroup")]
    assert made["outputs"]["rds_endpoint"].endswith(":5432") and made["outputs"]["redis_endpoint"]
    lines = progress.read_text().splitlines()
    assert any("waiting for elasticache_replication_group main (creating)" in line for line in lines)

    start = time.monotonic()
    run(
        account, rds_multi_az=True, redis_node_count=2
    )  # one call for the database, two for the cache, one after the other
    assert time.monotonic() - start >= 2 * SECONDS
    group = account.client("elasticache").describe_replication_groups()["ReplicationGroups"][0]
    assert (group["MultiAZ"], len(group["MemberClusters"])) == ("enabled", 2)

    account.proxy.clear()
    run(account, state="absent", rds_multi_az=True, redis_node_count=2)
    deletions = [call.operation for call in account.proxy.writes()]
    assert deletions[:2] == ["DeleteDBInstance", "DeleteReplicationGroup"]
    assert account.client("rds").describe_db_subnet_groups()["DBSubnetGroups"] == []


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            {"rds_wait_timeout": 60},
            r"rds_instance main \(acme-prod-postgres\) is not ready after 60 seconds; last events: DB instance created",
        ),
        (
            {"redis_wait_timeout": 60},
            (
                r"elasticache_replication_group main \(acme-prod-redis\) is not ready after 60 seconds; last events: "
                r".*created"
            ),
        ),
    ],
)
def test_each_has_a_limit_of_its_own_and_tells_the_last_events(account_without_end, limits, message):
    with hurried(), pytest.raises(ModuleFailed, match=message) as caught:
        run(account_without_end, **limits)
    assert caught.value.result["changed"]


def test_what_a_killed_run_left_in_creation_is_waited_for(account):
    account.proxy.add(Fault("elasticache:CreateReplicationGroup", answer_error("AccessDenied"), times=1))
    with pytest.raises(ModuleFailed):
        run(account)
    account.proxy.clear()
    again = run(account)
    assert again["outputs"]["rds_endpoint"] and [call.operation for call in account.proxy.writes()] == [
        "CreateReplicationGroup"
    ]


def test_a_cache_that_a_killed_run_left_in_creation_is_known_when_aws_tells_its_tags(account):
    """AWS tells the tags of a cache only when it is available; until then nobody knows whose it is."""
    run(account)
    group = account.client("elasticache").describe_replication_groups()["ReplicationGroups"][0]
    account.client("elasticache").modify_replication_group(
        ReplicationGroupId=group["ReplicationGroupId"], SnapshotRetentionLimit=7, ApplyImmediately=True
    )
    account.proxy.clear()
    assert not run(account)["changed"] and account.proxy.writes() == []
    run(
        account, tags={"Team": "platform"}, redis_snapshot_retention_days=3
    )  # the tags come first, and make the change wait for nothing
    assert (
        account.client("elasticache").describe_replication_groups()["ReplicationGroups"][0]["SnapshotRetentionLimit"]
        == 3
    )


def test_one_that_is_being_deleted_is_not_taken_for_somebody_elses(account_with_long_deletions):
    account = account_with_long_deletions
    run(account)
    account.client("elasticache").delete_replication_group(ReplicationGroupId="acme-prod-redis")
    with pytest.raises(ModuleFailed, match="acme-prod-redis is being deleted; run again when it is gone"):
        run(account)
    run(account, state="absent")
    assert account.client("elasticache").describe_replication_groups()["ReplicationGroups"] == []


def test_a_lost_answer_to_the_creation_of_a_cache(account):
    account.proxy.add(Fault("elasticache:CreateReplicationGroup", drop_answer(), times=1))
    assert run(account)["outputs"]["redis_endpoint"]
    assert account.proxy.count("elasticache", "CreateReplicationGroup") == 1


def test_a_change_of_one_that_is_busy_waits_until_it_takes_changes(account):
    run(account)
    account.client("rds").modify_db_instance(
        DBInstanceIdentifier="acme-prod-postgres", BackupRetentionPeriod=3, ApplyImmediately=True
    )
    run(account, rds_backup_retention_days=9)
    assert account.client("rds").describe_db_instances()["DBInstances"][0]["BackupRetentionPeriod"] == 9
