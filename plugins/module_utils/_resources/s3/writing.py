# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writing the parts of a bucket's configuration.

S3 replaces a part as a whole, so what others put there is sent along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..._aws.policies import document, is_ours
from . import rules
from .reading import Bucket
from .requests import encryption_rule
from .terms import PUBLIC_ACCESS_BLOCK

Entries = Sequence[Mapping[str, Any]]

SHARED = {
    "policy": (lambda bucket: bucket.statements, is_ours),
    "lifecycle_rules": (lambda bucket: bucket.lifecycle_rules, rules.is_ours),
    "cors_rules": (lambda bucket: bucket.cors_rules, rules.is_ours),
}
"""The parts to which other teams add entries: where the entries are, and which of them are ours."""


def entries(bucket: Bucket, name: str) -> list[dict[str, Any]]:
    return SHARED[name][0](bucket) if name in SHARED else []


def our_entries(bucket: Bucket, name: str) -> list[dict[str, Any]]:
    return [entry for entry in entries(bucket, name) if SHARED[name][1](entry)]


def foreign_entries(bucket: Bucket, name: str) -> list[dict[str, Any]]:
    return [entry for entry in entries(bucket, name) if not SHARED[name][1](entry)]


def _object_ownership(s3: Any, bucket: Bucket, wanted: str, kept: Entries) -> None:
    s3.put_bucket_ownership_controls(Bucket=bucket.name, OwnershipControls={"Rules": [{"ObjectOwnership": wanted}]})


def _public_access_block(s3: Any, bucket: Bucket, wanted: Mapping[str, bool], kept: Entries) -> None:
    configuration = {PUBLIC_ACCESS_BLOCK[name]: value for name, value in wanted.items()}
    s3.put_public_access_block(Bucket=bucket.name, PublicAccessBlockConfiguration=configuration)


def _encryption(s3: Any, bucket: Bucket, wanted: Mapping[str, Any], kept: Entries) -> None:
    ours = encryption_rule(wanted["algorithm"], wanted["kms_key_arn"], wanted["bucket_key_enabled"])
    # Other members of the rule (kinds of encryption that somebody blocked) stay.
    rule = {**bucket.encryption_rule, **ours}
    s3.put_bucket_encryption(Bucket=bucket.name, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _versioning(s3: Any, bucket: Bucket, wanted: bool, kept: Entries) -> None:
    s3.put_bucket_versioning(
        Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled" if wanted else "Suspended"}
    )


def _policy(s3: Any, bucket: Bucket, wanted: Entries, kept: Entries) -> None:
    if kept or wanted:
        s3.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(document(*kept, *wanted)))
    else:
        s3.delete_bucket_policy(Bucket=bucket.name)


def _lifecycle_rules(s3: Any, bucket: Bucket, wanted: Entries, kept: Entries) -> None:
    if kept or wanted:
        configuration = {"Rules": [*kept, *wanted]}
        s3.put_bucket_lifecycle_configuration(
            Bucket=bucket.name, LifecycleConfiguration=configuration, **bucket.lifecycle_settings
        )
    else:
        s3.delete_bucket_lifecycle(Bucket=bucket.name)


def _cors_rules(s3: Any, bucket: Bucket, wanted: Entries, kept: Entries) -> None:
    if kept or wanted:
        s3.put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": [*kept, *wanted]})
    else:
        s3.delete_bucket_cors(Bucket=bucket.name)


WRITES: dict[str, Callable[[Any, Bucket, Any, Entries], None]] = {
    "public_access_block": _public_access_block,
    "object_ownership": _object_ownership,
    "encryption": _encryption,
    "versioning": _versioning,
    "policy": _policy,
    "lifecycle_rules": _lifecycle_rules,
    "cors_rules": _cors_rules,
}
"""What writes each property, in the order of writing: no policy before the public access block is on."""
