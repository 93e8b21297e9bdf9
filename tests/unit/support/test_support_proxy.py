"""The recording proxy with real boto3 clients of every protocol in front of a real moto, and each kind of fault."""

from __future__ import annotations

import threading

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from support.faults import Fault, answer_error, call, delay, drop_answer, drop_request, match, server_error, throttle

NO_RETRY = Config(retries={"total_max_attempts": 1})
RETRY_ONCE = Config(retries={"total_max_attempts": 2, "mode": "standard"})
BUCKET = "shared-dev-logs"
LOCATION = {"LocationConstraint": "ap-northeast-2"}


@pytest.fixture
def client(aws, through):
    """Clients that go through the proxy."""
    return lambda service, config=NO_RETRY: aws.client(service, through.endpoint_url, config=config)


def names(calls) -> list[str]:
    return [entry.name for entry in calls]


def test_every_protocol_is_named_and_sorted_into_reads_and_writes(client, through):
    key = client("kms").create_key(Description="x")["KeyMetadata"]["KeyId"]
    client("kms").encrypt(KeyId=key, Plaintext=b"secret")
    client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    client("ec2").describe_vpcs()
    client("rds").describe_db_instances()
    client("elasticache").describe_cache_clusters()
    client("iam").list_roles()
    client("sts").get_caller_identity()
    client("ssm").put_parameter(Name="/a/b", Value="v", Type="String")
    client("ecs").list_clusters()
    client("ecr").create_repository(repositoryName="shared")
    client("dynamodb").list_tables()
    client("logs").create_log_group(logGroupName="/x")
    client("secretsmanager").list_secrets()
    client("elbv2").describe_load_balancers()
    client("cloudwatch").list_metrics()
    client("route53").list_hosted_zones()
    client("eks").list_clusters()
    assert names(through.calls) == [
        *("kms:CreateKey", "kms:Encrypt", "ec2:CreateVpc", "ec2:DescribeVpcs", "rds:DescribeDBInstances"),
        *(
            "elasticache:DescribeCacheClusters",
            "iam:ListRoles",
            "sts:GetCallerIdentity",
            "ssm:PutParameter",
            "ecs:ListClusters",
        ),
        *("ecr:CreateRepository", "dynamodb:ListTables", "logs:CreateLogGroup", "secretsmanager:ListSecrets"),
        *("elbv2:DescribeLoadBalancers", "cloudwatch:ListMetrics", "route53:ListHostedZones", "eks:ListClusters"),
    ]
    assert names(through.writes()) == [
        "kms:CreateKey",
        "ec2:CreateVpc",
        "ssm:PutParameter",
        "ecr:CreateRepository",
        "logs:CreateLogGroup",
    ]
    assert {entry.status for entry in through.calls} == {200}
    assert [entry.seq for entry in through.calls] == list(range(1, 19))
    assert through.count("ec2", "CreateVpc") == 1
    assert through.select("ec2:CreateVpc")[0].params == {"CidrBlock": "10.0.0.0/16"}
    through.clear()
    assert through.calls == []


def test_s3_operations_are_told_apart_and_bodies_pass_unchanged(client, through):
    s3 = client("s3")
    body = bytes(range(256)) * 12000
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=LOCATION)
    s3.head_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=BUCKET, Key="a/b c+é", Body=body)
    assert s3.head_object(Bucket=BUCKET, Key="a/b c+é")["ContentLength"] == len(body)
    assert s3.get_object(Bucket=BUCKET, Key="a/b c+é")["Body"].read() == body
    s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "a/b c+é"})
    s3.list_objects_v2(Bucket=BUCKET)
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "copy"}]})
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=BUCKET)
    operations = [entry.operation for entry in through.calls]
    assert operations == [
        *(
            "CreateBucket",
            "HeadBucket",
            "PutBucketVersioning",
            "PutObject",
            "HeadObject",
            "GetObject",
            "CopyObject",
            "ListObjectsV2",
        ),
        *("DeleteObjects", "GetBucketTagging"),
    ]
    assert [entry.operation for entry in through.writes()] == [
        "CreateBucket",
        "PutBucketVersioning",
        "PutObject",
        "CopyObject",
        "DeleteObjects",
    ]
    assert through.calls[3].params == {"Bucket": BUCKET, "Key": "a/b c+é"}
    assert (through.calls[-1].status, through.calls[-1].error) == (404, "NoSuchTagSet")


def test_secrets_and_signatures_are_not_kept(client, through):
    client("ssm").put_parameter(Name="/token", Value="geheim", Type="SecureString")
    client("secretsmanager").create_secret(Name="s", SecretString="geheim")
    client("kms").generate_random(NumberOfBytes=8)
    text = " ".join(f"{entry} {entry.params}" for entry in through.calls)
    assert "geheim" not in text
    assert "AWS4-HMAC" not in text
    assert through.calls[0].params["Name"] == "/token"


def test_a_dropped_request_is_not_executed_and_the_sdk_retries(client, through, aws):
    before = len(aws.client("ec2").describe_vpcs()["Vpcs"])
    fault = through.add(Fault("ec2:CreateVpc", drop_request()))
    client("ec2", RETRY_ONCE).create_vpc(CidrBlock="10.0.0.0/16")
    assert len(aws.client("ec2").describe_vpcs()["Vpcs"]) == before + 1
    assert [(entry.executed, entry.status) for entry in through.writes()] == [(False, None), (True, 200)]
    assert fault.hits == 1


