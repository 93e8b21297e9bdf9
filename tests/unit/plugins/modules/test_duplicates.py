# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two with one identity: refused in every layer, with the one in use, and with commands that are run here and get
out of it.
"""

from __future__ import annotations

import pytest
from networks import OPTIONS as NETWORK
from networks import ZONES
from support.commands import commands_in, run_command
from support.faults import Fault, call, match
from support.module import ModuleFailed, run_module
from support.snapshot import snapshot

KMS = {"deployment": "acme-dev", "alias": "acme"}
BUCKET = {"key": "logs", "name": "acme-logs", "encryption": "AES256"}
STORAGE = {"deployment": "acme-dev", "buckets": [BUCKET]}
REGISTRY = {"deployment": "acme-dev", "repositories": [{"name": "api"}]}
ECS = {"deployment": "acme-dev", "name": "acme-dev"}


def run(account, module, **options):
    return run_module(module, options, account.proxy.endpoint_url)


def refused(account, module, **options):
    """The message of a run, planned and real, that reads and writes nothing."""
    before = snapshot(account)
    account.proxy.clear()
    messages = set()
    for check in (True, False):
        with pytest.raises(ModuleFailed) as failure:
            run_module(module, options, account.proxy.endpoint_url, check=check)
        assert not failure.value.result["changed"] and {item["action"] for item in failure.value.result["actions"]} <= {
            "refuse",
            "report",
        }
        messages.add(failure.value.result["msg"])
    assert account.proxy.writes() == [] and snapshot(account) == before
    (message,) = messages
    assert "docs/how-to/resolve-a-duplicate.md" in message
    return message


def resolved(account, module, command, **options):
    """A run after the command: nothing is left to do, and nothing is made."""
    run_command(command, account)
    account.proxy.clear()
    result = run(account, module, **options)
    assert not result["changed"] and account.proxy.writes() == [], result["actions"]
    return result


def identity(layer, key, name="Key", value="Value"):
    return [
        {name: f"connectly:{part}", value: text}
        for part, text in (("deployment", "acme-dev"), ("layer", layer), ("key", key))
    ]


def in_between(account, operation, module, **options):
    """Let a whole run take place after the next one has looked and before it makes its first resource: two at once."""
    service, _colon, name = operation.partition(":")
    return account.proxy.add(
        Fault(match(service, name), call(lambda: run_module(module, options, account.endpoint_url)))
    )


# kms -----------------------------------------------------------------------------------------------------------------


def twin_key(account):
    return account.client("kms").create_key(Tags=identity("kms", "main", "TagKey", "TagValue"))["KeyMetadata"]["KeyId"]


def test_a_second_key_is_refused_and_untagged(account):
    published = run(account, "kms_key", **KMS)["outputs"]
    first, second = published["kms_key_id"], twin_key(account)
    message = refused(account, "kms_key", **KMS, published_outputs=published)
    assert message.startswith(
        f"Refused, nothing was changed: kms_key main: {first} and {second} both carry the identity acme-dev/kms/main; "
    )
    assert (
        f"{first} is published as kms_key_id, kms_key_arn and is the key of alias/acme. If {second} is not used, "
        "delete it:"
    ) in message
    delete, untag = commands_in(message)
    assert delete == f"aws kms schedule-key-deletion --key-id {second} --region ap-northeast-2"
    assert resolved(account, "kms_key", untag, **KMS)["outputs"] == published
    assert account.client("kms").describe_key(KeyId=second)["KeyMetadata"]["Enabled"], "it is as it was"


def test_a_second_key_that_awaits_its_deletion_is_no_rival(account):
    published = run(account, "kms_key", **KMS)["outputs"]
    twin_key(account)
    delete, _untag = commands_in(refused(account, "kms_key", **KMS))
    assert resolved(account, "kms_key", delete, **KMS)["outputs"] == published


def test_a_second_key_is_not_deleted_with_the_first_one(account):
    run(account, "kms_key", **KMS)
    twin_key(account)
    refused(account, "kms_key", **KMS, state="absent")


def test_two_first_runs_at_once_leave_two_keys_and_say_so(account):
    in_between(account, "kms:CreateKey", "kms_key", **KMS)
    with pytest.raises(ModuleFailed, match="Failed to create kms_alias main"):
        run(account, "kms_key", **KMS)
    message = refused(account, "kms_key", **KMS)
    assert "is the key of alias/acme" in message
    resolved(account, "kms_key", commands_in(message)[-1], **KMS)


def test_what_the_tagging_service_still_names_is_looked_at(account):
    """GetResources is some minutes behind: a key that was untagged a moment ago is still in its answer, with its old
    tags.
    """
    run(account, "kms_key", **KMS)
    second, kms = twin_key(account), account.client("kms")
    names = [tag["TagKey"] for tag in identity("kms", "main", "TagKey", "TagValue")]
    account.proxy.add(
        Fault(
            "resourcegroupstaggingapi:GetResources",
            call(lambda: kms.untag_resource(KeyId=second, TagKeys=names), when="after"),
        )
    )
    assert not run(account, "kms_key", **KMS)["changed"]


@pytest.mark.parametrize(
    ("module", "options", "calls"),
    [("kms_key", KMS, 1), ("ecs_cluster", ECS, 0), ("s3_buckets", STORAGE, 0), ("network", NETWORK, 0)],
)
def test_only_what_is_found_by_its_name_is_asked_for_once_more(account, module, options, calls):
    run(account, module, **options)
    account.proxy.clear()
    run(account, module, **options)
    assert account.proxy.count("resourcegroupstaggingapi") == calls


# network -------------------------------------------------------------------------------------------------------------


def test_two_first_runs_at_once_leave_two_networks_and_a_way_out(account):
    in_between(account, "ec2:CreateVpc", "network", **NETWORK)
    late = run(account, "network", **NETWORK)["outputs"]
    ec2 = account.client("ec2")
    vpcs = {
        vpc["VpcId"] for vpc in ec2.describe_vpcs(Filters=[{"Name": "tag-key", "Values": ["connectly:key"]}])["Vpcs"]
    }
    assert len(vpcs) == 2 and late["vpc_id"] in vpcs
    (early,) = vpcs - {late["vpc_id"]}

    message = refused(account, "network", **NETWORK, published_outputs=late)
    assert message.count("both carry the identity") == 1, "what stands in the two VPCs follows from them"
    assert "vpc main: " in message and "both carry the identity acme-dev/network/main" in message
    assert (
        f"{late['vpc_id']} is published as vpc_id, public_subnet_ids, private_subnet_ids, internet_gateway_id, "
        "nat_gateway_ids, nat_public_ips,"
    ) in message
    (untag,) = commands_in(message)
    assert untag.startswith(f"aws ec2 delete-tags --resources {early} subnet-")
    assert untag.endswith(
        "--tags Key=connectly:deployment Key=connectly:layer Key=connectly:key --region ap-northeast-2"
    )
    assert resolved(account, "network", untag, **NETWORK, published_outputs=late)["outputs"] == late
    tagged = (
        account.client("resourcegroupstaggingapi")
        .get_paginator("get_resources")
        .paginate(TagFilters=[{"Key": "connectly:key"}])
    )
    assert not [item for page in tagged for item in page["ResourceTagMappingList"] if early in str(item)]
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [early]}])["RouteTables"]
    assert len(tables) > 1 and "connectly:key" not in str(tables), "the other network is whole, and nobody's"


def test_of_two_networks_that_nobody_published_the_one_with_network_interfaces_is_in_use(account):
    in_between(account, "ec2:CreateVpc", "network", **NETWORK)
    late = run(account, "network", **NETWORK)["outputs"]
    message = refused(account, "network", **NETWORK)
    assert "nothing tells which one is in use" in message and len(commands_in(message)) == 2
    account.client("ec2").create_network_interface(SubnetId=late["private_subnet_ids"][0])
    message = refused(account, "network", **NETWORK)
    assert f"{late['vpc_id']} has 1 network interface. If vpc-" in message
    (untag,) = commands_in(message)
    assert late["vpc_id"] not in untag


def doubled(account, kind):
    """A second one of this type, beside the first network, under the identity of the first."""
    ec2, outputs = account.client("ec2"), run(account, "network", **NETWORK)["outputs"]
    vpc = outputs["vpc_id"]

    def tags(resource, key):
        return {"TagSpecifications": [{"ResourceType": resource, "Tags": identity("network", key)}]}

    if kind == "subnet":
        return ec2.create_subnet(
            VpcId=vpc, CidrBlock="10.0.200.0/24", AvailabilityZone=ZONES[0], **tags("subnet", f"private/{ZONES[0]}")
        )["Subnet"]["SubnetId"]
    if kind == "elastic_ip":
        return ec2.allocate_address(Domain="vpc", **tags("elastic-ip", ZONES[0]))["AllocationId"]
    if kind == "internet_gateway":
        return ec2.create_internet_gateway(**tags("internet-gateway", "main"))["InternetGateway"]["InternetGatewayId"]
    if kind == "route_table":
        return ec2.create_route_table(VpcId=vpc, **tags("route-table", "public"))["RouteTable"]["RouteTableId"]
    if kind == "security_group":
        group_id = ec2.create_security_group(
            GroupName="twin", Description="twin", VpcId=vpc, **tags("security-group", "alb")
        )["GroupId"]
        # moto shows the tags of the group on its first rule, which AWS leaves without tags.
        rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])[
            "SecurityGroupRules"
        ]
        ec2.revoke_security_group_egress(
            GroupId=group_id, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"] for rule in rules]
        )
        return group_id
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    subnet = outputs["public_subnet_ids"][0]
    return ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, **tags("natgateway", ZONES[0]))["NatGateway"][
        "NatGatewayId"
    ]


@pytest.mark.parametrize(
    ("kind", "sign", "delete"),
    [
        ("subnet", "is published as private_subnet_ids", "delete-subnet --subnet-id"),
        ("elastic_ip", "belongs to nat_gateway nat-", "release-address --allocation-id"),
        ("nat_gateway", "has routes in rtb-", "delete-nat-gateway --nat-gateway-id"),
        ("internet_gateway", "belongs to vpc vpc-", "delete-internet-gateway --internet-gateway-id"),
        ("route_table", "serves subnet-", "delete-route-table --route-table-id"),
        ("security_group", "is published as alb_security_group_id", "delete-security-group --group-id"),
    ],
)
def test_one_doubled_resource_of_a_network(account, kind, sign, delete):
    second = doubled(account, kind)
    published = {"private_subnet_ids": ids(account, "subnet"), "alb_security_group_id": group(account)}
    message = refused(account, "network", **NETWORK, published_outputs=published)
    assert (
        f"{kind} " in message and f" and {second} both carry the identity acme-dev/network/" in message
    ) or f": {second} and " in message
    assert sign in message and f"If {second} is not used, delete it: `aws ec2 {delete} {second} " in message
    _delete, untag = commands_in(message)
    resolved(account, "network", untag, **NETWORK)


def ids(account, _kind):
    found = account.client("ec2").describe_subnets(Filters=[{"Name": "tag:Name", "Values": ["acme-dev-private-*"]}])[
        "Subnets"
    ]
    return [item["SubnetId"] for item in found]


def group(account):
    (found,) = account.client("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["acme-dev-alb"]}]
    )["SecurityGroups"]
    return found["GroupId"]


# storage, registry, ecs ----------------------------------------------------------------------------------------------


def test_two_buckets_of_one_key(account):
    run(account, "s3_buckets", **STORAGE)
    s3 = account.client("s3")
    s3.create_bucket(
        Bucket="acme-old",
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2", "Tags": identity("storage", "logs")},
    )
    s3.put_object(Bucket="acme-old", Key="a", Body=b"1")
    s3.put_bucket_tagging(
        Bucket="acme-old", Tagging={"TagSet": [*identity("storage", "logs"), {"Key": "theirs", "Value": "1"}]}
    )
    message = refused(account, "s3_buckets", **STORAGE)
    assert (
        "acme-logs and acme-old both carry the identity acme-dev/storage/logs; acme-logs has the configured name; "
        "acme-old holds 1 objects"
    ) in message
    delete, untag = commands_in(message)
    assert delete.startswith("aws s3api delete-bucket --bucket acme-old ")
    resolved(account, "s3_buckets", untag, **STORAGE)
    assert s3.get_bucket_tagging(Bucket="acme-old")["TagSet"] == [{"Key": "theirs", "Value": "1"}], (
        "tags of others stay"
    )


def test_of_two_buckets_where_config_and_consumers_disagree_both_ways_are_told(account):
    run(account, "s3_buckets", **STORAGE)
    s3 = account.client("s3")
    s3.create_bucket(
        Bucket="acme-old",
        CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2", "Tags": identity("storage", "logs")},
    )
    message = refused(account, "s3_buckets", **STORAGE, published_outputs={"logs_bucket_name": "acme-old"})
    assert "acme-logs has the configured name; acme-old is published as logs_bucket_name." in message
    assert (
        "If acme-logs is not used" in message
        and "If acme-old is not used" in message
        and len(commands_in(message)) == 4
    )


def test_two_repositories_of_one_key(account):
    run(account, "ecr_repositories", **REGISTRY)
    account.client("ecr").create_repository(repositoryName="old-api", tags=identity("registry", "api"))
    message = refused(account, "ecr_repositories", **REGISTRY)
    assert (
        "api and old-api both carry the identity acme-dev/registry/api; api has the configured name. "
        "If old-api is not used"
    ) in message
    delete, untag = commands_in(message)
    assert delete.startswith("aws ecr delete-repository --repository-name old-api ")
    resolved(account, "ecr_repositories", untag, **REGISTRY)


def test_two_clusters_of_one_key(account):
    made = run(account, "ecs_cluster", **ECS)["outputs"]
    ecs = account.client("ecs")
    second = ecs.create_cluster(clusterName="other", tags=identity("ecs", "main", "key", "value"))["cluster"][
        "clusterArn"
    ]
    message = refused(account, "ecs_cluster", **ECS, published_outputs=made)
    assert (
        f"ecs_cluster_arn and has the configured name. If {second} is not used, delete it: "
        f"`aws ecs delete-cluster --cluster {second} "
    ) in message
    resolved(account, "ecs_cluster", commands_in(message)[-1], **ECS)
    assert {cluster["status"] for cluster in ecs.describe_clusters(clusters=["acme-dev", "other"])["clusters"]} == {
        "ACTIVE"
    }


# data ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def data(account):
    """The options of a data layer with a database and a cache, which is built."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number, zone in enumerate(ZONES)
    ]
    security = ec2.create_security_group(GroupName="data", Description="data", VpcId=vpc)["GroupId"]
    options = {
        "deployment": "acme-dev",
        "name": "acme",
        "subnet_ids": subnets,
        "rds_enabled": True,
        "redis_enabled": True,
    }
    options |= {"rds_security_group_ids": [security], "redis_security_group_ids": [security]}
    options["published_outputs"] = run(account, "data_stores", **options)["outputs"]
    return options


