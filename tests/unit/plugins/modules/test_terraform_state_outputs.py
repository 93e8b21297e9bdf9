"""The story of a published state: planned, written, found again, changed, refused, taken over and removed, read through plain boto3."""

from __future__ import annotations

import hashlib
import json
import re
import threading

import pytest
from support.emulator import Emulator
from support.faults import Fault, answer_error, drop_answer, match
from support.module import ModuleFailed, run_module
from support.proxy import RecordingProxy

BUCKET, KEY, TABLE = "dev-connectly", "connectly-shared/dev/terraform.tfstate", "dev-connectly-tf-lock"
OUTPUTS = {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-a", "subnet-b"], "note": "first"}
OPTIONS = {
    "deployment": "connectly-dev",
    "bucket": BUCKET,
    "key": KEY,
    "lock_table": TABLE,
    "tags": {"Team": "platform"},
    "outputs": OUTPUTS,
    "lock_timeout": 0,
}
TERRAFORMS_LOCK = {
    "ID": "9b76d0d7-ed29-af14-64bb-53d296c60eb7",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "kim@laptop",
    "Version": "1.11.4",
    "Created": "2026-11-22T07:45:09.049827482Z",
    "Path": f"{BUCKET}/{KEY}",
}


@pytest.fixture(scope="module")
def emulator():
    with Emulator.start() as running:
        yield running


@pytest.fixture
def account(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        yield emulator


def run(account, check=False, **options):
    return run_module("terraform_state_outputs", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def fails(account, **options):
    with pytest.raises(ModuleFailed) as failure:
        run(account, **options)
    return failure.value.result


def body(account, key=KEY, bucket=BUCKET):
    return account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def state(account, key=KEY):
    return json.loads(body(account, key))


def item(account, lock_id):
    found = account.client("dynamodb").get_item(TableName=TABLE, Key={"LockID": {"S": lock_id}}).get("Item")
    return {name: value["S"] for name, value in found.items()} if found else None


def digest(account, key=KEY):
    found = item(account, f"{BUCKET}/{key}-md5")
    return found and found["Digest"]


def md5(data):
    return hashlib.md5(data).hexdigest()


def keys(account, bucket=BUCKET):
    return [entry["Key"] for entry in account.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def kinds(result):
    return [(action["action"], action["type"]) for action in result["actions"]]


def plant_lock(account):
    entry = {"LockID": {"S": f"{BUCKET}/{KEY}"}, "Info": {"S": json.dumps(TERRAFORMS_LOCK)}}
    account.client("dynamodb").put_item(TableName=TABLE, Item=entry)


def plant_state(account, key=KEY, **changes):
    """A state as a Terraform project leaves it, with its digest."""
    data = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 41,
        "lineage": "11111111-2222-3333-4444-555555555555",
        "outputs": {"vpc_id": {"value": "vpc-1", "type": "string"}},
        "resources": [{"mode": "managed", "type": "aws_vpc", "name": "main", "instances": []}],
        "check_results": None,
    }
    text = json.dumps({**data, **changes}).encode()
    account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text)
    account.client("dynamodb").put_item(TableName=TABLE, Item={"LockID": {"S": f"{BUCKET}/{key}-md5"}, "Digest": {"S": md5(text)}})
    return text


def make_backend(account):
    """The backend as another tool made it: without our tags."""
    account.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": account.region})
    account.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
    )


def test_story(account):
    planned = run(account, check=True)
    assert kinds(planned) == [("create", "s3_bucket"), ("create", "dynamodb_table"), ("create", "terraform_state")]
    assert account.proxy.writes() == []
    assert planned["diff"][2]["after"] == {"outputs": OUTPUTS}

    made = run(account)
    assert kinds(made) == kinds(planned)
    first = state(account)
    assert first["outputs"]["private_subnet_ids"] == {"value": ["subnet-a", "subnet-b"], "type": ["list", "string"]}
    assert (first["version"], first["serial"], first["resources"]) == (4, 1, [])
    assert digest(account) == md5(body(account))
    facts = made["resources"]["terraform_state"][KEY]
    assert (facts["serial"], facts["lineage"], facts["md5"], facts["digest"]) == (1, first["lineage"], digest(account), digest(account))
    assert keys(account) == [KEY]
    assert item(account, f"{BUCKET}/{KEY}") is None, "the lock is released"

    before = body(account)
    account.proxy.clear()
    assert not run(account)["changed"]
    assert account.proxy.writes() == []
    assert account.proxy.count("s3", "GetObject") == account.proxy.count("dynamodb", "GetItem") == 1
    assert len(account.proxy.calls) <= 10
    assert body(account) == before

    account.proxy.clear()
    changed = run(account, outputs={**OUTPUTS, "note": "second", "more": 1})
    assert changed["diff"][0]["before"] == {"outputs.more": None, "outputs.note": "first", "digest": md5(before)}
    second = state(account)
    assert (second["serial"], second["lineage"]) == (2, first["lineage"])
    assert second["outputs"]["more"] == {"value": 1, "type": "number"}
    assert digest(account) == md5(body(account))
    assert [call.name for call in account.proxy.writes()] == ["dynamodb:PutItem", "s3:PutObject", "dynamodb:PutItem", "dynamodb:DeleteItem"]
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
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": account.account_id}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))
    s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    tags = [tag for tag in s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] if tag["Key"] != "Team"]
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [*tags, {"Key": "Theirs", "Value": "too"}]})

    (action,) = run(account)["actions"]
    assert action["after"] == {"versioning": "Enabled", "public_access_blocked": True, "tls_only": True, "tags.Team": "platform"}
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
    reported = [("report", "s3_bucket"), ("report", "dynamodb_table")] if manage_backend else []
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
        account.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": account.region})
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
    assert (action["action"], action["before"], action["after"]) == ("update", {"digest": wrong}, {"digest": md5(before)})
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
    run(account, outputs={"vpc_id": "vpc-2", "private_subnet_ids": "subnet-a"}, allow_changes=["vpc_id", "private_subnet_ids", "note"])
    assert state(account)["serial"] == 2