def test_a_dropped_answer_leaves_an_executed_call_behind(client, through, aws):
    before = len(aws.client("ec2").describe_vpcs()["Vpcs"])
    through.add(Fault("ec2:CreateVpc", drop_answer()))
    with pytest.raises(ConnectionClosedError):
        client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    assert len(aws.client("ec2").describe_vpcs()["Vpcs"]) == before + 1
    assert [(entry.executed, entry.status) for entry in through.writes()] == [(True, None)]


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        ("ec2", "describe_vpcs", {}, "RequestLimitExceeded"),
        ("rds", "describe_db_instances", {}, "Throttling"),
        ("ssm", "describe_parameters", {}, "ThrottlingException"),
        ("s3", "get_bucket_versioning", {"Bucket": BUCKET}, "SlowDown"),
        ("eks", "list_clusters", {}, "ThrottlingException"),
        ("cloudwatch", "list_metrics", {}, "ThrottlingException"),
    ],
)
def test_throttling_and_server_errors_speak_the_protocol(client, through, service, operation, arguments, code):
    through.add(Fault(f"{service}:*", throttle()), Fault(f"{service}:*", server_error(), skip=1))
    with pytest.raises(ClientError) as throttled:
        getattr(client(service), operation)(**arguments)
    with pytest.raises(ClientError) as broken:
        getattr(client(service), operation)(**arguments)
    assert throttled.value.response["Error"]["Code"] == code
    assert broken.value.response["Error"]["Code"] == "InternalError"
    assert broken.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert [entry.error for entry in through.calls] == [code, "InternalError"]
    assert not any(entry.executed for entry in through.calls)


def test_the_sdk_retries_throttling(client, through):
    through.add(Fault("ssm:*", throttle(), times=1))
    client("ssm", RETRY_ONCE).describe_parameters()
    assert [entry.error for entry in through.calls] == ["ThrottlingException", None]


def test_an_error_may_hide_an_executed_call(client, through, aws):
    through.add(Fault("ssm:PutParameter", answer_error("AccessDeniedException", executed=True)))
    with pytest.raises(ClientError, match="AccessDeniedException"):
        client("ssm").put_parameter(Name="/a", Value="v", Type="String")
    assert aws.client("ssm").get_parameter(Name="/a")["Parameter"]["Value"] == "v"


def test_times_skip_and_where_choose_calls(client, through):
    chosen = match("ssm", "Get*", where=lambda entry: entry.params["Names"] == ["/b"])
    fault = through.add(Fault(chosen, answer_error("Chosen"), times=2, skip=1))
    outcomes = []
    for name in ("/a", "/b", "/b", "/a", "/b", "/b"):
        try:
            client("ssm").get_parameters(Names=[name])
            outcomes.append(name)
        except ClientError:
            outcomes.append("fault")
    assert outcomes == ["/a", "/b", "fault", "/a", "fault", "/b"]
    assert fault.hits == 2
    through.remove_faults()
    with pytest.raises(ValueError, match="service:Operation"):
        Fault("ec2", drop_request())


def test_a_delayed_call_can_be_waited_for(client, through):
    """A call that is held shows as under way; wait_idle returns when it is through."""
    held, release = threading.Event(), threading.Event()

    def hold():
        held.set()
        assert release.wait(10)

    through.add(Fault("ssm:DescribeParameters", call(hold)), Fault("ssm:DescribeParameters", delay(0.01)))
    caller = threading.Thread(target=client("ssm").describe_parameters)
    caller.start()
    assert held.wait(10)
    with pytest.raises(TimeoutError, match="1 calls still under way"):
        through.wait_idle(0)
    release.set()
    through.wait_idle(10)
    caller.join()
    assert through.calls[0].elapsed >= 0.01
    assert through.calls[0].faults == ["call(before)", "delay(0.01)"]


@pytest.mark.parametrize(("when", "left"), [("before", ["/1"]), ("after", ["/1", "/2"])])
def test_on_write_calls_back_at_the_nth_write(client, through, aws, when, left):
    seen = []
    through.on_write(2, lambda entry: seen.append(entry.params["Name"]), when)
    ssm = client("ssm")
    ssm.put_parameter(Name="/1", Value="v", Type="String")
    ssm.describe_parameters()
    with pytest.raises(ConnectionClosedError):
        ssm.put_parameter(Name="/2", Value="v", Type="String")
    assert seen == ["/2"]
    assert sorted(entry["Name"] for entry in aws.client("ssm").describe_parameters()["Parameters"]) == left
    ssm.put_parameter(Name="/3", Value="v", Type="String")


def test_an_error_in_a_callback_is_not_swallowed(client, through):
    def broken():
        raise LookupError("in the callback")

    through.add(Fault("all", call(broken)))
    with pytest.raises(ConnectionClosedError):
        client("ssm").describe_parameters()
    assert [str(error) for error in through.errors] == ["in the callback"]
    through.errors.clear()


def test_a_program_without_path_style_works_through_it_as_http_proxy(aws, through):
    """What a consumer's Terraform sends that cannot be told to use path style."""
    environment = through.unmodified_environment()
    config = Config(proxies={"http": environment["HTTP_PROXY"]}, s3={"addressing_style": "virtual"})
    s3 = aws.client("s3", environment["AWS_ENDPOINT_URL_S3"], config=config)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=LOCATION)
    s3.put_object(Bucket=BUCKET, Key="a/b", Body=b"x")
    assert aws.client("s3").get_object(Bucket=BUCKET, Key="a/b")["Body"].read() == b"x"
    assert through.calls[1].params == {"Bucket": BUCKET, "Key": "a/b"}
    aws.client("ssm", environment["AWS_ENDPOINT_URL"], config=config).describe_parameters()
    assert through.count("ssm", "DescribeParameters") == 1
