"""What is refused before AWS is asked: one clear line each, and nothing about input that is right."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import placeholder
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.storage.checks import problems

KEY_ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READ = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::acme/*",
}


def texts(*buckets, **params):
    return [
        problem.text()
        for problem in problems(
            {
                "kms_key_arn": KEY_ARN,
                "buckets": [{"key": "a", "name": "acme", **bucket} for bucket in buckets],
                **params,
            }
        )
    ]


def moves(*transitions, **rule):
    return {
        "lifecycle_rules": [
            {"id": "move", "transitions": [{"days": days, "storage_class": name} for days, name in transitions], **rule}
        ]
    }


def web(**rule):
    return {
        "cors_rules": [{"id": "web", "allowed_methods": ["GET"], "allowed_origins": ["https://example.com"], **rule}]
    }


RIGHT = {
    "smallest": {},
    "name with dots and digits": {"name": "1.acme-2"},
    "longest name": {"name": "a" * 63},
    "ALB logs": {"purpose": "alb_logs"},
    "own key": {"kms_key_arn": KEY_ARN},
    "retention": {"retention_days": 1},
    "no clean-up": {"abort_incomplete_multipart_upload_days": 0},
    "transitions": moves((30, "STANDARD_IA"), (60, "GLACIER"), (61, "DEEP_ARCHIVE"), expiration_days=62),
    "at once": moves((0, "GLACIER")),
    "any origin": web(allowed_origins=["*"]),
    "wildcard and port": web(allowed_origins=["https://*.example.com", "http://localhost:3000"]),
    "statement": {"policy_statements": [{"Sid": "Read", **READ}]},
    "public statement with a condition": {
        "policy_statements": [{"Sid": "Read", **READ, "Principal": "*", "Condition": {"Bool": {"a": "b"}}}]
    },
    "public on purpose": {
        "policy_statements": [{"Sid": "Read", **READ, "Principal": "*"}],
        "public_access_block": {"block_public_policy": False},
    },
}


@pytest.mark.parametrize("bucket", RIGHT.values(), ids=RIGHT)
def test_right_input_is_accepted(bucket):
    assert texts(bucket) == []


def test_a_key_that_is_known_only_after_the_apply_is_accepted():
    assert texts({}, kms_key_arn=placeholder("arn:aws:kms:::key/{}", "main")) == []


@pytest.mark.parametrize("name", ["ab", "a" * 64, "Acme", "acme_dev", "-acme", "acme-", ".acme", "acme dev", ""])
def test_form_of_names(name):
    assert len(texts({"name": name})) == 1 and "a bucket name has 3 to 63 lowercase letters" in texts({"name": name})[0]


@pytest.mark.parametrize(
    ("bucket", "text"),
    [
        ({"name": "a..b"}, "buckets[0].name is 'a..b'; a bucket name has no two dots in a row"),
        ({"name": "10.0.0.1"}, "must not look like an IP address"),
        ({"name": "xn--acme"}, "S3 reserves names that start with xn--, "),
        ({"name": "acme-s3alias"}, "S3 reserves names that end with -s3alias, "),
        ({"key": "Logs"}, "buckets[0].key is 'Logs'; a key has 1 to 63 lowercase"),
        (
            {"purpose": "alb_logs", "encryption": "aws:kms"},
            "encryption is 'aws:kms'; load balancers deliver access logs only to buckets with SSE-S3",
        ),
        ({"encryption": "AES256", "kms_key_arn": KEY_ARN}, "a bucket with encryption AES256 has no key"),
        (
            {"kms_key_arn": "alias/acme"},
            "buckets[0].kms_key_arn is 'alias/acme'; a key ARN is arn:aws:kms:<region>:<account>:key/<id>",
        ),
        ({"retention_days": 0}, "buckets[0].retention_days is 0; allowed are 1 and more days"),
        ({"noncurrent_retention_days": -1}, "allowed are 1 and more days"),
        ({"abort_incomplete_multipart_upload_days": -1}, "or 0 for no clean-up"),
        ({"lifecycle_rules": [{"id": "empty"}]}, "a lifecycle rule does something: give one of expiration_days"),
        (
            {"lifecycle_rules": [{"id": "retention", "expiration_days": 1}]},
            "retention and incomplete-uploads are the module's own",
        ),
        ({"lifecycle_rules": [{"id": "a b", "expiration_days": 1}]}, "an id has 1 to 200 letters"),
        (
            {"lifecycle_rules": [{"id": "a", "expiration_days": 0, "noncurrent_expiration_days": 1}]},
            "lifecycle_rules[0].expiration_days is 0; allowed",
        ),
        (
            {"lifecycle_rules": [{"id": "a", "expiration_days": 1, "prefix": "x" * 1025}]},
            "a prefix has at most 1024 bytes",
        ),
        (
            moves((29, "STANDARD_IA")),
            "transitions[0].days is 29; objects move to STANDARD_IA after 30 days at the earliest",
        ),
        (
            moves((30, "STANDARD_IA"), (59, "GLACIER")),
            "transitions[1].days is 59; objects stay in STANDARD_IA until day 60 at the earliest",
        ),
        (
            moves((10, "GLACIER"), (90, "STANDARD_IA")),
            "objects move only in this order: STANDARD_IA, INTELLIGENT_TIERING",
        ),
        (moves((30, "GLACIER"), (30, "DEEP_ARCHIVE")), "objects stay in GLACIER until day 31"),
        (moves((30, "GLACIER"), expiration_days=30), "objects must move before expiration_days (30)"),
        (web(allowed_methods=[]), "give at least one of GET"),
        (web(allowed_origins=[]), "give at least one origin"),
        (web(allowed_origins=["example.com"]), "an origin is * or scheme://host without a path"),
        (web(allowed_origins=["https://example.com/"]), "an origin is * or scheme://host without a path"),
        (web(allowed_origins=["https://*.*.com"]), "with at most one *"),
        (web(allowed_headers=["x-*-*"]), "a header has at most one *"),
        (web(max_age_seconds=-1), "allowed are 0 and more seconds"),
        ({"policy_statements": [READ]}, "a statement has Sid, Effect, Principal"),
        ({"policy_statements": [{"Sid": "a b", **READ}]}, "a Sid has 1 to 100 letters and digits"),
        ({"policy_statements": [{"Sid": "Read", **READ, "Effect": "allow"}]}, "allowed are Allow and Deny"),
        (
            {"policy_statements": [{"Sid": "Read", **READ, "Resource": ["arn:aws:s3:::other/*"]}]},
            "S3 takes arn:aws:s3:::acme and what is below it",
        ),
        ({"policy_statements": [{"Sid": "Read", **READ, "Principal": "*"}]}, "makes the bucket public"),
        ({"policy_statements": [{"Sid": "TlsOnly", **READ}]}, "a statement that the module makes has this Sid"),
        ({"policy_statements": [{"Sid": "Read", **READ}] * 2}, "each Sid of a policy is used once"),
        (
            {"policy_statements": [{"Sid": f"Read{number}", **READ} for number in range(200)]},
            "a bucket policy has at most 20480 bytes",
        ),
        ({"tags": {"aws:x": "1"}}, "buckets[0].tags.aws:x is 'aws:x'; the prefixes aws: and connectly: are reserved"),
    ],
)
def test_wrong_buckets(bucket, text):
    assert len(texts(bucket)) == 1, texts(bucket)
    assert text in texts(bucket)[0]


def test_wrong_sets():
    assert any("each key in buckets is used once" in text for text in texts({}, {"name": "other"}))
    assert any("each name in buckets is used once" in text for text in texts({}, {"key": "b"}))
    assert "encryption aws:kms needs a key: set it here or in kms_key_arn" in texts({}, kms_key_arn=None)[0]
    assert "a key ARN is" in texts(kms_key_arn="1234abcd-12ab-34cd-56ef-1234567890ab")[0]
    assert "an account id has 12 digits" in texts(account_id="12345")[0]
    assert "the prefixes aws: and acme: are reserved" in texts(tags={"acme:x": "1"}, identity_tag_prefix="acme:")[0]
    many = {f"t{number}": "1" for number in range(40)}
    assert "45 beside the identity tags" in texts({"tags": {f"u{number}": "1" for number in range(10)}}, tags=many)[0]
