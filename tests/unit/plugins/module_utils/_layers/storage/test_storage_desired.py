"""What a bucket's settings become in S3's own terms, and when two forms of a rule are the same."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws import policies
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.storage.desired import (
    resources,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.s3 import rules
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.s3.bucket import BucketAdapter

KEY_ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def bucket(region="ap-northeast-2", partition="aws", **settings):
    params = {
        "region": region,
        "account_id": None,
        "kms_key_arn": KEY_ARN,
        "buckets": [{"key": "a", "name": "acme", **settings}],
    }
    account = SimpleNamespace(partition=partition, account_id="123456789012")
    (resource,) = resources(params, {"Team": "platform", "Name": "team"}, account)
    return resource


def sids(**settings):
    return [statement["Sid"].removeprefix(policies.SID_PREFIX) for statement in bucket(**settings).properties["policy"]]


def rule_ids(**settings):
    return {rule["ID"].removeprefix(rules.ID_PREFIX): rule for rule in bucket(**settings).properties["lifecycle_rules"]}


def test_tags_of_the_bucket_win_over_those_of_the_deployment():
    assert bucket(tags={"Team": "data"}).tags == {"Name": "team", "Team": "data"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["TlsOnly", "DenyOtherEncryption", "DenyOtherKeys", "DenyCustomerKeys"]),
        ({"tls_only": False, "deny_other_keys": False}, []),
        ({"encryption": "AES256"}, ["TlsOnly"]),
        ({"encryption": "AES256", "purpose": "logs"}, ["TlsOnly", "LogDeliveryWrite", "LogDeliveryCheck"]),
        ({"purpose": "alb_logs"}, ["TlsOnly", "AlbLogDelivery", "AlbLogDeliveryAccount"]),
        ({"purpose": "alb_logs", "region": "ap-southeast-4"}, ["TlsOnly", "AlbLogDelivery"]),
        (
            {"encryption": "AES256", "policy_statements": [{"Sid": "Read"}, {"Sid": "SharedInfrastructureWrite"}]},
            ["TlsOnly", "Read", "Write"],
        ),
    ],
)
def test_statements(settings, expected):
    assert sids(**settings) == expected


def test_policies_of_other_partitions_name_them():
    assert "arn:aws-cn:s3:::acme" in str(bucket(partition="aws-cn", region="cn-north-1").properties["policy"])
    assert "arn:aws:" not in str(
        bucket(partition="aws-cn", region="cn-north-1", purpose="alb_logs").properties["policy"]
    )


def test_retention():
    assert list(rule_ids()) == ["incomplete-uploads"]
    assert list(rule_ids(abort_incomplete_multipart_upload_days=0)) == []
    assert rule_ids(retention_days=30)["retention"]["Expiration"] == {"Days": 30}
    assert "NoncurrentVersionExpiration" not in rule_ids(retention_days=30)["retention"]
    assert rule_ids(retention_days=30, versioning=True)["retention"]["NoncurrentVersionExpiration"] == {
        "NoncurrentDays": 30
    }
    only_old = rule_ids(noncurrent_retention_days=7, versioning=True)["retention"]
    assert only_old["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7} and "Expiration" not in only_old


def test_defaults_by_purpose():
    assert bucket().properties["encryption"] == {
        "algorithm": "aws:kms",
        "kms_key_arn": KEY_ARN,
        "bucket_key_enabled": True,
    }
    assert bucket(purpose="alb_logs").properties["encryption"] == {
        "algorithm": "AES256",
        "kms_key_arn": None,
        "bucket_key_enabled": False,
    }
    assert bucket(purpose="backup").properties["versioning"] and not bucket().properties["versioning"]
    assert bucket(public_access_block={"block_public_policy": False}).properties["public_access_block"] == {
        "block_public_acls": True,
        "ignore_public_acls": True,
        "block_public_policy": False,
        "restrict_public_buckets": True,
    }


def test_forms_in_which_s3_returns_the_same_rule():
    wanted = rule_ids(retention_days=30)["retention"]
    old_form = {
        "ID": wanted["ID"],
        "Status": "Enabled",
        "Prefix": "",
        "Expiration": {"Days": 30, "ExpiredObjectDeleteMarker": False},
        "Transitions": [],
    }
    assert rules.normal_lifecycle_rule(old_form) == wanted
    assert rules.normal_lifecycle_rule({**old_form, "Prefix": "tmp/"}) != wanted
    assert rules.normal_lifecycle_rule({**wanted, "Filter": {"Tag": {"Key": "a", "Value": "b"}}}) != wanted


def test_equal_settings():
    adapter = BucketAdapter(Clients(lambda service, config: None), Scope("acme-dev", "storage"))
    kms = {"algorithm": "aws:kms", "kms_key_arn": KEY_ARN, "bucket_key_enabled": True}
    assert adapter.equal("encryption", {**kms, "kms_key_arn": KEY_ARN.rpartition("/")[2]}, kms)
    assert not adapter.equal("encryption", {**kms, "kms_key_arn": None}, kms)
    assert not adapter.equal("encryption", {**kms, "bucket_key_enabled": False}, kms)
    wanted = bucket().properties["policy"]
    assert adapter.equal(
        "policy", [{**statement, "Action": [statement["Action"]]} for statement in reversed(wanted)], wanted
    )
    assert (
        not adapter.equal("policy", wanted[1:], wanted)
        and not adapter.equal("policy", [], wanted)
        and adapter.equal("policy", [], [])
    )
