"""The database, the cache and their secrets as AWS has them."""

from __future__ import annotations

import pytest

KEY = "<kms_key:molecule-data-base/kms/main arn>"
SUBNETS = [f"<subnet:molecule-data-base/network/database/ap-northeast-2{letter}>" for letter in "ab"]


@pytest.fixture
def database(of_type):
    (found,) = of_type("rds_instance").values()
    return found


@pytest.fixture
def cache(of_type):
    (found,) = of_type("elasticache_replication_group").values()
    return found


def test_subnet_groups(of_type):
    for kind in ("rds_subnet_group", "elasticache_subnet_group"):
        (group,) = of_type(kind).values()
        assert group["subnets"] == SUBNETS, kind


def test_database(database):
    expected = {
        "DBInstanceIdentifier": "molecule-data-postgres",
        "Engine": "postgres",
        "EngineVersion": "17.7",
        "DBInstanceClass": "db.t4g.small",
        "StorageType": "gp3",
        "MaxAllocatedStorage": 100,
        "MultiAZ": False,
        "BackupRetentionPeriod": 7,
        "DeletionProtection": True,
        "subnet_group": "molecule-data",
    }
    assert {name: database.get(name) for name in expected} == expected
    assert [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]] == [
        "<security_group:molecule-data-base/network/rds>"
    ]


def test_database_is_encrypted_and_private(database):
    assert (database["StorageEncrypted"], database["KmsKeyId"], database["PubliclyAccessible"]) == (True, KEY, False)


def test_master_password_is_kept_by_secrets_manager(database, whole_account):
    assert database["MasterUserSecret"]["KmsKeyId"] == KEY
    mine = [
        data
        for data in whole_account.values()
        if data.get("OwningService") == "rds" and "molecule-data-postgres" in data.get("Description", "")
    ]
    assert [data["KmsKeyId"] for data in mine] == [KEY]


def test_cache(cache, client):
    expected = {
        "ReplicationGroupId": "molecule-data-redis",
        "Engine": "redis",
        "CacheNodeType": "cache.t4g.small",
        "MemberClusters": ["molecule-data-redis-001"],
        "ClusterEnabled": False,
        "AutomaticFailover": "disabled",
        "MultiAZ": "disabled",
        "SnapshotRetentionLimit": 7,
    }
    assert {name: cache.get(name) for name in expected} == expected
    (node,) = client("elasticache").describe_cache_clusters(CacheClusterId="molecule-data-redis-001")["CacheClusters"]
    assert node["EngineVersion"].startswith("7.1")
    assert node["CacheSubnetGroupName"] == "molecule-data"


def test_cache_is_encrypted_and_asks_for_a_token(cache):
    assert (cache["AtRestEncryptionEnabled"], cache["TransitEncryptionEnabled"], cache["AuthTokenEnabled"]) == (
        True,
        True,
        True,
    )
    assert cache["KmsKeyId"] == KEY


def test_token_is_kept_bare(client, of_type):
    assert of_type("secretsmanager_secret")["main"]["KmsKeyId"] == KEY
    # The assertion says nothing of the value, so that a failure shows none.
    token = client("secretsmanager").get_secret_value(SecretId="molecule-data-redis-auth-token")["SecretString"]
    looks_right = len(token) == 64 and token[0] not in "{\"'" and token == token.strip()
    assert looks_right
