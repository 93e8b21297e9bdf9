"""Ask an emulator for one of each thing that the collection uses: `smoke.py http://127.0.0.1:4566`.

Run it with .venv/bin/python after `make lock` or a change of the LocalStack bridge. Each line is one fact about the
emulator; the exit code is 1 when a fact differs from what is known (KNOWN_GAPS here, docs/emulators.md for readers).
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial

import boto3

REGION = "ap-northeast-2"
CHECKS: list[Callable[[Callable, dict], None]] = []
# Where each emulator is known to differ from AWS.
KNOWN_GAPS = {
    "moto": {"kms_rotation_period", "nat_gateway_tags", "ecs_settings_call", "validation"},
    "localstack": {"nat_gateway_tags", "ecs_settings_call", "validation"},
}


def check(function: Callable) -> Callable:
    CHECKS.append(function)
    return function


@check
def ec2_network(client, made):
    """VPC and two subnets with tags in the creating call"""
    ec2 = client("ec2")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "smoke", "Value": "yes"}]}]
    made["vpc"] = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    found = ec2.describe_vpcs(Filters=[{"Name": "tag:smoke", "Values": ["yes"]}])["Vpcs"]
    assert [vpc["VpcId"] for vpc in found] == [made["vpc"]]
    made["subnets"] = [
        ec2.create_subnet(VpcId=made["vpc"], CidrBlock=f"10.9.{index}.0/24", AvailabilityZone=f"{REGION}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for index, zone in enumerate("ab")
    ]


@check
def ec2_nat_gateway(client, made):
    """elastic IP, internet gateway, NAT gateway, route"""
    ec2 = client("ec2")
    made["internet_gateway"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=made["internet_gateway"], VpcId=made["vpc"])
    address = ec2.allocate_address(Domain="vpc")
    gateway = ec2.create_nat_gateway(
        SubnetId=made["subnets"][0], AllocationId=address["AllocationId"], ClientToken="smoke"
    )
    table = ec2.create_route_table(VpcId=made["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(
        RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway["NatGateway"]["NatGatewayId"]
    )
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert any(route.get("NatGatewayId") for route in routes)


@check
def ec2_security_group_rules(client, made):
    """security-group rules with ids and tags"""
    ec2 = client("ec2")
    group = ec2.create_security_group(GroupName="smoke", Description="smoke", VpcId=made["vpc"])["GroupId"]
    permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    assert any(rule["FromPort"] == 443 and rule["SecurityGroupRuleId"] for rule in rules)


@check
def ecs_cluster(client, made):
    """ECS cluster with Fargate providers, strategy and settings; update of the settings"""
    ecs = client("ecs")
    insights = {"name": "containerInsights"}
    cluster = ecs.create_cluster(
        clusterName="smoke",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "base": 1, "weight": 4}],
        settings=[insights | {"value": "disabled"}],
        tags=[{"key": "smoke", "value": "yes"}],
    )["cluster"]
    ecs.update_cluster(cluster="smoke", settings=[insights | {"value": "enabled"}])
    found = ecs.describe_clusters(clusters=["smoke"], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"][0]
    assert found["clusterArn"] == cluster["clusterArn"] and found["settings"][0]["value"] == "enabled", found
    assert found["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"] and found["tags"], found


@check
def rds_subnet_group(client, made):
    """RDS subnet group over subnets made through EC2"""
    rds = client("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="smoke", DBSubnetGroupDescription="smoke", SubnetIds=made["subnets"])
    group = rds.describe_db_subnet_groups(DBSubnetGroupName="smoke")["DBSubnetGroups"][0]
    assert group["VpcId"] == made["vpc"] and len(group["Subnets"]) == 2, group


@check
def elasticache_subnet_group(client, made):
    """ElastiCache subnet group over subnets made through EC2"""
    cache = client("elasticache")
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="smoke", CacheSubnetGroupDescription="smoke", SubnetIds=made["subnets"]
    )
    group = cache.describe_cache_subnet_groups(CacheSubnetGroupName="smoke")["CacheSubnetGroups"][0]
    assert group["VpcId"] == made["vpc"], group


@check
def ecr_repository(client, made):
    """ECR repository: immutable tags, lifecycle policy"""
    ecr = client("ecr")
    repository = ecr.create_repository(repositoryName="prod/smoke", imageTagMutability="IMMUTABLE")["repository"]
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}
    rules = [{"rulePriority": 1, "selection": untagged, "action": {"type": "expire"}}]
    ecr.put_lifecycle_policy(repositoryName="prod/smoke", lifecyclePolicyText=json.dumps({"rules": rules}))
    assert repository["repositoryUri"].endswith("/prod/smoke"), repository


@check
def load_balancer(client, made):
    """ELBv2 load balancer over subnets made through EC2"""
    balancers = client("elbv2").create_load_balancer(Name="smoke", Subnets=made["subnets"])["LoadBalancers"]
    assert balancers[0]["VpcId"] == made["vpc"], balancers


@check
def kms_key(client, made):
    """KMS key with tags, alias, rotation period, deletion"""
    kms = client("kms")
    made["key"] = kms.create_key(Tags=[{"TagKey": "smoke", "TagValue": "yes"}])["KeyMetadata"]
    kms.create_alias(AliasName="alias/smoke", TargetKeyId=made["key"]["KeyId"])
    kms.enable_key_rotation(KeyId=made["key"]["KeyId"], RotationPeriodInDays=180)
    assert kms.get_key_rotation_status(KeyId=made["key"]["KeyId"])["KeyRotationEnabled"]


@check
def kms_rotation_period(client, made):
    """KMS reports the rotation period"""
    assert client("kms").get_key_rotation_status(KeyId=made["key"]["KeyId"]).get("RotationPeriodInDays") == 180


@check
def rds_managed_secret(client, made):
    """RDS instance whose master secret is encrypted with our key"""
    instance = client("rds").create_db_instance(
        DBInstanceIdentifier="smoke", DBInstanceClass="db.t4g.small", Engine="postgres", AllocatedStorage=20,
        StorageType="gp3", Iops=3000, StorageThroughput=125, MasterUsername="smoke", ManageMasterUserPassword=True,
        MasterUserSecretKmsKeyId=made["key"]["Arn"], DBSubnetGroupName="smoke",
    )["DBInstance"]  # fmt: skip
    assert instance["MasterUserSecret"]["KmsKeyId"] == made["key"]["Arn"], instance["MasterUserSecret"]


@check
def replication_group(client, made):
    """ElastiCache replication group, modified afterwards"""
    cache = client("elasticache")
    cache.create_replication_group(
        ReplicationGroupId="smoke", ReplicationGroupDescription="smoke", Engine="redis", NumCacheClusters=1,
        CacheNodeType="cache.t4g.small", CacheSubnetGroupName="smoke", TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
    )  # fmt: skip
    cache.modify_replication_group(ReplicationGroupId="smoke", ReplicationGroupDescription="new", ApplyImmediately=True)
    group = cache.describe_replication_groups(ReplicationGroupId="smoke")["ReplicationGroups"][0]
    assert group["Description"] == "new" and group["Status"] == "available", group


@check
def secret(client, made):
    """Secrets Manager secret with a value"""
    secrets = client("secretsmanager")
    secrets.create_secret(Name="smoke", SecretString="token", KmsKeyId=made["key"]["Arn"])
    assert secrets.get_secret_value(SecretId="smoke")["SecretString"] == "token"


@check
def ssm_paging(client, made):
    """SSM parameters by path over three pages, of all types"""
    ssm = client("ssm")
    for index in range(23):
        kind = ("String", "StringList", "SecureString")[index % 3]
        ssm.put_parameter(Name=f"/smoke/dev/{index}", Value="a,b", Type=kind, Tags=[{"Key": "smoke", "Value": "yes"}])
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/smoke", Recursive=True, WithDecryption=True)
    pages = [page["Parameters"] for page in pages]
    assert len(pages) == 3 and len({parameter["Name"] for page in pages for parameter in page}) == 23, [
        len(page) for page in pages
    ]


@check
def s3_bucket(client, made):
    """S3 bucket: encryption, versioning, policy, lifecycle, public access block, ownership, tags"""
    s3 = client("s3")
    s3.create_bucket(Bucket="smoke-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    encryption = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": made["key"]["Arn"]},
        "BucketKeyEnabled": True,
    }
    s3.put_bucket_encryption(Bucket="smoke-bucket", ServerSideEncryptionConfiguration={"Rules": [encryption]})
    s3.put_bucket_versioning(Bucket="smoke-bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_ownership_controls(
        Bucket="smoke-bucket", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_public_access_block(
        Bucket="smoke-bucket", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "BlockPublicPolicy": True}
    )
    s3.put_bucket_tagging(Bucket="smoke-bucket", Tagging={"TagSet": [{"Key": "smoke", "Value": "yes"}]})
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::smoke-bucket/*"],
                 "Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # fmt: skip
    s3.put_bucket_policy(Bucket="smoke-bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
    s3.put_bucket_lifecycle_configuration(Bucket="smoke-bucket", LifecycleConfiguration={"Rules": [rule]})
    rules = s3.get_bucket_encryption(Bucket="smoke-bucket")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == made["key"]["Arn"], rules


@check
def dynamodb_table(client, made):
    """DynamoDB lock table and item"""
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="smoke", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
    )  # fmt: skip
    dynamodb.put_item(TableName="smoke", Item={"LockID": {"S": "a"}, "Digest": {"S": "b"}})
    assert dynamodb.get_item(TableName="smoke", Key={"LockID": {"S": "a"}})["Item"]["Digest"]["S"] == "b"


@check
def flow_logs(client, made):
    """IAM role, encrypted log group with retention, VPC flow log"""
    iam, logs, ec2 = client("iam"), client("logs"), client("ec2")
    trust = {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="smoke", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]
    logs.create_log_group(logGroupName="/smoke/flow", kmsKeyId=made["key"]["Arn"], tags={"smoke": "yes"})
    logs.put_retention_policy(logGroupName="/smoke/flow", retentionInDays=30)
    answer = ec2.create_flow_logs(
        ResourceIds=[made["vpc"]], ResourceType="VPC", TrafficType="ALL", LogDestinationType="cloud-watch-logs",
        LogGroupName="/smoke/flow", DeliverLogsPermissionArn=role["Arn"], ClientToken="smoke",
    )  # fmt: skip
    assert len(answer["FlowLogIds"]) == 1, answer


@check
def aws_managed_policy(client, made):
    """IAM: AWS's own policies can be attached"""
    client("iam").attach_role_policy(
        RoleName="smoke", PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    )


