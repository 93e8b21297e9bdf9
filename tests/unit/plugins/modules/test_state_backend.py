"""Where the backend of a published state is and whose: found, compared with what is said, and refused by name before
the first write.
"""

from __future__ import annotations

import json
from functools import partial

import pytest
from states import (
    BUCKET,
    KEY,
    OUTPUTS,
    TABLE,
    TERRAFORMS_LOCK,
    body,
    fails,
    make_backend,
    make_bucket,
    make_table,
    md5,
    run,
)
from support.faults import Fault, answer_elsewhere, answer_error, match
from support.module import ModuleFailed, run_module

ELSEWHERE, STATES_ACCOUNT, STRANGER = "us-east-1", "111122223333", "999988887777"
GUARD = {"deployment": "connectly-dev", "ssm_prefix": "/connectly-shared/dev"}
BACKEND = {"bucket": BUCKET, "lock_table": TABLE, "keys": [KEY]}


def guard(account, **changes):
    return run_module(
        "deployment_guard", {**GUARD, "state_backend": {**BACKEND, **changes}}, account.proxy.endpoint_url
    )


def unlock(account, **options):
    return run_module(
        "terraform_state_unlock",
        {"bucket": BUCKET, "state_keys": [KEY], "lock_table": TABLE, **options},
        account.proxy.endpoint_url,
    )


ALL_USERS = {
    "publish": run,
    "plan": partial(run, check=True),
    "publish without managing": partial(run, manage_backend=False),
    "remove": partial(run, state="absent"),
    "unlock": partial(unlock, lock_id=TERRAFORMS_LOCK["ID"]),
    "guard": guard,
}
all_users = pytest.mark.parametrize("use", ALL_USERS.values(), ids=ALL_USERS)


def redirect(account, region=ELSEWHERE):
    """What S3 answers to whoever asks in another region than the bucket's; moto answers as if every bucket were
    everywhere.
    """
    account.proxy.add(
        Fault(
            match("s3", "*", where=lambda call: call.region != region and "Bucket" in call.params),
            answer_elsewhere(region),
            times=None,
        )
    )


def tables(account, region):
    return account.client("dynamodb", region=region).list_tables()["TableNames"]


def digest_in(account, region):
    item = (
        account.client("dynamodb", region=region)
        .get_item(TableName=TABLE, Key={"LockID": {"S": f"{BUCKET}/{KEY}-md5"}})
        .get("Item")
    )
    return item and item["Digest"]["S"]


# Whose it is ------------------------------------------------------------------------------------------------------


@all_users
def test_a_bucket_of_another_account_is_refused_by_name(account, use):
    stranger = account.client_of(STRANGER, "s3")
    make_bucket(stranger)
    with pytest.raises(ModuleFailed) as failure:
        use(account)
    message = str(failure.value)
    assert (
        f"'{BUCKET}', which belongs to another account than {account.account_id}" in message
        and "bucket_owner" in message
    )
    assert account.proxy.writes() == []
    assert "Contents" not in stranger.list_objects_v2(Bucket=BUCKET)


@all_users
def test_a_bucket_that_may_not_be_read_is_refused_by_name(account, use):
    make_backend(account)
    account.proxy.add(Fault("s3:HeadBucket", answer_elsewhere(ELSEWHERE, status=403), times=None))
    with pytest.raises(
        ModuleFailed,
        match=rf"'{BUCKET}', which belongs .* or may not be read .*s3:ListBucket\) \(it is in {ELSEWHERE}\)",
    ):
        use(account)
    assert account.proxy.writes() == []


def test_the_bucket_of_an_organisations_state_account_is_used_as_it_is(account):
    theirs = account.client_of(STATES_ACCOUNT, "s3")
    make_bucket(theirs)
    make_table(account.client("dynamodb"))
    result = run(account, bucket_owner=STATES_ACCOUNT)
    assert [action["type"] for action in result["actions"] if action["action"] != "report"] == ["terraform_state"]
    assert account.proxy.select("s3:PutBucket*") == []
    state = theirs.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    assert digest_in(account, account.region) == md5(state)
    assert {call.expected_owner for call in account.proxy.calls if call.service == "s3"} == {STATES_ACCOUNT}
    assert not run(account, bucket_owner=STATES_ACCOUNT)["changed"]
    assert guard(account, bucket_owner=STATES_ACCOUNT)["state_backend"]["owner"] == STATES_ACCOUNT


