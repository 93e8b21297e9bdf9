"""The story of a deployment's database and cache: planned, made, found again, changed, refused, restored and
deleted, read through boto3.
"""

from __future__ import annotations

import contextlib
import hashlib
import json

import pytest
from support.emulator import Emulator
from support.faults import Fault, answer_error, drop_answer
from support.module import ModuleFailed, run_module
from support.proxy import RecordingProxy

DATABASE, CACHE, SECRET = "acme-prod-postgres", "acme-prod-redis", "acme-prod-redis-auth-token"
WINDOWS = {"rds_backup_window": "17:00-18:00", "rds_maintenance_window": "Sun:18:30-Sun:19:30"}


@pytest.fixture
def account(emulator):
    emulator.reset()
    with prepared(emulator) as ready:
        yield ready


@contextlib.contextmanager
def prepared(emulator):
    """An account with a VPC; options is what a deployment with a database and a cache asks for."""
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = ("a", "b", "c")
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"ap-northeast-2{zone}")[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate(zones)
    ]
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("rds", "redis")
    ]
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy, emulator.vpc, emulator.subnets, emulator.key, emulator.groups = proxy, vpc, subnets, key, groups
        emulator.rds, emulator.elasticache = emulator.client("rds"), emulator.client("elasticache")
        emulator.options = {
            "deployment": "acme-prod",
            "name": "acme-prod",
            "tags": {"Team": "platform"},
            "subnet_ids": subnets[:2],
            "kms_key_arn": key,
            "rds_enabled": True,
            "rds_security_group_ids": groups[:1],
            "redis_enabled": True,
            "redis_security_group_ids": groups[1:],
        }
        yield emulator


def run(account, check=False, **options):
    return run_module("data_stores", {**account.options, **options}, account.proxy.endpoint_url, check=check)


def unchanged(account, **options):
    account.proxy.clear()
    result = run(account, **options)
    return not result["changed"] and account.proxy.writes() == []


def kinds(result):
    return [(item["action"], item["type"]) for item in result["actions"]]


def database(account):
    return next(iter(account.rds.describe_db_instances()["DBInstances"]), None)


def cache(account):
    return next(iter(account.elasticache.describe_replication_groups()["ReplicationGroups"]), None)


def member(account):
    return account.elasticache.describe_cache_clusters()["CacheClusters"][0]


def token(account):
    return account.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]


def tokens_of_cache(account):
    """The digests of the tokens that the cache takes, as the emulator's extension tells them."""
    events = account.elasticache.describe_events(SourceType="replication-group", SourceIdentifier=CACHE)["Events"]
    return [event["Message"] for event in events if "digests" in event["Message"]][-1].split(": ")[1].split()


def digest(value):
    return hashlib.sha256(value.encode()).hexdigest()[:12]


def test_subnet_groups_alone(account):
    off = {"rds_enabled": False, "redis_enabled": False}
    planned = run(
        account,
        check=True,
        subnet_ids=["subnet-known-after-apply.private/a", "subnet-known-after-apply.private/b"],
        **off,
    )
    assert account.proxy.writes() == [] and kinds(planned) == [
        ("create", "rds_subnet_group"),
        ("create", "elasticache_subnet_group"),
    ]
    made = run(account, **off)
    names = {
        "rds_subnet_group_name": "acme-prod",
        "rds_subnet_group_id": "acme-prod",
        "elasticache_subnet_group_name": "acme-prod",
    }
    assert made["outputs"] == names == planned["outputs"] and kinds(made) == kinds(planned)
    group = account.rds.describe_db_subnet_groups(DBSubnetGroupName="acme-prod")["DBSubnetGroups"][0]
    assert [subnet["SubnetIdentifier"] for subnet in group["Subnets"]] == sorted(account.subnets[:2])
    tags = {
        tag["Key"]: tag["Value"]
        for tag in account.rds.list_tags_for_resource(ResourceName=group["DBSubnetGroupArn"])["TagList"]
    }
    assert (
        tags["Team"] == "platform" and tags["connectly:deployment"] == "acme-prod" and tags["connectly:layer"] == "data"
    )
    assert unchanged(account, **off)

    more = {**off, "subnet_ids": account.subnets, "rds_subnet_group_description": "Databases"}
    assert run(account, check=True, **more)["diff"][0]["after"] == {
        "description": "Databases",
        "subnet_ids": sorted(account.subnets),
    }
    assert run(account, **more)["changed"] and unchanged(account, **more)
    caches = account.elasticache.describe_cache_subnet_groups(CacheSubnetGroupName="acme-prod")["CacheSubnetGroups"][0]
    assert {subnet["SubnetIdentifier"] for subnet in caches["Subnets"]} == set(account.subnets)

    with pytest.raises(ModuleFailed, match="cannot rename a subnet group"):
        run(account, **{**more, "name": "acme-two"})
    assert kinds(run(account, state="absent", **more)) == [
        ("delete", "rds_subnet_group"),
        ("delete", "elasticache_subnet_group"),
    ]
    assert not run(account, state="absent", **more)["changed"]


