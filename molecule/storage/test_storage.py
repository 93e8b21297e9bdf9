"""The buckets as AWS has them."""

from __future__ import annotations

import pytest

KEY = "<kms_key:molecule-storage-base/kms/main arn>"
KEYS = {"logs": [KEY], "alb_logs": [], "backup": [KEY], "storage": []}


@pytest.fixture(params=sorted(KEYS))
def bucket(request, of_type):
    return request.param, of_type("s3_bucket")[request.param]


def statements(data: dict) -> dict[str, dict]:
    return {
        statement["Sid"].removeprefix("SharedInfrastructure"): statement for statement in data["policy"]["Statement"]
    }


def test_names(of_type):
    found = {key: data["tags"]["Name"] for key, data in of_type("s3_bucket").items() if key in KEYS}
    assert found == {
        "logs": "molecule-storage-logs",
        "alb_logs": "molecule-storage-alb-logs",
        "backup": "molecule-storage-backup",
        "storage": "molecule-storage-application",
    }


def test_encryption(bucket):
    key, data = bucket
    (rule,) = data["encryption"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == ("aws:kms" if KEYS[key] else "AES256")
    assert data["keys"] == KEYS[key]


def test_not_public(bucket):
    block = bucket[1]["public_access_block"]
    assert block == dict.fromkeys(
        ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True
    )
    assert bucket[1]["ownership"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_only_over_tls(bucket):
    statement = statements(bucket[1])["TlsOnly"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_writes_with_another_key_are_refused(bucket):
    key, data = bucket
    if not KEYS[key]:
        assert "DenyOtherKeys" not in statements(data)
        return
    statement = statements(data)["DenyOtherKeys"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:PutObject")
    assert statement["Condition"]["StringNotEquals"] == {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY}


def test_who_delivers_logs(of_type):
    writers = {
        key: {
            principal
            for item in statements(data).values()
            if item["Effect"] == "Allow"
            for principal in item["Principal"].values()
        }
        for key, data in of_type("s3_bucket").items()
    }
    assert "delivery.logs.amazonaws.com" in writers["logs"]
    assert writers["alb_logs"] == {"logdelivery.elasticloadbalancing.amazonaws.com", "arn:aws:iam::600734575887:root"}
    assert writers["backup"] == writers["storage"] == set()


def test_versioning(of_type):
    versioned = {key for key, data in of_type("s3_bucket").items() if data["versioning"] == "Enabled"}
    assert versioned == {"backup", "storage"}


def test_lifecycle(bucket):
    key, data = bucket
    days = {"logs": 30, "alb_logs": 30, "backup": 60}
    assert data["expiration"].get("shared-infrastructure-retention") == days.get(key)
    uploads = [
        rule["AbortIncompleteMultipartUpload"] for rule in data["lifecycle"] if "AbortIncompleteMultipartUpload" in rule
    ]
    assert uploads == [{"DaysAfterInitiation": 7}]
    old_versions = [
        rule["NoncurrentVersionExpiration"] for rule in data["lifecycle"] if "NoncurrentVersionExpiration" in rule
    ]
    assert [rule["NoncurrentDays"] for rule in old_versions] == ([60] if key == "backup" else [])


def test_cors(of_type):
    assert {key for key, data in of_type("s3_bucket").items() if data["cors"]} == {"storage"}
    (rule,) = of_type("s3_bucket")["storage"]["cors"]
    assert (rule["AllowedOrigins"], rule["AllowedMethods"], rule["MaxAgeSeconds"]) == (
        ["https://example.com"],
        ["GET", "PUT"],
        600,
    )


def test_what_others_put_there_survived(of_type, plan):
    plan("converged")  # the side effects, which put it there, come before the second check
    logs = of_type("s3_bucket")["logs"]
    assert statements(logs)["Foreign"]["Action"] == "s3:GetObject"
    assert logs["expiration"]["foreign"] == 999
    assert logs["tags"]["Foreign"] == "yes"
