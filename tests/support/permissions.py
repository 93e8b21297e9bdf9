"""From AWS calls to the IAM actions that they need, and whether a policy document allows them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

PREFIXES = {"resourcegroupstaggingapi": "tag"}

# Calls whose action has another name than the operation.
ACTIONS = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:DeleteBucketCors": "s3:PutBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
# GetCallerIdentity needs no permission.
FREE = {"sts:GetCallerIdentity"}


def action(service: str, operation: str) -> str:
    """The IAM action of a call, empty for a call that needs none; `service` is the name of the boto3 client."""
    name = f"{PREFIXES.get(service, service)}:{operation}"
    return "" if name in FREE else ACTIONS.get(name, name)


class Policy:
    """What a policy document in a file allows. Conditions and denials are not looked at: see policy_judge.py."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.document = json.loads(path.read_text(encoding="utf-8"))

    @property
    def actions(self) -> set[str]:
        return {name for statement in self._allowing for name in statement["Action"]}

    @property
    def _allowing(self) -> list[dict]:
        return [statement for statement in self.document["Statement"] if statement["Effect"] == "Allow"]

    def allows(self, wanted: str, resource: str = "") -> bool:
        """Whether an action is allowed, and on this ARN where one is given."""
        return any(
            wanted.lower() in map(str.lower, statement["Action"])
            and (not resource or any(fnmatchcase(resource, pattern) for pattern in _list(statement)))
            for statement in self._allowing
        )


def _list(statement: dict) -> Iterable[str]:
    return [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
