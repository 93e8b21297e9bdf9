# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an entry of the option buckets means, with every default filled in.

Used by the checks and by the desired state alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._resources.s3.terms import AES256, KMS, PUBLIC_ACCESS_BLOCK
from .names import bucket_name

DEFAULTS: dict[str, Any] = {
    "purpose": "general",
    "encryption": None,
    "kms_key_arn": None,
    "bucket_key_enabled": True,
    "versioning": None,
    "retention_days": None,
    "noncurrent_retention_days": None,
    "abort_incomplete_multipart_upload_days": 7,
    "lifecycle_rules": [],
    "cors_rules": [],
    "tls_only": True,
    "deny_other_keys": True,
    "policy_statements": [],
    "object_ownership": "BucketOwnerEnforced",
    "public_access_block": {},
    "tags": {},
}


def effective(bucket: Mapping[str, Any], kms_key_arn: str | None) -> dict[str, Any]:
    """The entry with all defaults: those that are fixed, and those that depend on the purpose.

    encryption is aws:kms with the deployment's key, except for ALB logs, which AWS delivers to SSE-S3 buckets only;
    a backup bucket is versioned.
    """
    settings = {name: default if bucket.get(name) is None else bucket[name] for name, default in DEFAULTS.items()}
    settings.update(key=bucket.get("key"), name=bucket_name(bucket))
    if settings["encryption"] is None:
        settings["encryption"] = AES256 if settings["purpose"] == "alb_logs" else KMS
    if settings["encryption"] == KMS and not settings["kms_key_arn"]:
        settings["kms_key_arn"] = kms_key_arn
    if settings["versioning"] is None:
        settings["versioning"] = settings["purpose"] == "backup"
    block = settings["public_access_block"]
    settings["public_access_block"] = {
        name: True if block.get(name) is None else block[name] for name in PUBLIC_ACCESS_BLOCK
    }
    return settings
