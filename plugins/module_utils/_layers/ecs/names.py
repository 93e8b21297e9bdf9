# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names in AWS of what the ecs layer has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rooms import WantedNames


def cluster_name(params: Mapping[str, Any]) -> str:
    return params["name"]


def log_group_name(params: Mapping[str, Any]) -> str:
    """The log group of execute-command sessions, also where they are no longer logged to it."""
    return params["execute_command_log_group_name"] or f"/aws/ecs/{params['name']}/execute-command"


def wanted(params: Mapping[str, Any]) -> list[WantedNames]:
    return [{"type": "ecs_cluster", "variable": "name", "names": [cluster_name(params)]}]