def test_subnets_are_looked_at_before_the_first_write(account):
    ec2 = account.client("ec2")
    same_zone = ec2.create_subnet(VpcId=account.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="ap-northeast-2a")[
        "Subnet"
    ]["SubnetId"]
    other_vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    elsewhere = [
        ec2.create_subnet(VpcId=other_vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"ap-northeast-2{z}")
        for n, z in enumerate("ab")
    ]
    elsewhere = [item["Subnet"]["SubnetId"] for item in elsewhere]
    for subnets, reason in (
        ([account.subnets[0], same_zone], "all its subnets are in ap-northeast-2a"),
        ([account.subnets[0], elsewhere[1]], "several VPCs"),
    ):
        with pytest.raises(ModuleFailed, match=reason):
            run(account, subnet_ids=subnets)
    assert account.proxy.writes() == []
    run(account)
    with pytest.raises(ModuleFailed, match="cannot move a group to another VPC"):
        run(account, subnet_ids=elsewhere)


def test_a_group_that_others_use_or_own_stays(account):
    off = {"rds_enabled": False, "redis_enabled": False}
    run(account, **off)
    account.rds.create_db_instance(
        DBInstanceIdentifier="theirs", Engine="postgres", DBInstanceClass="db.t4g.small", DBSubnetGroupName="acme-prod"
    )
    with pytest.raises(ModuleFailed, match="still used by the database theirs"):
        run(account, state="absent", **off)
    with pytest.raises(ModuleFailed, match="belongs to deployment acme-prod"):
        run(account, deployment="beta-prod", **off)


def test_story_of_both(account):
    planned = run(account, check=True)
    assert account.proxy.writes() == [] and "known-after-apply" in planned["outputs"]["rds_endpoint"]
    made = run(account, **WINDOWS)
    assert kinds(made) == kinds(planned)

    found, group, node = database(account), cache(account), member(account)
    outputs = made["outputs"]
    assert outputs["rds_endpoint"] == f"{found['Endpoint']['Address']}:5432" and outputs["rds_endpoint"].startswith(
        DATABASE
    )
    assert outputs["rds_master_user_secret_arn"] == found["MasterUserSecret"]["SecretArn"]
    assert outputs["redis_endpoint"] == group["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    assert (
        outputs["redis_auth_token_secret_arn"]
        == account.client("secretsmanager").describe_secret(SecretId=SECRET)["ARN"]
    )
    wanted = {
        "Engine": "postgres",
        "EngineVersion": "17.7",
        "DBInstanceClass": "db.t4g.small",
        "AllocatedStorage": 20,
        "MaxAllocatedStorage": 100,
        "StorageType": "gp3",
        "StorageEncrypted": True,
        "KmsKeyId": account.key,
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "DeletionProtection": True,
        "BackupRetentionPeriod": 7,
        "PreferredBackupWindow": "17:00-18:00",
        "PreferredMaintenanceWindow": "sun:18:30-sun:19:30",
        "CopyTagsToSnapshot": True,
    }
    assert {name: found[name] for name in wanted} == wanted
    assert (
        found["DBSubnetGroup"]["DBSubnetGroupName"] == "acme-prod"
        and found["DBParameterGroups"][0]["DBParameterGroupName"] == f"{DATABASE}-postgres17"
    )
    assert [item["VpcSecurityGroupId"] for item in found["VpcSecurityGroups"]] == account.groups[:1]
    assert found["MasterUserSecret"]["KmsKeyId"] == account.key
    assert {"Key": "connectly:deployment", "Value": "acme-prod"} in found["TagList"]
    encrypted = ("AtRestEncryptionEnabled", "TransitEncryptionEnabled", "AuthTokenEnabled")
    assert all(group[name] for name in encrypted) and group["KmsKeyId"] == account.key
    assert (group["MemberClusters"], group["AutomaticFailover"], group["MultiAZ"]) == (
        [f"{CACHE}-001"],
        "disabled",
        "disabled",
    )
    assert (
        node["EngineVersion"] == "7.1.0" and node["CacheParameterGroup"]["CacheParameterGroupName"] == f"{CACHE}-redis7"
    )
    assert tokens_of_cache(account) == [digest(token(account))] and len(token(account)) == 64
    assert unchanged(account, **WINDOWS) and unchanged(account)  # windows that are not declared are AWS's


