# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument spec of the s3_buckets module, as its documentation describes it."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "buckets": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "name": {"type": "str", "required": True},
            "purpose": {"type": "str", "choices": ["general", "logs", "alb_logs", "backup"], "default": "general"},
            "encryption": {"type": "str", "choices": ["aws:kms", "AES256"]},
            "kms_key_arn": {"type": "str", "no_log": False},
            "bucket_key_enabled": {"type": "bool", "default": True},
            "versioning": {"type": "bool"},
            "retention_days": {"type": "int"},
            "noncurrent_retention_days": {"type": "int"},
            "abort_incomplete_multipart_upload_days": {"type": "int", "default": 7},
            "lifecycle_rules": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "id": {"type": "str", "required": True},
                    "prefix": {"type": "str", "default": ""},
                    "expiration_days": {"type": "int"},
                    "noncurrent_expiration_days": {"type": "int"},
                    "abort_incomplete_multipart_upload_days": {"type": "int"},
                    "transitions": {
                        "type": "list",
                        "elements": "dict",
                        "default": [],
                        "options": {
                            "days": {"type": "int", "required": True},
                            "storage_class": {
                                "type": "str",
                                "choices": [
                                    "STANDARD_IA",
                                    "INTELLIGENT_TIERING",
                                    "ONEZONE_IA",
                                    "GLACIER_IR",
                                    "GLACIER",
                                    "DEEP_ARCHIVE",
                                ],
                                "required": True,
                            },
                        },
                    },
                    "noncurrent_transitions": {
                        "type": "list",
                        "elements": "dict",
                        "default": [],
                        "options": {
                            "days": {"type": "int", "required": True},
                            "storage_class": {
                                "type": "str",
                                "choices": [
                                    "STANDARD_IA",
                                    "INTELLIGENT_TIERING",
                                    "ONEZONE_IA",
                                    "GLACIER_IR",
                                    "GLACIER",
                                    "DEEP_ARCHIVE",
                                ],
                                "required": True,
                            },
                        },
                    },
                },
            },
            "cors_rules": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "id": {"type": "str", "required": True},
                    "allowed_methods": {
                        "type": "list",
                        "elements": "str",
                        "choices": ["GET", "PUT", "POST", "DELETE", "HEAD"],
                        "required": True,
                    },
                    "allowed_origins": {"type": "list", "elements": "str", "required": True},
                    "allowed_headers": {"type": "list", "elements": "str", "default": []},
                    "expose_headers": {"type": "list", "elements": "str", "default": []},
                    "max_age_seconds": {"type": "int"},
                },
            },
            "tls_only": {"type": "bool", "default": True},
            "deny_other_keys": {"type": "bool", "default": True},
            "policy_statements": {"type": "list", "elements": "dict", "default": []},
            "object_ownership": {
                "type": "str",
                "choices": ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
                "default": "BucketOwnerEnforced",
            },
            "public_access_block": {
                "type": "dict",
                "options": {
                    "block_public_acls": {"type": "bool", "default": True},
                    "ignore_public_acls": {"type": "bool", "default": True},
                    "block_public_policy": {"type": "bool", "default": True},
                    "restrict_public_buckets": {"type": "bool", "default": True},
                },
                "apply_defaults": True,
            },
            "tags": {"type": "dict", "default": {}},
        },
    },
    "kms_key_arn": {"type": "str", "no_log": False},
    "account_id": {"type": "str"},
    "policy_exclusive": {"type": "bool", "default": False},
    "lifecycle_exclusive": {"type": "bool", "default": False},
    "cors_exclusive": {"type": "bool", "default": False},
}
SETTINGS: dict[str, Any] = {}
