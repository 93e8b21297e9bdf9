"""The snapshot: equal for equal accounts whatever ids AWS chose, and different for each thing that may go wrong."""

from __future__ import annotations

import json

import pytest
from support.snapshot import READERS, counts, difference, snapshot

# The readers of EC2 alone, where a test needs no more.
NETWORK = READERS[:5]

ROLES = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def tags(key: str, layer: str = "network", deployment: str = "dev") -> list[dict]:
    pairs = {"connectly:deployment": deployment, "connectly:layer": layer, "connectly:key": key}
    return [{"Key": name, "Value": value} for name, value in pairs.items()]


def spec(kind: str, key: str, deployment: str = "dev") -> list[dict]:
    return [{"ResourceType": kind, "Tags": tags(key, deployment=deployment)}]


def build_network(aws, deployment: str = "dev") -> dict[str, str]:
    """A VPC with one of everything; returns ids by key."""
    ec2 = aws.client("ec2")

    def mark(kind, key):
        return {"TagSpecifications": spec(kind, key, deployment)}

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", **mark("vpc", "vpc"))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(
        VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="ap-northeast-2a", **mark("subnet", "public/a")
    )["Subnet"]["SubnetId"]
    igw = ec2.create_internet_gateway(**mark("internet-gateway", "igw"))["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=igw)
    eip = ec2.allocate_address(Domain="vpc", **mark("elastic-ip", "nat/a"))["AllocationId"]
    # moto drops tags of this kind under AWS's own spelling of the resource type.
    ec2.create_tags(Resources=[eip], Tags=tags("nat/a", deployment=deployment))
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=eip)["NatGateway"]["NatGatewayId"]
    ec2.create_tags(Resources=[nat], Tags=tags("nat/a", deployment=deployment))
    table = ec2.create_route_table(VpcId=vpc, **mark("route-table", "public"))["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName="alb", Description="alb", VpcId=vpc, **mark("security-group", "alb"))[
        "GroupId"
    ]
    allow = [
        {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "UserIdGroupPairs": [{"GroupId": group, "Description": "itself"}],
        }
    ]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=allow)
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.ap-northeast-2.s3", RouteTableIds=[table], **mark("vpc-endpoint", "s3")
    )
    return {"vpc": vpc, "subnet": subnet, "igw": igw, "eip": eip, "nat": nat, "table": table, "group": group}


def build_services(aws) -> None:
    """One resource of each other type that the snapshot reads."""
    kms, s3, ssm = aws.client("kms"), aws.client("s3"), aws.client("ssm")
    key = kms.create_key(
        Description="shared", Tags=[{"TagKey": t["Key"], "TagValue": t["Value"]} for t in tags("key", "kms")]
    )["KeyMetadata"]
    kms.create_alias(AliasName="alias/shared-dev", TargetKeyId=key["KeyId"])
    s3.create_bucket(Bucket="shared-dev-logs", CreateBucketConfiguration={"LocationConstraint": aws.region})
    s3.put_bucket_tagging(Bucket="shared-dev-logs", Tagging={"TagSet": tags("logs", "storage")})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]}}
    s3.put_bucket_encryption(Bucket="shared-dev-logs", ServerSideEncryptionConfiguration={"Rules": [rule]})
    aws.client("logs").create_log_group(
        logGroupName="/flow", kmsKeyId=key["Arn"], tags={t["Key"]: t["Value"] for t in tags("flow")}
    )
    aws.client("iam").create_role(RoleName="flow", AssumeRolePolicyDocument=json.dumps(ROLES), Tags=tags("flow-role"))
    aws.client("ecs").create_cluster(
        clusterName="shared-dev", tags=[{"key": t["Key"], "value": t["Value"]} for t in tags("cluster", "ecs")]
    )
    aws.client("ecr").create_repository(repositoryName="prod/x", tags=tags("x", "registry"))
    manifest = {"key": key["KeyId"], "when": "2026-01-02T03:04:05Z", "digest": key["KeyId"].replace("-", "")}
    ssm.put_parameter(
        Name="/connectly-shared/dev/manifest",
        Value=json.dumps(manifest),
        Type="String",
        Tags=tags("manifest", "outputs"),
    )
    ssm.put_parameter(
        Name="/connectly-shared/dev/token", Value="not to be seen", Type="SecureString", Tags=tags("token", "outputs")
    )
    aws.client("secretsmanager").create_secret(Name="redis", SecretString="not to be seen", Tags=tags("redis", "data"))
    aws.client("dynamodb").create_table(
        TableName="dev-connectly-tf-lock",
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags("lock", "outputs"),
    )


