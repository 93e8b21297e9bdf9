"""The story of a deployment's buckets: planned, made, found again, changed, refused, repaired after a kill and
deleted, read through plain boto3.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.s3 import finding, naming
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.s3.bucket import BucketAdapter
from botocore.exceptions import ClientError
from support.faults import Fault, answer_error, drop_answer, match
from support.module import ModuleFailed, run_module
from support.playbook import PlaybookRun
from support.proxy import RecordingProxy

KEY_ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
LOGS = {"key": "logs", "name": "acme-dev-logs", "purpose": "logs", "retention_days": 30}
ALB_LOGS = {"key": "alb_logs", "name": "acme-dev-alb-logs", "purpose": "alb_logs", "retention_days": 30}
BACKUP = {"key": "backup", "name": "acme-dev-backup", "purpose": "backup", "tags": {"Team": "data"}}
WEB = {
    "id": "web",
    "allowed_methods": ["GET", "PUT"],
    "allowed_origins": ["https://example.com"],
    "max_age_seconds": 300,
}
STORAGE = {
    "key": "storage",
    "name": "acme-dev-storage",
    "encryption": "AES256",
    "versioning": True,
    "cors_rules": [WEB],
}
BUCKETS = [LOGS, ALB_LOGS, BACKUP, STORAGE]
OPTIONS = {
    "deployment": "acme-dev",
    "kms_key_arn": KEY_ARN,
    "tags": {"Team": "platform", "Project": "acme"},
    "buckets": BUCKETS,
}


@pytest.fixture
def account(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        emulator.s3 = emulator.client("s3")
        yield emulator


def run(account, check=False, **options):
    return run_module("s3_buckets", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def make_bucket(account, name, region="ap-northeast-2", **options):
    account.client("s3", region=region).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": region}, **options
    )


def names(account):
    return {bucket["Name"] for bucket in account.s3.list_buckets()["Buckets"]}


def tags(account, name):
    return {tag["Key"]: tag["Value"] for tag in account.s3.get_bucket_tagging(Bucket=name)["TagSet"]}


def statements(account, name):
    return {item["Sid"]: item for item in json.loads(account.s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]}


def encryption(account, name):
    return account.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]


def lifecycle(account, name):
    return {rule["ID"]: rule for rule in account.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]}


def test_story(account):
    planned = run(account, check=True)
    assert planned["changed"] and account.proxy.writes() == [] and names(account) == set()

    made = run(account)
    assert names(account) == {"acme-dev-logs", "acme-dev-alb-logs", "acme-dev-backup", "acme-dev-storage"}
    assert made["outputs"] == planned["outputs"]
    assert made["outputs"] == {
        "logs_bucket_id": "acme-dev-logs",
        "logs_bucket_arn": "arn:aws:s3:::acme-dev-logs",
        "alb_logs_bucket_id": "acme-dev-alb-logs",
        "backup_bucket_id": "acme-dev-backup",
        "backup_bucket_arn": "arn:aws:s3:::acme-dev-backup",
        "s3_bucket_name": "acme-dev-storage",
    }
    assert [(item["action"], item["key"]) for item in made["actions"]] == [
        (item["action"], item["key"]) for item in planned["actions"]
    ]

    account.proxy.clear()
    assert not run(account)["changed"] and account.proxy.writes() == []
    # moto's list has no regions, so that each bucket is asked for its own.
    calls = account.proxy.select(lambda call: call.operation != "HeadBucket")
    assert len(calls) == 2 + 8 * len(BUCKETS), "a converged run: STS, ListBuckets and eight reads for each bucket"
    assert not run(account, check=True)["changed"]

    longer = [{**LOGS, "retention_days": 365}, ALB_LOGS, BACKUP, {**STORAGE, "versioning": False, "cors_rules": []}]
    account.proxy.clear()
    changed = run(account, buckets=longer)
    assert {item["key"]: set(item["after"]) for item in changed["actions"]} == {
        "logs": {"lifecycle_rules"},
        "storage": {"versioning", "cors_rules"},
    }
    assert sorted(call.operation for call in account.proxy.writes()) == [
        "DeleteBucketCors",
        "PutBucketLifecycleConfiguration",
        "PutBucketVersioning",
    ]
    assert lifecycle(account, "acme-dev-logs")["shared-infrastructure-retention"]["Expiration"] == {"Days": 365}
    assert account.s3.get_bucket_versioning(Bucket="acme-dev-storage")["Status"] == "Suspended"
    assert not run(account, buckets=longer)["changed"]

    account.s3.put_object(Bucket="acme-dev-logs", Key="a", Body=b"1")
    with pytest.raises(
        ModuleFailed, match=r"s3_bucket logs \(acme-dev-logs\): the bucket is not empty: it holds 1 object"
    ):
        run(account, state="absent")
    assert len(names(account)) == 4
    account.s3.delete_object(Bucket="acme-dev-logs", Key="a")
    assert run(account, state="absent")["changed"] and names(account) == set()
    assert not run(account, state="absent")["changed"]


def test_what_a_new_bucket_looks_like(account):
    run(account)
    assert account.proxy.count("s3", "PutBucketTagging") == 0, "tags travel in the creating call"
    s3 = account.s3
    assert tags(account, "acme-dev-backup") == {
        "Name": "acme-dev-backup",
        "Team": "data",
        "Project": "acme",
        "connectly:deployment": "acme-dev",
        "connectly:layer": "storage",
        "connectly:key": "backup",
    }
    for name in names(account):
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        assert list(block.values()) == [True] * 4
        assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"] == [
            {"ObjectOwnership": "BucketOwnerEnforced"}
        ]
        assert statements(account, name)["SharedInfrastructureTlsOnly"]["Effect"] == "Deny"
        assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == "ap-northeast-2"
        assert lifecycle(account, name)["shared-infrastructure-incomplete-uploads"][
            "AbortIncompleteMultipartUpload"
        ] == {"DaysAfterInitiation": 7}
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}
    assert (
        encryption(account, "acme-dev-logs")["ApplyServerSideEncryptionByDefault"] == kms
        and encryption(account, "acme-dev-logs")["BucketKeyEnabled"]
    )
    assert encryption(account, "acme-dev-alb-logs")["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    denied = statements(account, "acme-dev-backup")["SharedInfrastructureDenyOtherKeys"]["Condition"]
    assert denied["StringNotEquals"] == {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY_ARN}
    assert "SharedInfrastructureDenyOtherKeys" not in statements(account, "acme-dev-alb-logs"), "SSE-S3 has no key"

    delivery = statements(account, "acme-dev-logs")["SharedInfrastructureLogDeliveryWrite"]
    assert delivery["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert delivery["Condition"]["StringEquals"]["aws:SourceAccount"] == account.account_id
    alb = statements(account, "acme-dev-alb-logs")
    assert alb["SharedInfrastructureAlbLogDelivery"]["Principal"] == {
        "Service": "logdelivery.elasticloadbalancing.amazonaws.com"
    }
    assert alb["SharedInfrastructureAlbLogDeliveryAccount"]["Principal"] == {"AWS": "arn:aws:iam::600734575887:root"}
    assert all(
        f"/AWSLogs/{account.account_id}/*" in path for path in alb["SharedInfrastructureAlbLogDelivery"]["Resource"]
    )

    assert lifecycle(account, "acme-dev-logs")["shared-infrastructure-retention"]["Expiration"] == {"Days": 30}
    assert s3.get_bucket_versioning(Bucket="acme-dev-backup")["Status"] == "Enabled"
    assert "Status" not in s3.get_bucket_versioning(Bucket="acme-dev-logs")
    assert s3.get_bucket_cors(Bucket="acme-dev-storage")["CORSRules"] == [
        {
            "ID": "shared-infrastructure-web",
            "AllowedMethods": ["GET", "PUT"],
            "AllowedOrigins": ["https://example.com"],
            "MaxAgeSeconds": 300,
        }
    ]


def test_each_setting_that_drifted_is_put_back(account):
    run(account)
    s3, name = account.s3, "acme-dev-backup"
    s3.delete_bucket_encryption(Bucket=name)
    s3.delete_public_access_block(Bucket=name)
    s3.delete_bucket_policy(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_lifecycle(Bucket=name)
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    drifted = {"encryption", "public_access_block", "policy", "versioning", "lifecycle_rules", "object_ownership"}
    result = run(account)
    assert [(item["key"], set(item["after"])) for item in result["actions"]] == [("backup", drifted)]
    assert encryption(account, name)["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == KEY_ARN
    assert not run(account)["changed"]


FOREIGN_STATEMENT = {
    "Sid": "Other",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:DeleteBucket",
    "Resource": "arn:aws:s3:::acme-dev-storage",
}
FOREIGN_RULE = {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}
FOREIGN_CORS = {"ID": "other", "AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}


def add_foreign(account):
    s3, name = account.s3, "acme-dev-storage"
    document = {"Version": "2012-10-17", "Statement": [FOREIGN_STATEMENT, *statements(account, name).values()]}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))
    s3.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": [FOREIGN_RULE, *lifecycle(account, name).values()]}
    )
    s3.put_bucket_cors(
        Bucket=name, CORSConfiguration={"CORSRules": [FOREIGN_CORS, *s3.get_bucket_cors(Bucket=name)["CORSRules"]]}
    )
    tag_set = [{"Key": "Foreign", "Value": "1"}, *s3.get_bucket_tagging(Bucket=name)["TagSet"]]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_set})


def foreign_left(account):
    name = "acme-dev-storage"
    cors = [rule["ID"] for rule in account.s3.get_bucket_cors(Bucket=name)["CORSRules"]]
    return "Other" in statements(account, name), "other" in lifecycle(account, name), "other" in cors


def test_what_others_added_is_reported_and_kept(account):
    run(account, buckets=[STORAGE])
    add_foreign(account)
    result = run(account, buckets=[STORAGE])
    assert not result["changed"]
    assert [(item["action"], item["key"]) for item in result["actions"]] == [
        ("report", "acme-dev-storage: policy statement Other"),
        ("report", "acme-dev-storage: lifecycle rule other"),
        ("report", "acme-dev-storage: CORS rule other"),
    ]
    changed = {
        **STORAGE,
        "abort_incomplete_multipart_upload_days": 3,
        "tls_only": False,
        "cors_rules": [],
        "tags": {"Team": "web"},
    }
    assert run(account, buckets=[changed])["changed"]
    assert foreign_left(account) == (True, True, True)
    assert list(statements(account, "acme-dev-storage")) == ["Other"]
    assert tags(account, "acme-dev-storage")["Foreign"] == "1" and tags(account, "acme-dev-storage")["Team"] == "web"


@pytest.mark.parametrize(
    ("option", "left"),
    [
        ("policy_exclusive", (False, True, True)),
        ("lifecycle_exclusive", (True, False, True)),
        ("cors_exclusive", (True, True, False)),
    ],
)
def test_an_exclusive_set_holds_nothing_of_others(account, option, left):
    run(account, buckets=[STORAGE])
    add_foreign(account)
    assert run(account, buckets=[STORAGE], **{option: True})["changed"]
    assert foreign_left(account) == left
    assert not run(account, buckets=[STORAGE], **{option: True})["changed"]


def test_an_undeclared_bucket_is_reported_and_kept(account):
    run(account)
    result = run(account, buckets=[LOGS])
    assert not result["changed"] and {item["key"] for item in result["actions"] if item["action"] == "report"} == {
        "alb_logs",
        "backup",
        "storage",
    }
    assert len(names(account)) == 4 and "backup_bucket_id" not in result["outputs"]


def test_two_deployments_do_not_see_each_other(account):
    run(account, buckets=[LOGS])
    other = [{**LOGS, "name": "acme-prod-logs"}]
    assert run(account, deployment="acme-prod", buckets=other)["summary"] == {
        "create": 1,
        "update": 0,
        "delete": 0,
        "refuse": 0,
        "report": 0,
    }
    assert run(account, deployment="acme-prod", state="absent")["summary"]["delete"] == 1
    assert names(account) == {"acme-dev-logs"}
    with pytest.raises(
        ModuleFailed,
        match=r"acme-dev-logs.: exists, but it belongs to deployment acme-dev, layer storage; not taken over",
    ):
        run(account, deployment="acme-prod", buckets=[LOGS])


def test_buckets_of_ours_are_found_through_the_tagging_service_in_a_large_account(account, monkeypatch):
    if account.is_localstack:
        pytest.skip("LocalStack's tagging service does not know its buckets")
    run(account, buckets=[LOGS])
    make_bucket(account, "foreign")
    monkeypatch.setattr(finding, "TAG_READS", 0)
    assert run(account, state="absent")["summary"]["delete"] == 1
    assert account.proxy.count("resourcegroupstaggingapi", "GetResources") == 1 and names(account) == {"foreign"}


# Names that are taken ------------------------------------------------------------------------------------------------


def refused(account, message, **options):
    account.proxy.clear()
    with pytest.raises(ModuleFailed, match=message) as failure:
        run(account, **options)
    assert account.proxy.writes() == [] and not failure.value.result["changed"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ObjectOwnership": "BucketOwnerEnforced", "public_access_block": True},
        {"ObjectOwnership": "BucketOwnerEnforced", "object": True},
    ],
    ids=["fresh", "configured", "holds an object"],
)
def test_an_untagged_bucket_of_somebody_else_is_refused(account, options):
    block, has_object = options.pop("public_access_block", False), options.pop("object", False)
    make_bucket(account, "acme-dev-logs", **options)
    if block:
        account.s3.put_public_access_block(
            Bucket="acme-dev-logs", PublicAccessBlockConfiguration={"BlockPublicAcls": True}
        )
    if has_object:
        account.s3.put_object(Bucket="acme-dev-logs", Key="a", Body=b"1")
    refused(
        account, "s3_bucket logs .acme-dev-logs.: exists, but it carries no connectly:deployment tag; not taken over"
    )


def test_an_old_untagged_bucket_is_refused(account, monkeypatch):
    make_bucket(account, "acme-dev-logs", ObjectOwnership="BucketOwnerEnforced")
    monkeypatch.setattr(finding, "UNFINISHED_FOR", finding.timedelta(seconds=-1))
    refused(account, "carries no connectly:deployment tag; not taken over")


def test_a_bucket_in_another_region_is_refused(account):
    make_bucket(account, "acme-dev-logs", region="eu-west-1")
    refused(account, "exists in region eu-west-1, not in ap-northeast-2; not taken over")


def test_a_name_of_another_account_is_refused(account):
    account.proxy.add(Fault(match("s3", "HeadBucket"), answer_error("403", 403)))
    refused(account, "s3_bucket logs .acme-dev-logs.: the name is taken by another account")


def test_a_name_that_another_account_takes_meanwhile_fails_in_one_line(account):
    account.proxy.add(Fault(match("s3", "CreateBucket"), answer_error("BucketAlreadyExists", 409)))
    with pytest.raises(
        ModuleFailed, match="acme-dev-logs: the name is taken by another account; choose another name"
    ) as failure:
        run(account)
    assert [item["status"] for item in failure.value.result["actions"]] == [
        "failed",
        "not_tried",
        "not_tried",
        "not_tried",
    ]


def test_a_bucket_is_not_renamed(account):
    run(account, buckets=[LOGS])
    refused(
        account,
        "name is 'acme-dev-logs' and cannot become 'acme-new-logs': a bucket cannot be renamed",
        buckets=[{**LOGS, "name": "acme-new-logs"}],
    )
    refused(
        account,
        "s3_bucket other .acme-dev-logs.: exists, but it is the bucket logs of this deployment",
        buckets=[{**LOGS, "key": "other"}],
    )


# Lost answers and killed runs ----------------------------------------------------------------------------------------


def without_tags_in_the_creating_call(account, monkeypatch):
    """As S3 implementations behave that do not know these tags yet."""
    if account.is_localstack:
        pytest.skip(
            "LocalStack gives new buckets a public access block, as AWS does; an untagged one is never ours there"
        )
    original = BucketAdapter._create_bucket

    def create_bucket(self, arguments):
        arguments["CreateBucketConfiguration"].pop("Tags", None)
        return original(self, arguments)

    monkeypatch.setattr(BucketAdapter, "_create_bucket", create_bucket)


@pytest.mark.parametrize("tagged", [True, False])
def test_a_lost_answer_makes_the_bucket_ours(account, monkeypatch, tagged):
    if not tagged:
        without_tags_in_the_creating_call(account, monkeypatch)
    account.proxy.add(Fault(match("s3", "CreateBucket"), drop_answer()))
    run(account, buckets=[LOGS])
    assert tags(account, "acme-dev-logs")["connectly:key"] == "logs"
    assert not run(account, buckets=[LOGS])["changed"]


def test_a_run_that_ended_before_the_tagging_is_taken_up(account, monkeypatch):
    without_tags_in_the_creating_call(account, monkeypatch)
    account.proxy.add(Fault(match("s3", "PutBucketTagging"), answer_error("AccessDenied", 403)))
    with pytest.raises(ModuleFailed, match="Failed to create s3_bucket logs"):
        run(account)
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        tags(account, "acme-dev-logs")
    result = run(account)
    assert [item["action"] for item in result["actions"]] == ["update", "create", "create", "create"]
    assert tags(account, "acme-dev-logs")["connectly:key"] == "logs" and not run(account)["changed"]


PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  roles:
    - connectly.shared_infrastructure.storage
"""


