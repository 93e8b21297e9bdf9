"""The first runs in a fresh account: a lock table that is still being made, and S3 that shows a new state late."""

from __future__ import annotations

import json
from email.utils import formatdate

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
    make_backend,
    md5,
    plant_state,
    run,
    state,
)
from support.answers import Answer
from support.faults import Fault, answer_error, answer_with, match
from support.faults import call as calling

# DynamoDB, API reference: "CREATING - The table is being created"; until it is ACTIVE, no item and no tag can be read
# or written (ListTagsOfResource: cloud-custodian#3514, TagResource: cortex#1369, PutItem: "ResourceNotFoundException
# ... might not be ACTIVE").
NOT_ACTIVE = answer_error("ResourceNotFoundException", message="Requested resource not found")
IN_USE = answer_error(
    "ResourceInUseException",
    message=f"Attempt to change a resource which is still in use: Table is being deleted: {TABLE}",
)
# S3 user guide, "Enabling versioning on buckets": for up to 15 minutes, GET requests for new objects may answer 404
# NoSuchKey.
NO_SUCH_KEY = answer_error("NoSuchKey", 404, "The specified key does not exist.")
MORE = {**OUTPUTS, "note": "second"}


def table_in(status, account, wrapped="Table"):
    described = {
        "TableName": TABLE,
        "TableArn": f"arn:aws:dynamodb:{account.region}:{account.account_id}:table/{TABLE}",
        "TableStatus": status,
        "KeySchema": [{"AttributeName": "LockID", "KeyType": "HASH"}],
    }
    headers = {"Content-Type": "application/x-amz-json-1.0"}
    return answer_with(Answer(200, json.dumps({wrapped: described}).encode(), headers), executed=True)


def reads_of_the_state(key=KEY):
    return match("s3", "GetObject", where=lambda call: call.path.split("?")[0].endswith(key))


def older(content):
    """S3 answers with an object as it was before."""
    headers = {
        "ETag": f'"{md5(content)}"',
        "x-amz-meta-deployment": "connectly-dev",
        "Last-Modified": formatdate(usegmt=True),
    }
    return answer_with(Answer(200, content, headers))


def tables(account):
    return account.client("dynamodb").list_tables()["TableNames"]


def history(account, key=KEY):
    found = state(account, key)
    return found["serial"], found["lineage"]


# The lock table ---------------------------------------------------------------------------------------------------


def test_the_first_run_waits_for_its_lock_table_to_become_active(account):
    account.proxy.add(
        Fault("dynamodb:CreateTable", table_in("CREATING", account, "TableDescription")),
        Fault("dynamodb:DescribeTable", table_in("CREATING", account), times=2, skip=1),
        Fault("dynamodb:ListTagsOfResource", NOT_ACTIVE, times=2),
        # DescribeTable is eventually consistent: what it calls active may be unknown for a moment.
        Fault("dynamodb:PutItem", NOT_ACTIVE, times=1),
    )
    made = run(account)
    assert made["changed"] and state(account)["serial"] == 1 and digest(account) == md5(body(account))
    account.proxy.remove_faults()
    assert not run(account)["changed"]
    assert tables(account) == [TABLE] and keys(account) == [KEY]


def test_a_table_that_a_killed_run_left_in_creating_is_waited_for(account):
    run(account)
    before = history(account)
    account.proxy.add(
        Fault("dynamodb:DescribeTable", table_in("CREATING", account), times=2),
        Fault("dynamodb:ListTagsOfResource", NOT_ACTIVE, times=2),
        Fault("dynamodb:TagResource", NOT_ACTIVE, times=None),
    )
    assert run(account, outputs=MORE)["changed"]
    account.proxy.remove_faults()
    assert history(account) == (2, before[1]) and tables(account) == [TABLE]
    assert not run(account, outputs=MORE)["changed"]


def test_a_table_that_is_being_deleted_makes_room_for_the_new_one(account):
    account.proxy.add(
        Fault("dynamodb:DescribeTable", table_in("DELETING", account), times=2),
        Fault("dynamodb:ListTagsOfResource", NOT_ACTIVE, times=1),
        Fault("dynamodb:CreateTable", IN_USE, times=1),
    )
    assert run(account)["changed"]
    assert tables(account) == [TABLE] and digest(account) == md5(body(account))


