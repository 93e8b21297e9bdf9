# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument spec of the ecs_cluster module, as its documentation describes it."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "container_insights": {"type": "str", "choices": ["disabled", "enabled", "enhanced"], "default": "disabled"},
    "capacity_providers": {"type": "list", "elements": "str", "default": ["FARGATE", "FARGATE_SPOT"]},
    "default_capacity_provider_strategy": {
        "type": "list",
        "elements": "dict",
        "default": [{"capacity_provider": "FARGATE", "base": 0, "weight": 1}],
        "options": {
            "capacity_provider": {"type": "str", "required": True},
            "base": {"type": "int", "default": 0},
            "weight": {"type": "int", "default": 1},
        },
    },
    "execute_command_logging": {"type": "str", "choices": ["none", "default", "override"], "default": "override"},
    "execute_command_log_group_name": {"type": "str"},
    "execute_command_log_retention_days": {"type": "int", "default": 30},
    "kms_key_arn": {"type": "str", "no_log": False},
}
SETTINGS: dict[str, Any] = {}
