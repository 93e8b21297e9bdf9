"""The story of a key: planned, made, found again, changed, refused, given up and taken back, read through plain
boto3.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.kms import settling
from botocore.exceptions import ClientError
from support.faults import Fault, answer_error, drop_answer, match
from support.module import ModuleFailed, run_module

OPTIONS = {"deployment": "acme-dev", "alias": "acme", "tags": {"Team": "platform"}}


def run(account, check=False, **options):
    return run_module("kms_key", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def keys(account):
    kms = account.client("kms")
    described = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return [key for key in described if key["KeyManager"] == "CUSTOMER"]


def policy(account, key_id):
    return json.loads(account.client("kms").get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])


def test_story(account):
    planned = run(account, check=True)
    assert planned["changed"] and account.proxy.writes() == [] and keys(account) == []
    assert "known-after-apply" in planned["outputs"]["kms_key_arn"]

    made = run(account)
    (key,) = keys(account)
    assert made["outputs"] == {"kms_key_id": key["KeyId"], "kms_key_arn": key["Arn"]}
    assert [(item["action"], item["type"]) for item in made["actions"]] == [
        (item["action"], item["type"]) for item in planned["actions"]
    ]
    kms = account.client("kms")
    assert kms.describe_key(KeyId="alias/acme")["KeyMetadata"]["KeyId"] == key["KeyId"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]}
    assert tags == {
        "Name": "acme",
        "Team": "platform",
        "connectly:deployment": "acme-dev",
        "connectly:layer": "kms",
        "connectly:key": "main",
    }

    account.proxy.clear()
    assert not run(account)["changed"] and account.proxy.writes() == []

    changed = run(account, description="new", rotation_enabled=False, services=["logs"])
    assert changed["actions"][0]["after"].keys() == {"description", "policy", "rotation_period_days"}
    assert not kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    assert [statement["Sid"] for statement in policy(account, key["KeyId"])["Statement"]] == [
        "SharedInfrastructureAccount",
        "SharedInfrastructureCloudWatchLogs",
    ]
    assert not run(account, description="new", rotation_enabled=False, services=["logs"])["changed"]

    assert run(account, state="absent")["changed"]
    assert keys(account)[0]["KeyState"] == "PendingDeletion"
    assert not run(account, state="absent")["changed"]

    assert run(account)["outputs"]["kms_key_id"] == key["KeyId"], "a key that awaits its deletion is taken back"
    assert keys(account)[0]["KeyState"] == "Enabled"


def test_statements_of_others_stay(account):
    key_id = run(account)["outputs"]["kms_key_id"]
    document = policy(account, key_id)
    foreign = {
        "Sid": "OtherTeam",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:DescribeKey",
        "Resource": "*",
    }
    document["Statement"].append(foreign)
    account.client("kms").put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(document))
    result = run(account)
    assert not result["changed"]
    (report,) = result["actions"]
    assert report["action"] == "report" and report["key"] == f"{key_id}: policy statement OtherTeam"
    run(account, services=["logs"])
    assert foreign in policy(account, key_id)["Statement"]


@pytest.mark.parametrize("rotation", [True, False])
def test_a_key_that_awaits_its_deletion_is_taken_back_before_it_is_tagged(account, rotation):
    """moto takes every change of such a key; AWS refuses all but the two that take it back."""
    key_id = run(account)["outputs"]["kms_key_id"]
    document = policy(account, key_id)
    foreign = {
        "Sid": "OtherTeam",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "kms:DescribeKey",
        "Resource": "*",
    }
    document["Statement"].append(foreign)
    account.client("kms").put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(document))
    run(account, state="absent")

    def refused(call):
        return (
            call.write and call.operation != "CancelKeyDeletion" and keys(account)[0]["KeyState"] == "PendingDeletion"
        )

    refusal = account.proxy.add(
        Fault(match("kms", where=refused), answer_error("KMSInvalidStateException"), times=None)
    )
    # botocore's own retry of a call whose answer got lost.
    account.proxy.add(Fault("kms:CancelKeyDeletion", answer_error("KMSInvalidStateException", executed=True)))
    changed = {"tags": {"Team": "other"}, "services": ["logs"], "rotation_enabled": rotation}
    assert run(account, **changed)["outputs"]["kms_key_id"] == key_id
    assert refusal.hits == 0 and keys(account)[0]["KeyState"] == "Enabled"
    assert foreign in policy(account, key_id)["Statement"], "what others added stays"
    kms = account.client("kms")
    assert {"TagKey": "Team", "TagValue": "other"} in kms.list_resource_tags(KeyId=key_id)["Tags"]
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is rotation
    assert not run(account, **changed)["changed"]


def test_a_lost_answer_makes_no_second_key(account):
    account.proxy.add(Fault(match("kms", "CreateKey"), drop_answer()))
    run(account)
    assert len(keys(account)) == 1


def test_a_new_key_that_kms_does_not_know_everywhere_yet_is_waited_for(account):
    def of_a_key(call):
        return not call.params["KeyId"].startswith("alias/")

    faults = [
        Fault(match("kms", "DescribeKey", where=of_a_key), answer_error("NotFoundException")),
        *(
            Fault(f"kms:{name}", answer_error("NotFoundException"))
            for name in ("GetKeyPolicy", "GetKeyRotationStatus", "EnableKeyRotation", "CreateAlias")
        ),
    ]
    account.proxy.add(*faults)
    made = run(account)["outputs"]["kms_key_id"]
    assert all(fault.hits == 1 for fault in faults)
    assert [key["KeyId"] for key in keys(account)] == [made] and not run(account)["changed"]


def test_a_new_key_whose_tags_do_not_count_yet_is_waited_for(account):
    """AWS: "up to five minutes for tag and alias changes to affect KMS key authorization", and
    docs/policies/kms.json goes by the tag.
    """
    faults = [
        Fault(f"kms:{name}", answer_error("AccessDeniedException")) for name in ("EnableKeyRotation", "CreateAlias")
    ]
    account.proxy.add(*faults)
    made = run(account)["outputs"]["kms_key_id"]
    assert all(fault.hits == 1 for fault in faults)
    assert [key["KeyId"] for key in keys(account)] == [made] and not run(account)["changed"]


def test_what_is_not_allowed_on_an_old_key_is_said_at_once(account, monkeypatch):
    key_id = run(account)["outputs"]["kms_key_id"]
    refusal = account.proxy.add(Fault("kms:UpdateKeyDescription", answer_error("AccessDeniedException"), times=None))
    monkeypatch.setattr(settling, "_age", lambda kms, key_id: settling.TAGS_COUNT_SECONDS)
    kms = account.client("kms", account.proxy.endpoint_url)
    with pytest.raises(ClientError, match="AccessDenied"):
        settling.permitted(kms, key_id, kms.update_key_description, KeyId=key_id, Description="new")
    assert refusal.hits == 1


def test_a_run_killed_before_the_alias_makes_no_second_key(account):
    run(account)
    account.client("kms").delete_alias(AliasName="alias/acme")
    result = run(account)
    assert [item["type"] for item in result["actions"]] == ["kms_alias"] and len(keys(account)) == 1


def test_an_alias_of_somebody_else_is_refused(account):
    kms = account.client("kms")
    kms.create_alias(AliasName="alias/acme", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    account.proxy.clear()
    with pytest.raises(ModuleFailed, match=r"kms_alias main .alias/acme.: exists and points to key .* not taken over"):
        run(account)
    assert account.proxy.writes() == []


def test_two_deployments_do_not_see_each_other(account):
    first = run(account)["outputs"]
    second = run(account, deployment="acme-prod", alias="acme-prod")["outputs"]
    assert first != second and not run(account)["changed"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alias": "alias/acme"}, "leave out the prefix alias/"),
        ({"rotation_period_days": 30}, "rotation_period_days is 30; allowed are 90 to 2560"),
        ({"deletion_window_days": 3}, "allowed are 7 to 30"),
        (
            {
                "policy": {
                    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]
                }
            },
            "locked out",
        ),
        ({"tags": {"aws:x": "1"}}, "reserved"),
        ({"tags": {"connectly:key": "1"}}, "reserved"),
    ],
)
def test_bad_input_is_one_line_and_asks_nothing(account, options, message):
    with pytest.raises(ModuleFailed, match=message):
        run(account, **options)
    assert account.proxy.calls == []


def test_a_policy_with_the_root_of_another_account_is_refused(account):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    with pytest.raises(ModuleFailed, match="would lock everybody out"):
        run(account, policy={"Version": "2012-10-17", "Statement": [statement]})
    assert account.proxy.writes() == []


def test_what_consumers_hold_is_not_taken_away(account):
    held = {"kms_key_id": "another-key", "kms_key_arn": "arn:aws:kms:ap-northeast-2:123456789012:key/another-key"}
    with pytest.raises(ModuleFailed, match="consumers hold the value of output kms_key_id; name it in allow_changes"):
        run(account, published_outputs=held)
    assert account.proxy.writes() == []
    made = run(account, published_outputs=held, allow_changes=["kms_key_id", "kms_key_arn"])["outputs"]
    with pytest.raises(ModuleFailed, match="output kms_key_id is published and would disappear"):
        run(account, published_outputs=made, state="absent")
    assert keys(account)[0]["KeyState"] == "Enabled"
    assert not run(account, published_outputs=made)["changed"]