def second_database(account, options):
    tags = identity("data", "main")
    arguments = {
        "Engine": "postgres",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20,
        "MasterUsername": "x",
        "MasterUserPassword": "secretsecret",
    }
    account.client("rds").create_db_instance(DBInstanceIdentifier="restored", Tags=tags, **arguments)
    return "restored"


def second_rds_subnet_group(account, options):
    subnets = options["subnet_ids"]
    account.client("rds").create_db_subnet_group(
        DBSubnetGroupName="other", DBSubnetGroupDescription="x", SubnetIds=subnets, Tags=identity("data", "main")
    )
    return "other"


def second_cache_subnet_group(account, options):
    arguments = {
        "CacheSubnetGroupName": "other",
        "CacheSubnetGroupDescription": "x",
        "SubnetIds": options["subnet_ids"],
    }
    account.client("elasticache").create_cache_subnet_group(**arguments, Tags=identity("data", "main"))
    return "other"


def second_cache(account, options):
    arguments = {
        "ReplicationGroupId": "restored",
        "ReplicationGroupDescription": "x",
        "Engine": "redis",
        "CacheNodeType": "cache.t4g.small",
    }
    account.client("elasticache").create_replication_group(**arguments, Tags=identity("data", "main"))
    return "restored"


def second_secret(account, options):
    return account.client("secretsmanager").create_secret(
        Name="other", SecretString="x", Tags=identity("data", "main")
    )["ARN"]


