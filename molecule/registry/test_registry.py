"""The repositories as AWS has them."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["backend", "frontend"])
def repository(request, of_type):
    return request.param, of_type("ecr_repository")[request.param]


def test_names(client, repository):
    key, data = repository
    (described,) = client("ecr").describe_repositories(repositoryNames=[f"molecule-registry/{key}"])["repositories"]
    assert described["repositoryUri"] == data["repositoryUri"]
    assert data["tags"]["Team"] == "molecule"


def test_tags_cannot_be_moved(repository):
    assert repository[1]["imageTagMutability"] == "IMMUTABLE"


def test_images_are_scanned(repository):
    assert repository[1]["imageScanningConfiguration"] == {"scanOnPush": True}


def test_images_are_encrypted(repository):
    assert repository[1]["encryptionConfiguration"]["encryptionType"] == "AES256"


def test_old_images_expire(repository):
    rules = {rule["selection"]["tagStatus"]: rule for rule in repository[1]["lifecycle"]["rules"]}
    assert rules["untagged"]["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 1,
    }
    assert rules["any"]["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30}
    # A lower priority number is looked at first; "any" must come last.
    assert rules["untagged"]["rulePriority"] < rules["any"]["rulePriority"]
    assert {rule["action"]["type"] for rule in rules.values()} == {"expire"}


def test_nobody_else_pulls(repository):
    """The statement of somebody else, which foreign.py puts there, lets nobody pull."""
    policy = repository[1]["policy"] or {"Statement": []}
    assert {statement["Action"] for statement in policy["Statement"]} <= {"ecr:DescribeImages"}
