"""What is refused before AWS is asked: one clear line each, and nothing about input that is right."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import placeholder
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.registry.checks import problems

KEY_ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
READ = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "ecr:BatchGetImage"}


def texts(repository=None, **params):
    return [problem.text() for problem in problems({"repositories": [{"name": "api", **(repository or {})}], **params})]


RIGHT = {
    "smallest": {},
    "path": {"name": "team_a/tools.x/build-1"},
    "exclusion": {"image_tag_mutability": "MUTABLE_WITH_EXCLUSION", "image_tag_mutability_exclusion_filters": ["v*.*"]},
    "own key": {"encryption_type": "KMS", "kms_key_arn": KEY_ARN},
    "KMS with ECR's key": {"encryption_type": "KMS"},
    "no lifecycle": {"untagged_days": 0, "keep_newest": 0},
    "statement": {"policy_statements": [{"Sid": "Read", **READ}]},
}


@pytest.mark.parametrize("repository", RIGHT.values(), ids=RIGHT)
def test_right_input_is_accepted(repository):
    assert texts(repository) == []


def test_settings_of_the_set_and_of_one_repository_go_together():
    exclusion = {
        "image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
        "image_tag_mutability_exclusion_filters": ["latest"],
    }
    assert texts(**exclusion) == []
    assert texts({"image_tag_mutability": "IMMUTABLE"}, **exclusion) == [], (
        "the set's filters are not this repository's"
    )
    assert (
        texts(
            {"encryption_type": "AES256"},
            encryption_type="KMS",
            kms_key_arn=placeholder("arn:aws:kms:::key/{}", "main"),
        )
        == []
    )


@pytest.mark.parametrize("name", ["Api", "api/", "/api", "a..b", "a//b", "-a", "a b", "", "a" * 257])
def test_form_of_names(name):
    assert len(texts({"name": name, "key": "api"})) == 1
    assert "the prefix and the name together have 2 to 256 lowercase" in texts({"name": name, "key": "api"})[0]


@pytest.mark.parametrize(
    ("repository", "text"),
    [
        ({"key": "a b"}, "repositories[0].key is 'a b'; a key has 1 to 128 letters"),
        ({"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION"}, "IMMUTABLE_WITH_EXCLUSION needs one to five filters"),
        (
            {"image_tag_mutability_exclusion_filters": ["latest"]},
            "filters need image_tag_mutability IMMUTABLE_WITH_EXCLUSION",
        ),
        (
            {
                "image_tag_mutability": "MUTABLE_WITH_EXCLUSION",
                "image_tag_mutability_exclusion_filters": ["a", "b", "c", "d", "e", "f"],
            },
            "at most five filters are allowed",
        ),
        (
            {"image_tag_mutability": "MUTABLE_WITH_EXCLUSION", "image_tag_mutability_exclusion_filters": ["*a*b*"]},
            "at most two *",
        ),
        ({"encryption_type": "KMS", "kms_key_arn": "alias/acme"}, "a key ARN is arn:aws:kms"),
        ({"kms_key_arn": KEY_ARN}, "a repository with encryption_type AES256 has no key"),
        ({"untagged_days": -1}, "repositories[0].untagged_days is -1; allowed are 1 and more, or 0"),
        ({"keep_newest": -1}, "allowed are 1 and more, or 0 for no such rule"),
        (
            {"pull_account_ids": ["12345"]},
            "repositories[0].pull_account_ids[0] is '12345'; an account id has 12 digits",
        ),
        ({"policy_statements": [READ]}, "a statement has Sid, Effect, Principal"),
        ({"policy_statements": [{"Sid": "a-b", **READ}]}, "a Sid has 1 to 100 letters and digits"),
        ({"policy_statements": [{"Sid": "Pull", **READ}]}, "Pull is the module's own"),
        ({"policy_statements": [{"Sid": "Read", **READ, "Effect": "deny"}]}, "allowed are Allow and Deny"),
        (
            {"policy_statements": [{"Sid": "Read", **READ, "Resource": "*"}]},
            "a repository policy is about its repository and has no Resource",
        ),
        ({"tags": {"connectly:x": "1"}}, "reserved"),
    ],
)
def test_wrong_repositories(repository, text):
    assert len(texts(repository)) == 1, texts(repository)
    assert text in texts(repository)[0]


def test_wrong_sets():
    assert texts(keep_newest=-1) == ["keep_newest is -1; allowed are 1 and more, or 0 for no such rule"], (
        "said once, where it is set"
    )
    assert texts(image_tag_mutability="IMMUTABLE_WITH_EXCLUSION") == [
        "image_tag_mutability_exclusion_filters is []; IMMUTABLE_WITH_EXCLUSION needs one to five filters"
    ]
    assert texts(pull_account_ids=["1"])[0].startswith("pull_account_ids[0] is '1'; an account id has 12 digits")
    assert any(
        "each name in repositories is used once" in text
        for text in texts(repositories=[{"name": "a", "key": "x"}, {"name": "a", "key": "y"}])
    )
    assert any(
        "each key in repositories is used once" in text
        for text in texts(repositories=[{"name": "ab"}, {"name": "cd", "key": "ab"}])
    )
    assert "prod//api" in texts(prefix="prod//")[0]