def what_consumers_know(account):
    found = database(account)
    return (
        found["Endpoint"],
        found["MasterUserSecret"]["SecretArn"],
        cache(account)["NodeGroups"][0]["PrimaryEndpoint"],
        token(account),
    )


SWITCHES = {"rds_multi_az": True, "redis_node_count": 2}


def test_switches_on_and_back_keep_everything_else(account):
    run(account)
    before = what_consumers_know(account)
    plan = run(account, check=True, **SWITCHES)
    assert [item["after"] for item in plan["diff"]] == [
        {"multi_az": True},
        {"automatic_failover_enabled": True, "multi_az_enabled": True, "node_count": 2},
    ]
    assert run(account, **SWITCHES)["changed"] and unchanged(account, **SWITCHES)
    group = cache(account)
    assert database(account)["MultiAZ"] and (
        group["AutomaticFailover"],
        group["MultiAZ"],
        len(group["MemberClusters"]),
    ) == ("enabled", "enabled", 2)
    assert run(account)["changed"] and unchanged(account)
    group = cache(account)
    assert not database(account)["MultiAZ"] and (group["AutomaticFailover"], len(group["MemberClusters"])) == (
        "disabled",
        1,
    )
    assert before == what_consumers_know(account)


def test_changes_in_place_and_what_waits_for_the_window(account):
    run(account)
    changes = {
        "rds_allocated_storage": 40,
        "rds_max_allocated_storage": 200,
        "rds_backup_retention_days": 14,
        "rds_cloudwatch_logs_exports": ["postgresql"],
        "rds_parameters": [{"name": "work_mem", "value": "8192"}, {"name": "max_connections", "value": "200"}],
        "rds_instance_class": "db.t4g.medium",
        "redis_snapshot_retention_days": 3,
        "redis_node_type": "cache.t4g.medium",
        "redis_parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
    }
    assert run(account, **changes)["changed"] and unchanged(account, **changes)
    found = database(account)
    assert (found["AllocatedStorage"], found["MaxAllocatedStorage"], found["BackupRetentionPeriod"]) == (40, 200, 14)
    assert found["EnabledCloudwatchLogsExports"] == ["postgresql"]
    assert found["DBInstanceClass"] == "db.t4g.small" and found["PendingModifiedValues"] == {
        "DBInstanceClass": "db.t4g.medium"
    }
    assert (cache(account)["SnapshotRetentionLimit"], cache(account)["CacheNodeType"]) == (3, "cache.t4g.medium")
    parameters = account.rds.describe_db_parameters(DBParameterGroupName=f"{DATABASE}-postgres17", Source="user")[
        "Parameters"
    ]
    assert {item["ParameterName"]: (item["ParameterValue"], item["ApplyMethod"]) for item in parameters} == {
        "work_mem": ("8192", "immediate"),
        "max_connections": ("200", "pending-reboot"),
    }
    log_group = account.client("logs").describe_log_groups()["logGroups"][0]
    assert (log_group["logGroupName"], log_group["kmsKeyId"]) == (
        f"/aws/rds/instance/{DATABASE}/postgresql",
        account.key,
    )

    run(account, **{**changes, "rds_instance_class": "db.m7g.large", "rds_apply_immediately": True})
    assert database(account)["DBInstanceClass"] == "db.m7g.large"
    fewer = {**changes, "rds_instance_class": "db.m7g.large", "rds_parameters": changes["rds_parameters"][:1]}
    assert unchanged(account, **fewer)  # what somebody else may have set stays
    assert run(account, **fewer, rds_parameters_exclusive=True)["changed"]
    parameters = account.rds.describe_db_parameters(DBParameterGroupName=f"{DATABASE}-postgres17", Source="user")[
        "Parameters"
    ]
    assert [item["ParameterName"] for item in parameters] == ["work_mem"]


