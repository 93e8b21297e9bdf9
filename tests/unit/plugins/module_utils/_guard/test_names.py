# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A name of each type that is free or ours does not stop a run; one of somebody else does, and a cache whose tags
ElastiCache does not tell now is left to the data layer, which waits for them.
"""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.names import ADAPTERS, taken
from botocore.exceptions import ClientError
from support.emulator import REGION
from support.faults import Fault, answer_error
from support.proxy import RecordingProxy

SCOPE = Scope("acme-dev", "data")
WANTED = [{"type": "elasticache_replication_group", "names": ["acme-redis"]}]
OTHERS = {"connectly:deployment": "other-prod", "connectly:layer": "data"}


@pytest.fixture
def empty(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        yield emulator


@pytest.fixture
def account(empty):
    empty.client("elasticache").create_replication_group(
        ReplicationGroupId="acme-redis", ReplicationGroupDescription="of somebody else"
    )
    return empty


@pytest.fixture
def clients(empty):
    return Clients(lambda service, config: empty.client(service, empty.proxy.endpoint_url, config=config), empty.region)


def upper(tags):
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def lower(tags):
    return [{"key": name, "value": value} for name, value in tags.items()]


def subnets(account):
    return [subnet["SubnetId"] for subnet in account.client("ec2").describe_subnets()["Subnets"]]


def alias(account, tags):
    kms = account.client("kms")
    key = kms.create_key(Tags=[{"TagKey": name, "TagValue": value} for name, value in tags.items()])["KeyMetadata"]
    kms.create_alias(AliasName="alias/acme", TargetKeyId=key["KeyId"])


def bucket(account, tags):
    s3 = account.client("s3")
    s3.create_bucket(Bucket="acme", CreateBucketConfiguration={"LocationConstraint": REGION})
    if tags:
        s3.put_bucket_tagging(Bucket="acme", Tagging={"TagSet": upper(tags)})


def cluster(account, tags):
    account.client("ecs").create_cluster(clusterName="acme", tags=lower(tags))


def repository(account, tags):
    account.client("ecr").create_repository(repositoryName="acme", tags=upper(tags))


def database(account, tags):
    account.client("rds").create_db_instance(
        DBInstanceIdentifier="acme", DBInstanceClass="db.t4g.small", Engine="postgres", Tags=upper(tags)
    )


def database_subnets(account, tags):
    account.client("rds").create_db_subnet_group(
        DBSubnetGroupName="acme", DBSubnetGroupDescription="x", SubnetIds=subnets(account), Tags=upper(tags)
    )


def cache(account, tags):
    account.client("elasticache").create_replication_group(
        ReplicationGroupId="acme", ReplicationGroupDescription="x", Tags=upper(tags)
    )


def cache_subnets(account, tags):
    account.client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName="acme", CacheSubnetGroupDescription="x", SubnetIds=subnets(account), Tags=upper(tags)
    )


MAKE = {
    "ecr_repository": repository,
    "ecs_cluster": cluster,
    "elasticache_replication_group": cache,
    "elasticache_subnet_group": cache_subnets,
    "kms_alias": alias,
    "rds_instance": database,
    "rds_subnet_group": database_subnets,
    "s3_bucket": bucket,
}


def lines(clients, kind):
    return taken(
        clients, SCOPE, [{"type": kind, "variable": "x", "names": ["alias/acme" if kind == "kms_alias" else "acme"]}]
    )


def test_every_type_is_tried():
    assert set(MAKE) == set(ADAPTERS)


@pytest.mark.parametrize("kind", MAKE)
def test_a_name_is_free_ours_or_in_the_way(empty, clients, kind):
    assert lines(clients, kind) == []
    MAKE[kind](empty, SCOPE.tags("main"))
    assert lines(clients, kind) == []
    empty.reset()
    MAKE[kind](empty, OTHERS)
    (line,) = lines(clients, kind)
    assert line.startswith(f"x wants the {kind} '")
    assert line.endswith(
        "acme', which exists, but it belongs to deployment other-prod, layer data; choose a name that is free"
    )


@pytest.mark.parametrize("kind", MAKE)
def test_what_carries_no_tags_is_in_the_way(empty, clients, kind):
    MAKE[kind](empty, {})
    (line,) = lines(clients, kind)
    assert "which exists, but it carries no connectly:deployment tag" in line


def test_a_bucket_of_another_account_is_in_the_way_and_no_failure(empty, clients):
    empty.proxy.add(Fault("s3:GetBucketTagging", answer_error("AccessDenied", 403), times=None))
    assert lines(clients, "s3_bucket") == [
        "x wants the s3_bucket 'acme', which belongs to another account; choose a name that is free"
    ]


def test_a_repository_that_may_not_be_read_is_an_error(empty, clients):
    empty.proxy.add(Fault("ecr:DescribeRepositories", answer_error("AccessDeniedException"), times=None))
    with pytest.raises(ClientError, match="AccessDenied"):
        lines(clients, "ecr_repository")


def test_a_cache_of_somebody_else_is_in_the_way(account, clients):
    (line,) = taken(clients, SCOPE, WANTED)
    assert "elasticache_replication_group 'acme-redis', which exists, but" in line


def test_a_cache_that_is_busy_is_left_to_the_data_layer(account, clients):
    asked = account.proxy.add(
        Fault("elasticache:ListTagsForResource", answer_error("InvalidReplicationGroupState"), times=None)
    )
    assert taken(clients, SCOPE, WANTED) == [] and asked.hits == 1


def test_tags_that_may_not_be_read_are_an_error(account, clients):
    account.proxy.add(Fault("elasticache:ListTagsForResource", answer_error("AccessDenied", 403), times=None))
    with pytest.raises(ClientError, match="AccessDenied"):
        taken(clients, SCOPE, WANTED)