@check
def nat_gateway_tags(client, made):
    """EC2 DescribeTags names NAT gateways and addresses as AWS does"""
    ec2 = client("ec2")
    address = ec2.describe_addresses()["Addresses"][0]["AllocationId"]
    gateway = ec2.describe_nat_gateways()["NatGateways"][0]["NatGatewayId"]
    ec2.create_tags(Resources=[address, gateway], Tags=[{"Key": "smoke", "Value": "yes"}])
    kinds = {
        tag["ResourceType"]
        for tag in ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [address, gateway]}])["Tags"]
    }
    assert kinds == {"natgateway", "elastic-ip"}, kinds


@check
def route_origin(client, made):
    """EC2 routes carry their Origin"""
    tables = client("ec2").describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [made["vpc"]]}])["RouteTables"]
    assert all("Origin" in route for table in tables for route in table["Routes"])


@check
def vpc_endpoint(client, made):
    """S3 gateway endpoint, tagged in the creating call"""
    endpoint = client("ec2").create_vpc_endpoint(
        VpcId=made["vpc"], ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway", ClientToken="smoke",
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "smoke", "Value": "yes"}]}],
    )["VpcEndpoint"]  # fmt: skip
    assert endpoint["State"] == "available" and endpoint.get("Tags"), endpoint


