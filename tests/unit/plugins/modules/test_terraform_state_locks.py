"""Terraform's lock on a published state: waited for, named, released, left by a killed run, and cleared."""

from __future__ import annotations

import json
import threading

import pytest
from states import (
    BUCKET,
    KEY,
    OUTPUTS,
    TABLE,
    TERRAFORMS_LOCK,
    body,
    digest,
    fails,
    item,
    keys,
    md5,
    plant_lock,
    run,
    state,
)
from support.faults import Fault, answer_error, drop_answer, match
from support.module import ModuleFailed, run_module


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
    account.proxy.add(
        Fault(operation, answer_error("AccessDenied", 403), times=None, skip=operation == "dynamodb:PutItem")
    )
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
    wanted = (
        match("dynamodb", "PutItem")
        if not options
        else match("s3", "PutObject", where=lambda call: "tflock" in call.path)
    )
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
    account.proxy.on_write(
        number, lambda: account.proxy.add(Fault("all", answer_error("AccessDenied", 403), times=None))
    )
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