def test_placeholders_are_planned_and_never_published(account):
    unknown = {**OUTPUTS, "vpc_id": "vpc-known-after-apply.main"}
    assert run(account, check=True, outputs=unknown)["changed"]
    assert "known only after the apply" in fails(account, outputs=unknown)["msg"]
    assert account.proxy.writes() == []


@pytest.mark.parametrize("changes", [{}, {"resources": [], "version": 3}, {"resources": [], "version": 5}, {"resources": [], "lineage": ""}])
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


@pytest.mark.parametrize("options", [{}, {"state": "absent"}])
def test_a_lock_of_terraform_makes_us_fail_with_who_holds_it(account, options):
    run(account)
    before = body(account)
    plant_lock(account)
    message = fails(account, **{"outputs": {**OUTPUTS, "note": "second"}, **options})["msg"]
    for part in ("kim@laptop", "2026-11-22T07:45:09", TERRAFORMS_LOCK["ID"], "unlock"):
        assert part in message
    assert body(account) == before and digest(account) == md5(before)
    assert json.loads(item(account, f"{BUCKET}/{KEY}")["Info"]) == TERRAFORMS_LOCK, "it is not ours to remove"


def test_a_lock_file_of_terraform_makes_us_fail_with_who_holds_it(account):
    run(account, use_lockfile=True)
    account.client("s3").put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=json.dumps(TERRAFORMS_LOCK).encode())
    assert "kim@laptop" in fails(account, use_lockfile=True, outputs={**OUTPUTS, "note": "second"})["msg"]
    assert f"{KEY}.tflock" in keys(account)
    assert item(account, f"{BUCKET}/{KEY}") is None


def test_nothing_to_write_needs_no_lock(account):
    run(account)
    plant_lock(account)
    assert not run(account)["changed"]


def test_we_wait_for_a_lock_and_compare_again_under_it(account, tmp_path):
    run(account)
    plant_lock(account)

    def somebody_else():
        """Writes a newer state while we wait, then lets go."""
        newer = {**state(account), "serial": 9}
        newer["outputs"]["added"] = {"value": "by somebody else", "type": "string"}
        account.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(newer).encode())
        account.client("dynamodb").delete_item(TableName=TABLE, Key={"LockID": {"S": f"{BUCKET}/{KEY}"}})

    timer = threading.Timer(1.5, somebody_else)
    timer.start()
    progress = tmp_path / "progress"
    message = fails(account, lock_timeout=20, progress_file=str(progress), outputs={**OUTPUTS, "note": "second"})["msg"]
    timer.join()
    assert "added" in message and "somebody else" in message
    assert "waiting for the lock" in progress.read_text()
    assert state(account)["serial"] == 9
    assert item(account, f"{BUCKET}/{KEY}") is None

    run(account, outputs={**OUTPUTS, "note": "second"}, allow_changes=["added"])
    assert state(account)["serial"] == 10