@check
def ecs_settings_call(client, made):
    """ECS UpdateClusterSettings"""
    client("ecs").update_cluster_settings(
        cluster="smoke", settings=[{"name": "containerInsights", "value": "enhanced"}]
    )


@check
def cache_parameter_group(client, made):
    """ElastiCache CreateCacheParameterGroup"""
    client("elasticache").create_cache_parameter_group(
        CacheParameterGroupName="smoke", CacheParameterGroupFamily="redis7", Description="smoke"
    )


@check
def validation(client, made):
    """refuses a log retention of 31 days"""
    try:
        client("logs").put_retention_policy(logGroupName="/smoke/flow", retentionInDays=31)
    except client("logs").exceptions.InvalidParameterException:
        return
    raise AssertionError("accepted")


def emulator_kind(endpoint_url: str) -> str:
    try:
        with urllib.request.urlopen(f"{endpoint_url}/_localstack/health", timeout=10):
            return "localstack"
    except urllib.error.HTTPError:
        return "moto"


def run(endpoint_url: str) -> int:
    kind = emulator_kind(endpoint_url)
    make_client = partial(
        boto3.client,
        endpoint_url=endpoint_url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    made: dict = {}
    surprises = 0
    for function in CHECKS:
        is_known_gap = function.__name__ in KNOWN_GAPS[kind]
        problem = ""
        try:
            function(make_client, made)
        except Exception as error:  # whatever an emulator does is the finding
            problem = f": {type(error).__name__} {' '.join(str(error).split())[:160]}"
        verdict = (
            ("known gap" if is_known_gap else "WRONG")
            if problem
            else ("FIXED, was a known gap" if is_known_gap else "ok")
        )
        surprises += bool(problem) != is_known_gap
        print(f"{verdict:9} {function.__doc__}{problem}", flush=True)
    print(f"{kind}: {len(CHECKS)} checks, {surprises} surprises")
    return 1 if surprises else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
