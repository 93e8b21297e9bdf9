# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument spec of the ecr_repositories module, as its documentation describes it."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "prefix": {"type": "str", "default": ""},
    "repositories": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "key": {"type": "str", "no_log": False},
            "tags": {"type": "dict", "default": {}},
            "image_tag_mutability": {
                "type": "str",
                "choices": ["IMMUTABLE", "MUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"],
            },
            "image_tag_mutability_exclusion_filters": {"type": "list", "elements": "str"},
            "scan_on_push": {"type": "bool"},
            "encryption_type": {"type": "str", "choices": ["AES256", "KMS"]},
            "kms_key_arn": {"type": "str", "no_log": False},
            "untagged_days": {"type": "int"},
            "keep_newest": {"type": "int"},
            "pull_account_ids": {"type": "list", "elements": "str"},
            "policy_statements": {"type": "list", "elements": "dict"},
        },
    },
    "image_tag_mutability": {
        "type": "str",
        "choices": ["IMMUTABLE", "MUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"],
        "default": "IMMUTABLE",
    },
    "image_tag_mutability_exclusion_filters": {"type": "list", "elements": "str", "default": []},
    "scan_on_push": {"type": "bool", "default": True},
    "encryption_type": {"type": "str", "choices": ["AES256", "KMS"], "default": "AES256"},
    "kms_key_arn": {"type": "str", "no_log": False},
    "untagged_days": {"type": "int", "default": 1},
    "keep_newest": {"type": "int", "default": 50},
    "pull_account_ids": {"type": "list", "elements": "str", "default": []},
    "policy_statements": {"type": "list", "elements": "dict", "default": []},
    "policy_exclusive": {"type": "bool", "default": False},
    "lifecycle_exclusive": {"type": "bool", "default": False},
}
SETTINGS: dict[str, Any] = {}
