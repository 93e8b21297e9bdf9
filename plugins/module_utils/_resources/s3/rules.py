# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lifecycle and CORS rules in S3's own form, normalised so that equal rules compare equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ID_PREFIX = "shared-infrastructure-"
"""Rules with this prefix in their ID are ours; all others were added by somebody else and stay."""

RETENTION_ID, CLEAN_UP_ID = "retention", "incomplete-uploads"
"""The ids of the rules that retention_days and abort_incomplete_multipart_upload_days stand for."""


def is_ours(rule: Mapping[str, Any]) -> bool:
    return str(rule.get("ID", "")).startswith(ID_PREFIX)


def lifecycle_rules(bucket: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lifecycle rules of a bucket (as settings.effective returns it) for PutBucketLifecycleConfiguration."""
    wanted = []
    if bucket["retention_days"] or bucket["noncurrent_retention_days"]:
        noncurrent = bucket["noncurrent_retention_days"] or (bucket["retention_days"] if bucket["versioning"] else None)
        wanted.append(
            _lifecycle_rule(
                {
                    "id": RETENTION_ID,
                    "expiration_days": bucket["retention_days"],
                    "noncurrent_expiration_days": noncurrent,
                }
            )
        )
    if bucket["abort_incomplete_multipart_upload_days"]:
        days = bucket["abort_incomplete_multipart_upload_days"]
        wanted.append(_lifecycle_rule({"id": CLEAN_UP_ID, "abort_incomplete_multipart_upload_days": days}))
    wanted.extend(_lifecycle_rule(rule) for rule in bucket["lifecycle_rules"])
    return wanted


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    rendered: dict[str, Any] = {
        "ID": ID_PREFIX + rule["id"],
        "Status": "Enabled",
        "Filter": {"Prefix": rule.get("prefix") or ""},
    }
    if rule.get("expiration_days"):
        rendered["Expiration"] = {"Days": rule["expiration_days"]}
    if rule.get("noncurrent_expiration_days"):
        rendered["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["noncurrent_expiration_days"]}
    if rule.get("abort_incomplete_multipart_upload_days"):
        rendered["AbortIncompleteMultipartUpload"] = {
            "DaysAfterInitiation": rule["abort_incomplete_multipart_upload_days"]
        }
    if rule.get("transitions"):
        rendered["Transitions"] = [
            {"Days": item["days"], "StorageClass": item["storage_class"]} for item in rule["transitions"]
        ]
    if rule.get("noncurrent_transitions"):
        rendered["NoncurrentVersionTransitions"] = [
            {"NoncurrentDays": item["days"], "StorageClass": item["storage_class"]}
            for item in rule["noncurrent_transitions"]
        ]
    return normal_lifecycle_rule(rendered)


def normal_lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """One form for what S3 returns in several: the old Prefix for the Filter, empty members, meaningless orders."""
    normal = {name: value for name, value in rule.items() if value not in (None, [], {}) and name != "Prefix"}
    normal["Filter"] = rule.get("Filter") or {"Prefix": rule.get("Prefix") or ""}
    if "Expiration" in normal:
        normal["Expiration"] = {
            name: value for name, value in normal["Expiration"].items() if value not in (None, False)
        }
    for name, days in (("Transitions", "Days"), ("NoncurrentVersionTransitions", "NoncurrentDays")):
        if name in normal:
            normal[name] = sorted(normal[name], key=lambda item: (item.get(days) or 0, item.get("StorageClass", "")))
    return normal


def cors_rules(bucket: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The CORS rules of one bucket in the form of PutBucketCors."""
    return [
        normal_cors_rule(
            {
                "ID": ID_PREFIX + rule["id"],
                "AllowedMethods": rule["allowed_methods"],
                "AllowedOrigins": rule["allowed_origins"],
                "AllowedHeaders": rule.get("allowed_headers"),
                "ExposeHeaders": rule.get("expose_headers"),
                "MaxAgeSeconds": rule.get("max_age_seconds"),
            }
        )
        for rule in bucket["cors_rules"]
    ]


def normal_cors_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, list) else value
        for name, value in rule.items()
        if value not in (None, [])
    }