def test_tags_of_a_table_that_is_busy_are_set_when_it_takes_them(account):
    run(account)
    fault = account.proxy.add(Fault("dynamodb:TagResource", answer_error("ResourceInUseException"), times=1))
    assert run(account, tags={"Team": "another"})["changed"] and fault.hits == 1
    assert not run(account, tags={"Team": "another"})["changed"]


def test_a_state_is_not_taken_for_removed_when_there_is_no_table_for_its_lock(account, monkeypatch):
    run(account)
    account.client("dynamodb").delete_table(TableName=TABLE)
    locks = (
        "ansible_collections.connectly.shared_infrastructure.plugins.module_utils"
        "._publishing.terraform_state.locks.when_visible"
    )
    monkeypatch.setattr(locks, lambda call: call(), raising=False)
    assert f"The lock table {TABLE} does not exist" in fails(account, state="absent")["msg"]
    assert keys(account) == [KEY]


# An object that S3 does not show ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [KEY, "connectly-shared/prod/terraform.tfstate"], ids=["key", "extra_key"])
def test_a_state_whose_digest_is_there_is_waited_for_and_continued(account, tmp_path, key):
    extra = {"extra_keys": ["connectly-shared/prod/terraform.tfstate"]}
    run(account, **extra)
    before, progress = history(account, key), tmp_path / "progress"
    account.proxy.add(Fault(reads_of_the_state(key), NO_SUCH_KEY, times=2))
    assert run(account, outputs=MORE, progress_file=str(progress), **extra)["changed"]
    assert history(account, key) == (2, before[1])
    assert f"waiting for S3 to show the state s3://{BUCKET}/{key}" in progress.read_text()


@pytest.mark.parametrize("check", [False, True], ids=["run", "check"])
def test_a_state_that_stays_away_is_refused_and_no_new_history_begins(account, check):
    run(account)
    before = body(account)
    account.proxy.add(Fault(reads_of_the_state(), NO_SUCH_KEY, times=None))
    account.proxy.clear()
    message = fails(account, outputs=MORE, object_timeout=0, check=check)["msg"]
    assert account.proxy.writes() == []
    for part in (
        f"s3://{BUCKET}/{KEY}",
        "another history",
        f"delete the item {BUCKET}/{KEY}-md5 of table {TABLE} first",
    ):
        assert part in message
    account.proxy.remove_faults()
    assert body(account) == before and digest(account) == md5(before)


def test_after_the_item_was_deleted_a_lost_state_begins_anew(account):
    run(account)
    lineage = history(account)[1]
    account.client("s3").delete_object(Bucket=BUCKET, Key=KEY)
    fails(account, object_timeout=0)
    account.client("dynamodb").delete_item(TableName=TABLE, Key={"LockID": {"S": f"{BUCKET}/{KEY}-md5"}})
    assert run(account)["changed"] and history(account)[0] == 1 and history(account)[1] != lineage


def test_a_killed_first_run_whose_object_shows_late_is_continued(account):
    """Killed between the object and its digest: only the list of versions tells of the object."""
    kill_at(account, "s3", "PutObject")
    fails(account)
    account.proxy.remove_faults()
    before = history(account)
    clear_lock(account)
    account.proxy.add(Fault(reads_of_the_state(), NO_SUCH_KEY, times=3))
    assert digest(account) is None and run(account, outputs=MORE)["changed"]
    assert history(account) == (2, before[1]) and digest(account) == md5(body(account))


def test_without_a_lock_table_the_versions_of_the_bucket_protect(account):
    run(account, lock_table=None)
    before = history(account)
    account.proxy.add(Fault(reads_of_the_state(), NO_SUCH_KEY, times=None))
    assert "S3 lists a newer version" in fails(account, lock_table=None, outputs=MORE, object_timeout=0)["msg"]
    account.proxy.remove_faults()
    assert history(account) == before
    account.proxy.add(Fault(reads_of_the_state(), NO_SUCH_KEY, times=3))
    assert run(account, lock_table=None, outputs=MORE)["changed"]
    assert history(account) == (2, before[1]) and keys(account) == [KEY]


def test_a_lock_file_that_s3_shows_late_is_removed_nevertheless(account):
    account.proxy.add(Fault(reads_of_the_state(".tflock"), NO_SUCH_KEY, times=None))
    run(account, lock_table=None)
    assert keys(account) == [KEY]