@pytest.mark.parametrize(
    ("kind", "make", "delete"),
    [
        (
            "rds_instance",
            second_database,
            "rds delete-db-instance --db-instance-identifier restored --final-db-snapshot-identifier restored-last",
        ),
        ("rds_subnet_group", second_rds_subnet_group, "rds delete-db-subnet-group --db-subnet-group-name other"),
        (
            "elasticache_subnet_group",
            second_cache_subnet_group,
            "elasticache delete-cache-subnet-group --cache-subnet-group-name other",
        ),
        (
            "elasticache_replication_group",
            second_cache,
            "elasticache delete-replication-group --replication-group-id restored",
        ),
        ("secretsmanager_secret", second_secret, "secretsmanager delete-secret --secret-id arn:"),
    ],
)
def test_a_second_one_of_the_data_layer(account, data, kind, make, delete):
    """A database that was restored from a snapshot gets the snapshot's tags where no others are given (RDS user
    guide, "Tagging considerations").
    """
    second = make(account, data)
    message = refused(account, "data_stores", **data)
    assert f"{kind} main: " in message and f" and {second} both carry the identity acme-dev/data/main; " in message
    assert (
        f"has the configured name. If {second} is not used" in message
        or f"is used by {kind.partition('_')[0]}" in message
    )
    first, untag = commands_in(message)
    assert first.startswith(f"aws {delete}")
    assert resolved(account, "data_stores", untag, **data)["outputs"] == data["published_outputs"]


def test_the_data_layer_is_asked_for_more_by_one_call(account, data):
    account.proxy.clear()
    run(account, "data_stores", **data)
    assert account.proxy.count("resourcegroupstaggingapi") == 1


def test_log_groups_are_known_by_their_names(account):
    """What was logged under an earlier name is kept, and rivals nothing."""
    run(account, "ecs_cluster", **ECS)
    old = {
        "logGroupName": "/aws/ecs/earlier/execute-command",
        "tags": {tag["Key"]: tag["Value"] for tag in identity("ecs", "execute-command")},
    }
    account.client("logs").create_log_group(**old)
    account.proxy.clear()
    assert not run(account, "ecs_cluster", **ECS)["changed"] and account.proxy.writes() == []