@pytest.mark.parametrize("operation", ["s3:PutObject", "dynamodb:PutItem"])
def test_the_lock_is_released_when_a_write_fails(account, operation):
    run(account)
    # The first PutItem is the lock itself.
    account.proxy.add(Fault(operation, answer_error("AccessDenied", 403), times=None, skip=operation == "dynamodb:PutItem"))
    failed = fails(account, outputs={**OUTPUTS, "note": "second"})
    assert "AccessDenied" in failed["msg"] and failed["actions"][0]["status"] == "failed"
    account.proxy.remove_faults()
    assert item(account, f"{BUCKET}/{KEY}") is None
    run(account, outputs={**OUTPUTS, "note": "second"})
    assert state(account)["serial"] == 2
    assert digest(account) == md5(body(account))


@pytest.mark.parametrize("options", [{}, {"lock_table": None}])
def test_a_lost_answer_to_the_lock_does_not_lock_us_out(account, options):
    run(account, **options)
    wanted = match("dynamodb", "PutItem") if not options else match("s3", "PutObject", where=lambda call: "tflock" in call.path)
    account.proxy.add(Fault(wanted, drop_answer(), times=1))
    assert run(account, outputs={**OUTPUTS, "note": "second"}, **options)["changed"]
    assert state(account)["serial"] == 2
    assert [key for key in keys(account) if key != KEY] == []


def test_a_lock_that_cannot_be_released_is_said_with_the_way_out(account):
    run(account)
    account.proxy.add(Fault("dynamodb:DeleteItem", answer_error("AccessDeniedException", 400), times=None))
    message = fails(account, outputs={**OUTPUTS, "note": "second"})["msg"]
    lock = json.loads(item(account, f"{BUCKET}/{KEY}")["Info"])
    assert "could not be released" in message and lock["ID"] in message


WRITES = ["lock", "object", "digest", "unlock"]


@pytest.mark.parametrize("number", range(1, len(WRITES) + 1), ids=WRITES)
def test_a_killed_run_leaves_an_old_or_a_new_state_and_is_repaired_after_its_lock_was_cleared(account, number):
    run(account)
    old = body(account)
    wanted = {"outputs": {**OUTPUTS, "note": "second"}}
    # As after SIGKILL: this write is executed, and nothing more of the run reaches AWS, not even its clean-up.
    account.proxy.on_write(number, lambda: account.proxy.add(Fault("all", answer_error("AccessDenied", 403), times=None)))
    fails(account, **wanted)
    account.proxy.remove_faults()

    new = body(account)
    outputs = {name: output["value"] for name, output in json.loads(new)["outputs"].items()}
    assert outputs in (OUTPUTS, wanted["outputs"])
    assert (new == old) is (number == 1)
    left = item(account, f"{BUCKET}/{KEY}")
    assert (left is None) is (number == 4)
    if left and number < 3:
        lock = json.loads(left["Info"])
        message = fails(account, **wanted)["msg"]
        assert lock["ID"] in message and lock["Who"] in message and "connectly-dev" in message
    if left:
        cleared = unlock(account, lock_id=json.loads(left["Info"])["ID"])
        assert cleared["changed"]
    run(account, **wanted)
    assert state(account)["serial"] == 2
    assert digest(account) == md5(body(account))
    assert item(account, f"{BUCKET}/{KEY}") is None


def unlock(account, check=False, **options):
    parameters = {"bucket": BUCKET, "state_keys": ["another/terraform.tfstate", KEY], "lock_table": TABLE, **options}
    return run_module("terraform_state_unlock", parameters, account.proxy.endpoint_url, check=check)


def test_unlock_clears_the_named_lock_and_no_other(account):
    run(account)
    assert not unlock(account, lock_id=TERRAFORMS_LOCK["ID"])["changed"]
    plant_lock(account)
    with pytest.raises(ModuleFailed, match=r"kim@laptop.*9b76d0d7"):
        unlock(account)
    with pytest.raises(ModuleFailed, match="kim@laptop"):
        unlock(account, lock_id="00000000-0000-0000-0000-000000000000")
    planned = unlock(account, check=True, lock_id=TERRAFORMS_LOCK["ID"])
    assert planned["changed"] and item(account, f"{BUCKET}/{KEY}")
    done = unlock(account, lock_id=TERRAFORMS_LOCK["ID"])
    assert done["locks"][0]["who"] == "kim@laptop" and done["cleared"] == planned["cleared"]
    assert item(account, f"{BUCKET}/{KEY}") is None
    assert digest(account) == md5(body(account)), "the digest is no lock"


def test_unlock_clears_a_lock_file_too(account):
    run(account)
    account.client("s3").put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=json.dumps(TERRAFORMS_LOCK).encode())
    assert unlock(account, lock_table=None, lock_id=TERRAFORMS_LOCK["ID"])["changed"]
    assert keys(account) == [KEY]


def test_unlock_of_what_does_not_exist_says_so(account):
    with pytest.raises(ModuleFailed, match="Failed to clear"):
        unlock(account, lock_id="x")