@pytest.mark.parametrize("options", [{}, {"lock_table": None}], ids=["lock_table", "lock_file"])
def test_what_was_removed_begins_anew_without_waiting(account, options):
    run(account, **options)
    lineage = history(account)[1]
    run(account, state="absent", **options)
    assert run(account, object_timeout=0, **options)["changed"]
    assert history(account)[0] == 1 and history(account)[1] != lineage


def test_removing_does_not_miss_a_state_of_others_that_shows_late(account):
    make_backend(account)
    account.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    before = plant_state(account)
    account.proxy.add(Fault(reads_of_the_state(), NO_SUCH_KEY, times=None))
    assert "S3 lists a newer version" in fails(account, state="absent", object_timeout=0)["msg"]
    account.proxy.remove_faults()
    assert body(account) == before and digest(account) == md5(before)


# An object as it was before ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"lock_table": None}], ids=["lock_table", "lock_file"])
def test_an_older_answer_of_s3_is_not_continued(account, options):
    run(account, **options)
    first = body(account)
    run(account, outputs=MORE, **options)
    second, third = body(account), {**OUTPUTS, "note": "third"}
    account.proxy.add(Fault(reads_of_the_state(), older(first), times=None))
    message = fails(account, outputs=third, object_timeout=0, **options)["msg"]
    assert (
        "S3 lists a newer version" if options else "it has serial 1, and the lock table has the digest of serial 2"
    ) in message
    account.proxy.remove_faults()
    assert body(account) == second
    account.proxy.add(Fault(reads_of_the_state(), older(first), times=3))
    assert run(account, outputs=third, **options)["changed"]
    assert history(account) == (3, json.loads(second)["lineage"])


def test_an_older_answer_beside_terraforms_digest_is_not_continued(account):
    make_backend(account)
    account.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    first, second = plant_state(account, resources=[]), plant_state(account, resources=[], serial=42)
    account.proxy.add(Fault(reads_of_the_state(), older(first), times=None))
    assert "S3 lists a newer version" in fails(account, object_timeout=0)["msg"]
    account.proxy.remove_faults()
    assert body(account) == second
    run(account)
    assert state(account)["serial"] == 43


def test_a_run_that_was_killed_between_object_and_digest_converges_without_waiting(account):
    run(account)
    before = history(account)
    kill_at(account, "s3", "PutObject")
    fails(account, outputs=MORE)
    account.proxy.remove_faults()
    clear_lock(account)
    assert digest(account) != md5(body(account))
    assert run(account, outputs=MORE, object_timeout=0)["changed"]
    assert history(account) == (2, before[1]) and digest(account) == md5(body(account))


def test_a_killed_run_whose_object_shows_late_repeats_no_serial(account):
    """The digest is that of the older object, which S3 shows still."""
    run(account)
    first = body(account)
    kill_at(account, "s3", "PutObject")
    fails(account, outputs=MORE)
    account.proxy.remove_faults()
    clear_lock(account)
    account.proxy.add(Fault(reads_of_the_state(), older(first), times=3))
    assert run(account, outputs={**OUTPUTS, "note": "third"})["changed"]
    assert history(account) == (3, json.loads(first)["lineage"]) and digest(account) == md5(body(account))


def test_a_state_that_goes_during_the_run_is_not_begun_anew(account):
    run(account, lock_table=None)
    lock = match("s3", "PutObject", where=lambda call: "tflock" in call.path)

    def delete():
        account.client("s3").delete_object(Bucket=BUCKET, Key=KEY)

    account.proxy.add(Fault(lock, calling(delete)))
    assert "it is gone now" in fails(account, lock_table=None, outputs=MORE)["msg"]
    assert keys(account) == []


def kill_at(account, service, operation):
    """As after SIGKILL: this write is executed, and nothing more of the run reaches AWS."""
    end = calling(
        lambda: account.proxy.add(Fault("all", answer_error("AccessDenied", 403), times=None)), "after", drop=True
    )
    account.proxy.add(Fault(match(service, operation), end))


def clear_lock(account):
    assert item(account, f"{BUCKET}/{KEY}")
    account.client("dynamodb").delete_item(TableName=TABLE, Key={"LockID": {"S": f"{BUCKET}/{KEY}"}})
