"""The story of a published state: planned, written, found again, changed, refused, taken over and removed, read
through plain boto3.
"""

from __future__ import annotations

import json
import re

import pytest
from states import (
    BUCKET,
    KEY,
    OUTPUTS,
    TABLE,
    body,
    digest,
    fails,
    item,
    keys,
    kinds,
    make_backend,
    md5,
    plant_state,
    run,
    state,
)


def test_story(account):
    planned = run(account, check=True)
    assert kinds(planned) == [
        ("create", "terraform_state_bucket"),
        ("create", "dynamodb_table"),
        ("create", "terraform_state"),
    ]
    assert account.proxy.writes() == []
    assert planned["diff"][2]["after"] == {"outputs": OUTPUTS}

    made = run(account)
    assert kinds(made) == kinds(planned)
    first = state(account)
    assert first["outputs"]["private_subnet_ids"] == {"value": ["subnet-a", "subnet-b"], "type": ["list", "string"]}
    assert (first["version"], first["serial"], first["resources"]) == (4, 1, [])
    assert digest(account) == md5(body(account))
    facts = made["resources"]["terraform_state"][KEY]
    assert (facts["serial"], facts["lineage"], facts["md5"], facts["digest"]) == (
        1,
        first["lineage"],
        digest(account),
        digest(account),
    )
    assert keys(account) == [KEY]
    assert item(account, f"{BUCKET}/{KEY}") is None, "the lock is released"

    before = body(account)
    account.proxy.clear()
    assert not run(account)["changed"]
    assert account.proxy.writes() == []
    assert account.proxy.count("s3", "GetObject") == account.proxy.count("dynamodb", "GetItem") == 1
    # Two of them to find the bucket: GetCallerIdentity and HeadBucket, which the guard spares the playbooks.
    assert len(account.proxy.calls) <= 12
    assert body(account) == before

    account.proxy.clear()
    changed = run(account, outputs={**OUTPUTS, "note": "second", "more": 1})
    assert changed["diff"][0]["before"] == {"outputs.more": None, "outputs.note": "first", "digest": md5(before)}
    second = state(account)
    assert (second["serial"], second["lineage"]) == (2, first["lineage"])
    assert second["outputs"]["more"] == {"value": 1, "type": "number"}
    assert digest(account) == md5(body(account))
    assert [call.name for call in account.proxy.writes()] == [
        "dynamodb:PutItem",
        "s3:PutObject",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    ]
    assert not run(account, outputs={**OUTPUTS, "note": "second", "more": 1})["changed"]

    assert run(account, state="absent")["changed"]
    assert keys(account) == []
    assert digest(account) is None and item(account, f"{BUCKET}/{KEY}") is None
    assert not run(account, state="absent")["changed"]


def test_the_backend_is_versioned_encrypted_private_and_ours(account):
    run(account)
    s3, dynamodb = account.client("s3"), account.client("dynamodb")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert all(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values())
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]}
    expected = {"Team": "platform", "connectly:deployment": "connectly-dev", "connectly:layer": "outputs"}
    assert tags == {**expected, "Name": BUCKET, "connectly:key": BUCKET}
    table = dynamodb.describe_table(TableName=TABLE)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [{"AttributeName": "LockID", "KeyType": "HASH"}]
    tags = {tag["Key"]: tag["Value"] for tag in dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]}
    assert tags == {**expected, "Name": TABLE, "connectly:key": TABLE}


def test_what_somebody_took_off_the_backend_comes_back_and_what_others_added_stays(account):
    run(account)
    s3 = account.client("s3")
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": account.account_id},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    tags = [tag for tag in s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] if tag["Key"] != "Team"]
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [*tags, {"Key": "Theirs", "Value": "too"}]})

    (action,) = run(account)["actions"]
    assert action["after"] == {
        "versioning": "Enabled",
        "public_access_blocked": True,
        "tls_only": True,
        "tags.Team": "platform",
    }
    statements = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert statements[0] == theirs and len(statements) == 2
    assert {"Theirs", "Team"} <= {tag["Key"] for tag in s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]}
    assert not run(account)["changed"]


def test_a_key_encrypts_bucket_and_objects(account):
    arn = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    run(account, kms_key_arn=arn)
    s3 = account.client("s3")
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    assert s3.head_object(Bucket=BUCKET, Key=KEY)["SSEKMSKeyId"] == arn
    assert digest(account) == md5(body(account)), "the digest is that of the content, not the ETag"
    assert not run(account, kms_key_arn=arn)["changed"]


@pytest.mark.parametrize("manage_backend", [True, False])
def test_a_backend_of_terraform_is_used_and_not_changed(account, manage_backend):
    make_backend(account)
    result = run(account, manage_backend=manage_backend)
    reported = [("report", "terraform_state_bucket"), ("report", "dynamodb_table")] if manage_backend else []
    assert kinds(result) == [("create", "terraform_state"), *reported]
    assert all("used as it is" in action["reason"] for action in result["actions"][1:])
    assert account.proxy.select("s3:PutBucket*") == [] and account.proxy.select("dynamodb:TagResource") == []
    assert state(account)["serial"] == 1
    assert not run(account, manage_backend=manage_backend)["changed"]


def test_a_table_that_terraform_cannot_use_is_refused(account):
    account.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    # Nothing can be read from it either, so the digest's GetItem must not be the first to say so.
    message = fails(account)["msg"]
    assert "LockID" in message or "key" in message
    assert account.proxy.writes() == []