def test_what_drifted_is_put_right_and_what_is_foreign_stays(account):
    run(account)
    arn = database(account)["DBInstanceArn"]
    account.rds.modify_db_instance(
        DBInstanceIdentifier=DATABASE, PubliclyAccessible=True, DeletionProtection=False, ApplyImmediately=True
    )
    account.rds.add_tags_to_resource(
        ResourceName=arn, Tags=[{"Key": "other", "Value": "team"}, {"Key": "Team", "Value": "wrong"}]
    )
    diff = run(account, check=True)["diff"]
    assert diff[0]["before"] == {"publicly_accessible": True, "deletion_protection": False, "tags.Team": "wrong"}
    run(account)
    found = database(account)
    assert not found["PubliclyAccessible"] and found["DeletionProtection"]
    assert {"Key": "other", "Value": "team"} in found["TagList"] and {"Key": "Team", "Value": "platform"} in found[
        "TagList"
    ]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"rds_allocated_storage": 30, "rds_max_allocated_storage": 0}, "cannot shrink"),
        ({"rds_engine_version": "16.11"}, "does not downgrade"),
        ({"rds_engine_version": "18.1"}, "rds_allow_major_version_upgrade"),
        (
            {"rds_engine": "mysql", "rds_engine_version": "8.4.7", "rds_identifier": DATABASE},
            "cannot change the engine",
        ),
        ({"rds_identifier": "acme-two"}, "identifier is 'acme-prod-postgres'"),
        ({"rds_snapshot_identifier": "snap"}, "not overwritten"),
        ({"redis_engine_version": "7.0", "redis_identifier": "acme-two"}, "identifier is 'acme-prod-redis'"),
        ({"redis_auth_enabled": False}, "everybody in the network"),
        ({"redis_port": 6380}, "port is chosen at creation"),
        (
            {"kms_key_arn": "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
            "copy of a snapshot",
        ),
        ({"state": "absent"}, "is protected; run with rds_deletion_protection: false first"),
    ],
)
def test_what_would_lose_data_is_refused_before_a_write(running, options, reason):
    running.proxy.clear()
    with pytest.raises(ModuleFailed, match=reason):
        run(running, **{"rds_allocated_storage": 40, **options})
    assert running.proxy.writes() == []


@pytest.fixture(scope="module")
def running():
    """A deployment that no test changes."""
    with Emulator.start_own() as emulator, prepared(emulator) as ready:
        run(ready, rds_allocated_storage=40)
        yield ready


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"rds_engine_version": "17.77"}, r"offers no postgres 17.77 here; of 17 it has 17.1,"),
        ({"redis_engine": "valkey", "redis_engine_version": "9.9"}, "offers no valkey 9.9"),
        ({"rds_snapshot_identifier": "nothing"}, "there is no snapshot nothing"),
        ({"redis_snapshot_name": "nothing"}, "there is no snapshot nothing"),
    ],
)
def test_what_aws_does_not_have_is_refused_before_a_write(account, options, reason):
    with pytest.raises(ModuleFailed, match=reason):
        run(account, **options)
    assert account.proxy.writes() == []


def test_switched_off_is_kept_and_reported(account):
    run(account)
    result = run(account, rds_enabled=False, redis_enabled=False)
    assert not result["changed"] and kinds(result) == [
        ("report", "rds_instance"),
        ("report", "elasticache_replication_group"),
    ]
    assert "rds_endpoint" not in result["outputs"] and database(account) and cache(account)


