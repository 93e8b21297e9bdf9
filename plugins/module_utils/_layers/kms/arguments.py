# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument spec of the kms_key module, as its documentation describes it."""

from __future__ import annotations

from typing import Any

from .checks import SERVICES

ARGUMENTS: dict[str, dict[str, Any]] = {
    "alias": {"type": "str", "required": True},
    "description": {"type": "str", "default": "Shared infrastructure"},
    "rotation_enabled": {"type": "bool", "default": True},
    "rotation_period_days": {"type": "int", "default": 365},
    "deletion_window_days": {"type": "int", "default": 30},
    "services": {
        "type": "list",
        "elements": "str",
        "choices": sorted(SERVICES),
        "default": ["ecr", "elasticache", "log-delivery", "logs", "rds", "s3", "secretsmanager", "ssm"],
    },
    "policy_statements": {"type": "list", "elements": "dict", "default": []},
    "policy": {"type": "dict"},
}
SETTINGS: dict[str, Any] = {}