@pytest.mark.parametrize("missing", ["bucket", "table"])
def test_a_backend_that_is_managed_elsewhere_must_exist(account, missing):
    if missing == "table":
        account.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": account.region}
        )
    assert "does not exist" in fails(account, manage_backend=False)["msg"]
    assert "does not exist" in fails(account, manage_backend=False, check=True)["msg"]
    assert account.proxy.writes() == []


@pytest.mark.parametrize("wrong", ["0" * 32, None])
def test_a_wrong_or_missing_digest_is_repaired_although_the_outputs_are_equal(account, wrong):
    run(account)
    before, name = body(account), {"LockID": {"S": f"{BUCKET}/{KEY}-md5"}}
    dynamodb = account.client("dynamodb")
    dynamodb.delete_item(TableName=TABLE, Key=name)
    if wrong:
        dynamodb.put_item(TableName=TABLE, Item={**name, "Digest": {"S": wrong}})
    (action,) = run(account)["actions"]
    assert (action["action"], action["before"], action["after"]) == (
        "update",
        {"digest": wrong},
        {"digest": md5(before)},
    )
    assert digest(account) == md5(before)
    assert body(account) == before
    assert not run(account)["changed"]


def test_no_digest_without_a_lock_table(account):
    account.proxy.clear()
    run(account, lock_table=None)
    assert account.proxy.select("dynamodb:*") == []
    puts = [call.params.get("Key") or call.path for call in account.proxy.select("s3:PutObject")]
    assert [text.endswith(".tflock") for text in puts] == [True, False]
    assert keys(account) == [KEY], "the lock file is gone"
    assert not run(account, lock_table=None)["changed"]


def test_extra_keys_hold_the_same_outputs_as_states_of_their_own(account):
    copied = "connectly-shared/prod/terraform.tfstate"
    run(account, extra_keys=[copied])
    one, two = state(account), state(account, copied)
    assert one["outputs"] == two["outputs"] and one["lineage"] != two["lineage"]
    assert digest(account, copied) == md5(body(account, copied))
    run(account)
    assert state(account, copied) == two, "a key that is no longer named keeps its state"
    run(account, extra_keys=[copied], state="absent")
    assert keys(account) == [] and digest(account, copied) is None


# What is refused --------------------------------------------------------------------------------------------------


def test_published_outputs_are_protected(account):
    run(account)
    before = body(account)
    message = fails(account, outputs={"vpc_id": "vpc-2", "private_subnet_ids": "subnet-a"})["msg"]
    for name in ("vpc_id", "private_subnet_ids", "note"):
        assert f"outputs.{name}" in message
    assert body(account) == before
    run(
        account,
        outputs={"vpc_id": "vpc-2", "private_subnet_ids": "subnet-a"},
        allow_changes=["vpc_id", "private_subnet_ids", "note"],
    )
    assert state(account)["serial"] == 2


def test_placeholders_are_planned_and_never_published(account):
    unknown = {**OUTPUTS, "vpc_id": "vpc-known-after-apply.main"}
    assert run(account, check=True, outputs=unknown)["changed"]
    assert "known only after the apply" in fails(account, outputs=unknown)["msg"]
    assert account.proxy.writes() == []


@pytest.mark.parametrize(
    "changes", [{}, {"resources": [], "version": 3}, {"resources": [], "version": 5}, {"resources": [], "lineage": ""}]
)
def test_the_state_of_a_terraform_project_is_left_as_it_was(account, changes):
    make_backend(account)
    before = plant_state(account, **changes)
    for options in ({}, {"check": True}, {"state": "absent"}, {"state": "absent", "overwrite_managed_state": True}):
        assert "it lists 1 resource" in (message := fails(account, **options)["msg"]) or "it has " in message
    assert body(account) == before and digest(account) == md5(before)
    assert account.proxy.writes() == []


def test_the_switch_keeps_a_copy_and_continues_the_history(account):
    make_backend(account)
    before = plant_state(account)
    result = run(account, overwrite_managed_state=True)
    after = state(account)
    assert (after["serial"], after["lineage"], after["resources"]) == (42, "11111111-2222-3333-4444-555555555555", [])
    (copy,) = [key for key in keys(account) if key != KEY]
    assert re.fullmatch(re.escape(KEY) + r"\.backup-\d{8}T\d{6}Z", copy)
    assert body(account, copy) == before
    assert result["diff"][0]["before"]["resources"] == 1
    assert digest(account) == md5(body(account))
    assert not run(account, overwrite_managed_state=True)["changed"]
    assert len(keys(account)) == 2


def test_a_state_without_resources_is_continued(account):
    make_backend(account)
    plant_state(account, resources=[])
    run(account)
    assert (state(account)["serial"], state(account)["lineage"]) == (42, "11111111-2222-3333-4444-555555555555")
    assert len(keys(account)) == 1


def test_deployments_do_not_touch_each_others_states(account):
    run(account)
    before = body(account)
    assert "published by deployment connectly-dev" in fails(account, deployment="wealist-prod")["msg"]
    assert "published by deployment connectly-dev" in fails(account, deployment="wealist-prod", state="absent")["msg"]
    assert body(account) == before


# Locks ------------------------------------------------------------------------------------------------------------