@all_users
def test_a_bucket_of_another_account_than_the_named_one_is_refused(account, use):
    make_backend(account)
    with pytest.raises(ModuleFailed, match=f"belongs to another account than {STATES_ACCOUNT}"):
        use(account, bucket_owner=STATES_ACCOUNT)
    assert account.proxy.writes() == []


def test_a_missing_bucket_is_not_made_for_another_account(account):
    with pytest.raises(ModuleFailed, match=f"does not exist.* cannot make it in account {STATES_ACCOUNT}"):
        run(account, bucket_owner=STATES_ACCOUNT)
    assert account.proxy.writes() == []


def test_every_call_to_s3_says_whose_bucket_it_means(account):
    run(account, use_lockfile=True)
    make_known = {"outputs": {**OUTPUTS, "note": "second"}, "use_lockfile": True}
    account.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    run(account, **make_known)
    unlock(account)
    run(account, state="absent")
    calls = [call for call in account.proxy.calls if call.service == "s3" and call.operation != "CreateBucket"]
    names = {call.operation for call in calls}
    assert {
        "HeadBucket",
        "GetBucketTagging",
        "PutBucketTagging",
        "GetBucketPolicy",
        "PutBucketPolicy",
        "GetObject",
        "PutObject",
        "DeleteObject",
    } <= names
    assert {call.operation for call in calls if call.expected_owner != account.account_id} == set()


def test_a_bucket_that_changed_hands_after_the_guard_looked_is_not_written(account):
    make_backend(account)
    found = guard(account)["state_backend"]
    account.client("s3").delete_bucket(Bucket=BUCKET)
    stranger = account.client_of(STRANGER, "s3")
    make_bucket(stranger)
    message = fails(account, found_backend=found)["msg"]
    assert "AccessDenied" in message and f"state bucket {BUCKET} of account {account.account_id}" in message
    assert "Contents" not in stranger.list_objects_v2(Bucket=BUCKET)


# Where it is ------------------------------------------------------------------------------------------------------


def test_a_backend_in_another_region_is_used_there(account):
    make_backend(account, ELSEWHERE)
    redirect(account)
    run(account)
    assert tables(account, account.region) == [], "no second table"
    assert digest_in(account, ELSEWHERE) == md5(body(account))
    here = [
        call.operation
        for call in account.proxy.calls
        if call.service in ("s3", "dynamodb") and call.region != ELSEWHERE
    ]
    assert here == ["HeadBucket", "DescribeTable"], "to find the bucket, and a table that release 0.1.0 may have left"
    assert not run(account)["changed"]


def test_a_region_that_is_named_is_asked_first(account):
    make_backend(account, ELSEWHERE)
    redirect(account)
    run(account, backend_region=ELSEWHERE)
    assert {call.region for call in account.proxy.calls if call.service == "s3"} == {ELSEWHERE}


def test_a_lock_table_is_made_where_the_bucket_is(account):
    make_bucket(account.client("s3", region=ELSEWHERE))
    redirect(account)
    run(account)
    assert (tables(account, ELSEWHERE), tables(account, account.region)) == ([TABLE], [])


def test_what_does_not_exist_yet_is_made_in_the_named_region(account):
    run(account, backend_region=ELSEWHERE)
    assert account.client("s3").head_bucket(Bucket=BUCKET)["BucketRegion"] == ELSEWHERE
    assert (tables(account, ELSEWHERE), tables(account, account.region)) == ([TABLE], [])
    assert not run(account, backend_region=ELSEWHERE)["changed"]


@pytest.mark.parametrize(
    ("use", "option"),
    [(run, "backend_region"), (unlock, "backend_region"), (guard, "region")],
    ids=["publish", "unlock", "guard"],
)
def test_another_region_than_the_buckets_is_refused(account, use, option):
    make_backend(account, ELSEWHERE)
    with pytest.raises(
        ModuleFailed,
        match=rf"region is 'eu-west-1', but the state bucket '{BUCKET}' is in {ELSEWHERE}; set {ELSEWHERE}",
    ):
        use(account, **{option: "eu-west-1"})
    assert account.proxy.writes() == []