def test_delete_and_restore(account):
    run(account)
    old_token = token(account)
    run(account, rds_deletion_protection=False)
    planned = run(account, check=True, state="absent")
    removed = run(account, state="absent")
    assert kinds(removed) == kinds(planned) and database(account) is None and cache(account) is None
    assert [item[1] for item in kinds(removed)][:2] == ["rds_instance", "elasticache_replication_group"]
    assert not run(account, state="absent")["changed"]
    assert account.rds.describe_db_snapshots()["DBSnapshots"][0]["DBSnapshotIdentifier"] == f"{DATABASE}-final"
    assert account.elasticache.describe_snapshots()["Snapshots"][0]["SnapshotName"] == f"{CACHE}-final"

    restore = {
        "rds_snapshot_identifier": f"{DATABASE}-final",
        "redis_snapshot_name": f"{CACHE}-final",
        "rds_deletion_protection": False,
        **WINDOWS,
    }
    with pytest.raises(ModuleFailed, match="does not fit rds_master_username"):
        run(account, **restore, rds_master_username="other")
    assert run(account, **restore)["changed"] and unchanged(account, **restore)
    found = database(account)
    assert (found["MaxAllocatedStorage"], found["PreferredBackupWindow"]) == (
        100,
        "17:00-18:00",
    )  # what a restore does not take follows
    assert (
        tokens_of_cache(account) == [digest(token(account))] == [digest(old_token)]
    )  # the secret was taken back, with its value
    assert unchanged(account, **{**restore, "rds_snapshot_identifier": None, "redis_snapshot_name": None})
    with pytest.raises(ModuleFailed, match=f"a snapshot {DATABASE}-final exists already"):
        run(account, state="absent", **restore)
    last = {"rds_skip_final_snapshot": True, "redis_final_snapshot_name": "acme-last"}
    assert run(account, state="absent", **last)["changed"]


def test_valkey_takes_over_in_place(account):
    run(account)
    valkey = {"redis_engine": "valkey", "redis_engine_version": "8.1"}
    assert run(account, **valkey)["changed"] and unchanged(account, **valkey)
    assert (cache(account)["Engine"], member(account)["CacheParameterGroup"]["CacheParameterGroupName"]) == (
        "valkey",
        f"{CACHE}-valkey8",
    )
    with pytest.raises(ModuleFailed, match="not the other way"):
        run(account)


def test_a_cache_whose_secret_is_lost_is_refused(account):
    run(account)
    account.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    account.proxy.clear()
    with pytest.raises(ModuleFailed, match="the secret acme-prod-redis-auth-token that holds it is gone"):
        run(account)
    assert account.proxy.writes() == []


@pytest.mark.parametrize(
    "operation",
    [
        "rds:CreateDBInstance",
        "elasticache:CreateReplicationGroup",
        "secretsmanager:CreateSecret",
        "rds:CreateDBSubnetGroup",
    ],
)
def test_a_lost_answer_makes_no_second_one(account, operation):
    account.proxy.add(Fault(operation, drop_answer(), times=1))
    assert run(account)["changed"] and unchanged(account)
    assert (
        len(account.rds.describe_db_instances()["DBInstances"])
        == len(account.elasticache.describe_replication_groups()["ReplicationGroups"])
        == 1
    )


def test_a_run_that_failed_half_way_is_simply_run_again(account):
    account.proxy.add(
        Fault("elasticache:CreateReplicationGroup", answer_error("InsufficientReplicationGroupCapacity"), times=1)
    )
    with pytest.raises(ModuleFailed, match="Failed to create elasticache_replication_group main") as caught:
        run(account)
    assert caught.value.result["changed"] and "done" in [item["status"] for item in caught.value.result["actions"]]
    first = token(account)
    assert run(account)["changed"] and unchanged(account)
    assert token(account) == first and tokens_of_cache(account) == [digest(first)]


def test_no_secret_leaves_the_module(account):
    """Not in a result, also of a failure in which AWS repeats the token."""
    results = [run(account, check=True), run(account), run(account), run(account, check=True, **SWITCHES)]
    secrets = [token(account)]
    password = account.client("secretsmanager").get_secret_value(
        SecretId=database(account)["MasterUserSecret"]["SecretArn"]
    )["SecretString"]
    secrets.append(json.loads(password)["password"])
    text = json.dumps(results)
    assert not [value for value in secrets if value in text]