def test_a_run_killed_right_after_a_bucket_was_created_is_taken_up_by_the_next(account, tmp_path):
    playbook = tmp_path / "storage.yml"
    playbook.write_text(PLAYBOOK)
    variables = {f"storage_{name}": value for name, value in OPTIONS.items()}

    def playbook_run():
        return PlaybookRun(playbook, None, extra_vars=variables, env=account.environment(account.proxy.endpoint_url))

    killed = playbook_run()
    account.proxy.on_write(1, killed.kill)
    assert killed.start().wait().rc == -9
    account.proxy.wait_idle()
    assert names(account) == {"acme-dev-logs"}
    result = playbook_run().start().wait().assert_ok()
    assert next((item["action"], item["key"]) for item in result.actions()) == ("update", "logs")
    assert names(account) == {"acme-dev-logs", "acme-dev-alb-logs", "acme-dev-backup", "acme-dev-storage"}
    assert tags(account, "acme-dev-logs")["connectly:key"] == "logs" and not run(account)["changed"]


def test_a_write_that_s3_refuses_for_a_moment_is_tried_again(account):
    account.proxy.add(Fault(match("s3", "PutBucketPolicy"), answer_error("OperationAborted", 409)))
    account.proxy.add(Fault(match("s3", "PutBucketEncryption"), answer_error("NoSuchBucket", 404)))
    run(account, buckets=[LOGS])
    assert not run(account, buckets=[LOGS])["changed"]


def test_a_name_that_s3_holds_back_after_a_deletion_is_waited_for(account):
    run(account, buckets=[LOGS])
    run(account, state="absent")
    held = account.proxy.add(Fault("s3:CreateBucket", answer_error("OperationAborted", 409), times=2))
    assert run(account, buckets=[LOGS])["changed"] and names(account) == {"acme-dev-logs"}
    assert held.hits == 2 and not run(account, buckets=[LOGS])["changed"]


def test_a_name_that_s3_does_not_give_free_is_an_error_in_the_end(account, monkeypatch):
    monkeypatch.setattr(naming, "NAME_FREED_SECONDS", 1)
    account.proxy.add(Fault("s3:CreateBucket", answer_error("OperationAborted", 409), times=None))
    with pytest.raises(ModuleFailed, match="OperationAborted"):
        run(account, buckets=[LOGS])


def test_bad_input_is_one_line_and_asks_nothing(account):
    with pytest.raises(
        ModuleFailed, match=r"buckets\[0\].name is 'Acme'; a bucket name has 3 to 63 lowercase"
    ) as failure:
        run(account, buckets=[{**LOGS, "name": "Acme"}])
    assert "\n" not in failure.value.result["msg"] and account.proxy.calls == []