def build_data(aws, subnet: str) -> None:
    """Subnet groups, a database and a cache."""
    rds, cache = aws.client("rds"), aws.client("elasticache")
    rds.create_db_subnet_group(
        DBSubnetGroupName="shared-dev",
        DBSubnetGroupDescription="x",
        SubnetIds=[subnet],
        Tags=tags("rds-subnets", "data"),
    )
    rds.create_db_instance(
        DBInstanceIdentifier="pg", Engine="postgres", DBInstanceClass="db.t4g.small", AllocatedStorage=20,
        MasterUsername="admin1", ManageMasterUserPassword=True, DBSubnetGroupName="shared-dev",
        Tags=tags("rds", "data"),
    )  # fmt: skip
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="shared-dev",
        CacheSubnetGroupDescription="x",
        SubnetIds=[subnet],
        Tags=tags("cache-subnets", "data"),
    )
    cache.create_replication_group(
        ReplicationGroupId="redis",
        ReplicationGroupDescription="x",
        Engine="redis",
        CacheNodeType="cache.t4g.small",
        Tags=tags("redis", "data"),
    )


def build_all(aws) -> dict[str, str]:
    ids = build_network(aws)
    build_services(aws)
    build_data(aws, ids["subnet"])
    return ids


def test_two_accounts_built_alike_are_equal_though_all_ids_differ(aws):
    first_ids = build_all(aws)
    first = snapshot(aws)
    aws.reset()
    second_ids = build_all(aws)
    second = snapshot(aws)
    assert not set(first_ids.values()) & set(second_ids.values())
    assert difference(first, second) == []
    assert first == second
    kinds = {kind for kind, entries in first.items() if any(key.startswith("dev/") for key in entries)}
    assert kinds == {
        *(
            "vpc",
            "subnet",
            "internet_gateway",
            "elastic_ip",
            "nat_gateway",
            "route_table",
            "security_group",
            "vpc_endpoint",
        ),
        *(
            "kms_key",
            "s3_bucket",
            "log_group",
            "iam_role",
            "ecs_cluster",
            "ecr_repository",
            "ssm_manifest",
            "ssm_parameter",
            "secretsmanager_secret",
            "dynamodb_table",
        ),
        *("rds_subnet_group", "rds_instance", "elasticache_subnet_group", "elasticache_replication_group"),
    }
    text = json.dumps(first, default=str)
    for value in (*first_ids.values(), "not to be seen"):
        assert value not in text


def test_references_are_symbols(aws):
    build_all(aws)
    taken = snapshot(aws, "dev")
    table = taken["route_table"]["dev/network/public"][0]
    assert {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "<internet_gateway:dev/network/igw>"}.items() <= table[
        "routes"
    ][0].items()
    assert table["associations"] == ["<subnet:dev/network/public/a>"]
    rules = taken["security_group"]["dev/network/alb"][0]["rules"]
    assert [rule["GroupId"] for rule in rules if not rule["IsEgress"]] == ["<security_group:dev/network/alb>"]
    assert taken["log_group"]["dev/network/flow"][0]["kmsKeyId"] == "<kms_key:dev/kms/key arn>"
    manifest = json.loads(taken["ssm_manifest"]["dev/outputs/manifest"][0]["value"])
    assert manifest == {"key": "<kms_key:dev/kms/key>", "when": "<time>", "digest": "<digest>"}


def test_a_deployment_sees_itself_and_what_belongs_to_it(aws):
    build_network(aws)
    build_network(aws, "prod")
    dev = snapshot(aws, "dev", NETWORK)
    assert counts(dev)["vpc", "dev/network/vpc"] == 1
    assert "default of <vpc:dev/network/vpc>" in dev["security_group"]
    assert not any("prod" in key for _, key in counts(dev))
    assert difference(dev, snapshot(aws, "prod", NETWORK)) != []


def doubled_nat(ec2, ids):
    second = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=ids["subnet"], AllocationId=second)["NatGateway"]["NatGatewayId"]
    ec2.create_tags(Resources=[nat], Tags=tags("nat/a"))


def doubled_vpc(ec2, _ids):
    ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc", "vpc"))


def lost_rule(ec2, ids):
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [ids["group"]]}])[
        "SecurityGroupRules"
    ]
    rule = next(rule["SecurityGroupRuleId"] for rule in found if not rule["IsEgress"])
    ec2.revoke_security_group_ingress(GroupId=ids["group"], SecurityGroupRuleIds=[rule])


def wrong_target(ec2, ids):
    ec2.replace_route(RouteTableId=ids["table"], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=ids["nat"])


def foreign_tag(ec2, ids):
    ec2.create_tags(Resources=[ids["vpc"]], Tags=[{"Key": "someone", "Value": "else"}])


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (doubled_nat, "nat_gateway > dev/network/nat/a"),
        (doubled_vpc, "vpc > dev/network/vpc"),
        (lost_rule, "security_group > dev/network/alb > rules"),
        (wrong_target, "route_table > dev/network/public > routes"),
        (foreign_tag, "vpc > dev/network/vpc > tags > someone"),
    ],
)
def test_what_may_go_wrong_shows_and_is_named(aws, change, where):
    ids = build_network(aws)
    before = snapshot(aws, "dev", NETWORK)
    change(aws.client("ec2"), ids)
    found = difference(before, snapshot(aws, "dev", NETWORK))
    assert any(line.startswith(where) for line in found), found


def test_counts_show_doubled_resources(aws):
    ids = build_network(aws)
    doubled_nat(aws.client("ec2"), ids)
    assert counts(snapshot(aws, readers=NETWORK))["nat_gateway", "dev/network/nat/a"] == 2