def leftovers(result):
    return [text for text in map(str, result.get("warnings", [])) if TABLE in text]


def test_the_digest_in_a_table_of_the_deployments_region_is_said_to_be_a_leftover(account):
    """Release 0.1.0 made a second table in the deployment's region; the real one kept an old digest, and consumers
    failed.
    """
    make_backend(account, ELSEWHERE)
    run(account)
    make_table(account.client("dynamodb"))
    item = {"LockID": {"S": f"{BUCKET}/{KEY}-md5"}, "Digest": {"S": "0" * 32}}
    for region in (ELSEWHERE, account.region):
        account.client("dynamodb", region=region).put_item(TableName=TABLE, Item=item)
    (warning,) = leftovers(run(account, object_timeout=0))
    assert f"The table {TABLE} in {account.region} is not used" in warning and "holds a digest of this state" in warning
    assert digest_in(account, ELSEWHERE) == md5(body(account))
    assert digest_in(account, account.region) == "0" * 32


@pytest.mark.parametrize("region", ["", ELSEWHERE], ids=["here", "a table of others"])
def test_no_leftover_where_there_is_none(account, region):
    make_backend(account, region or None)
    if region:
        make_table(account.client("dynamodb"))
    assert leftovers(run(account)) == []


def test_a_lock_is_cleared_where_the_backend_is(account):
    make_backend(account, ELSEWHERE)
    item = {"LockID": {"S": f"{BUCKET}/{KEY}"}, "Info": {"S": json.dumps(TERRAFORMS_LOCK)}}
    account.client("dynamodb", region=ELSEWHERE).put_item(TableName=TABLE, Item=item)
    assert unlock(account, lock_id=TERRAFORMS_LOCK["ID"])["changed"]
    assert account.client("dynamodb", region=ELSEWHERE).scan(TableName=TABLE)["Items"] == []


# What the guard learns --------------------------------------------------------------------------------------------


def test_what_the_guard_found_is_not_asked_again(account):
    make_backend(account, ELSEWHERE)
    found = guard(account)["state_backend"]
    assert found == {"bucket": BUCKET, "region": ELSEWHERE, "owner": account.account_id, "account": account.account_id}
    run(account, found_backend=found)
    account.proxy.clear()
    run(account, found_backend=found)
    unlock(account, found_backend=found)
    assert account.proxy.count("s3", "HeadBucket") == account.proxy.count("sts", "*") == 0
    run(account, found_backend={**found, "bucket": "another"})
    assert account.proxy.count("s3", "HeadBucket") == 1


def publish_something(account):
    path = "/connectly-shared/dev/vpc/id"
    account.client("ssm").put_parameter(Name=path, Value="vpc-0a1b2c3d", Type="String")


def test_the_guard_asks_once_what_is_published_already(account):
    make_backend(account)
    publish_something(account)
    guard(account)
    assert [call.name for call in account.proxy.calls if call.service in ("s3", "dynamodb")] == ["s3:HeadBucket"]


@pytest.mark.parametrize("operation", ["s3:GetObject", "dynamodb:GetItem"])
def test_a_state_that_cannot_be_read_is_known_before_the_first_layer(account, operation):
    make_backend(account)
    account.proxy.add(Fault(operation, answer_error("AccessDenied", 403), times=None))
    says = (
        rf"shared_infrastructure_state_bucket is '{BUCKET}', whose state '{KEY}' cannot be read with "
        rf".*'{TABLE}'.*AccessDenied"
    )
    with pytest.raises(ModuleFailed, match=says):
        guard(account)


@pytest.mark.parametrize("missing", ["bucket", "table"])
def test_a_backend_that_nobody_makes_is_known_before_the_first_layer(account, missing):
    if missing == "table":
        make_bucket(account.client("s3"))
    with pytest.raises(
        ModuleFailed,
        match=(
            r"does not exist.*; create it, or set manage_backend to true \(shared_infrastructure_state_bucket, region"
        ),
    ):
        guard(account, manage_backend=False)
    assert guard(account)["state_backend"]["bucket"] == BUCKET


def test_nothing_is_looked_up_without_a_bucket(account):
    assert guard(account, bucket="")["state_backend"] == {}
    assert account.proxy.count("s3", "*") == 0
