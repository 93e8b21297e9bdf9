# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading buckets:

S3 has one call for each part of a bucket's configuration, so the calls of all buckets run side by side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..._aws.errors import ClientError, error_code
from ..._aws.policies import statements_of
from ..._aws.tags import tag_dict
from . import rules

WORKERS = 8

NOT_SET = {
    "NoSuchTagSet",
    "ServerSideEncryptionConfigurationNotFoundError",
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "OwnershipControlsNotFoundError",
    "NoSuchLifecycleConfiguration",
    "NoSuchCORSConfiguration",
}
"""The error codes with which S3 says that this part was never configured."""


@dataclass
class Bucket:
    """One bucket as S3 has it; parts that were never configured are empty."""

    name: str
    tags: dict[str, str] = field(default_factory=dict)
    ownership: str | None = None
    public_access_block: dict[str, bool] = field(default_factory=dict)
    encryption_rule: dict[str, Any] = field(default_factory=dict)
    versioning_status: str | None = None
    statements: list[dict[str, Any]] = field(default_factory=list)
    lifecycle_rules: list[dict[str, Any]] = field(default_factory=list)
    lifecycle_settings: dict[str, Any] = field(default_factory=dict)
    cors_rules: list[dict[str, Any]] = field(default_factory=list)
    objects: str = ""
    """What the bucket holds, in words; only counted where the bucket is to be deleted."""

    @property
    def unconfigured(self) -> bool:
        """Whether nobody, AWS's own defaults for new buckets included, has configured anything but the ownership."""
        return not (
            self.tags
            or self.public_access_block
            or self.statements
            or self.lifecycle_rules
            or self.cors_rules
            or self.versioning_status
        )


READS: dict[str, tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "tags": ("get_bucket_tagging", lambda answer: {"tags": tag_dict(answer["TagSet"])}),
    "ownership": (
        "get_bucket_ownership_controls",
        lambda answer: {"ownership": answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"]},
    ),
    "public_access_block": (
        "get_public_access_block",
        lambda answer: {"public_access_block": dict(answer["PublicAccessBlockConfiguration"])},
    ),
    "encryption": (
        "get_bucket_encryption",
        lambda answer: {"encryption_rule": (answer["ServerSideEncryptionConfiguration"].get("Rules") or [{}])[0]},
    ),
    "versioning": ("get_bucket_versioning", lambda answer: {"versioning_status": answer.get("Status")}),
    "policy": ("get_bucket_policy", lambda answer: {"statements": statements_of(json.loads(answer["Policy"]))}),
    "lifecycle": (
        "get_bucket_lifecycle_configuration",
        lambda answer: {
            "lifecycle_rules": [rules.normal_lifecycle_rule(rule) for rule in answer["Rules"]],
            "lifecycle_settings": {
                name: answer[name] for name in ("TransitionDefaultMinimumObjectSize",) if answer.get(name)
            },
        },
    ),
    "cors": (
        "get_bucket_cors",
        lambda answer: {"cors_rules": [rules.normal_cors_rule(rule) for rule in answer["CORSRules"]]},
    ),
}
"""The parts of a bucket's configuration: the call, and what its answer says in terms of Bucket's fields."""


def read_part(s3: Any, name: str, part: str) -> dict[str, Any]:
    """The fields of Bucket that one part fills; none where the part was never configured.

    Raises ClientError otherwise.
    """
    method, fields = READS[part]
    try:
        return fields(getattr(s3, method)(Bucket=name))
    except ClientError as error:
        if error_code(error) in NOT_SET:
            return {}
        raise


def read_all(s3: Any, names: Iterable[str], parts: Iterable[str] = tuple(READS)) -> dict[str, Bucket | Exception]:
    """The buckets by name, or the error with which S3 answered."""
    jobs = [(name, part) for name in names for part in parts]

    def read(job: tuple[str, str]) -> dict[str, Any] | Exception:
        try:
            return read_part(s3, *job)
        except ClientError as error:
            return error

    buckets: dict[str, Bucket | Exception] = {}
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for (name, _part), result in zip(jobs, pool.map(read, jobs), strict=True):
            bucket = buckets.setdefault(name, Bucket(name))
            if isinstance(bucket, Exception):
                continue
            if isinstance(result, Exception):
                buckets[name] = result
            else:
                for attribute, value in result.items():
                    setattr(bucket, attribute, value)
    return buckets


def count_objects(s3: Any, name: str) -> str:
    """How many objects, old versions and delete markers a bucket holds, in words; empty for an empty bucket."""
    answer = s3.list_object_versions(Bucket=name, MaxKeys=1000)
    count = len(answer.get("Versions", [])) + len(answer.get("DeleteMarkers", []))
    if not count:
        return ""
    return f"{'at least ' if answer.get('IsTruncated') else ''}{count} objects, old versions and delete markers"
