# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names in AWS and the keys of what the network layer has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rooms import WantedNames

MAIN = "main"
"""The key of what there is one of: the VPC and the internet gateway."""
FLOW_LOGS = "flow_logs"
ENDPOINTS_GROUP = "vpc_endpoints"
"""The key of the group that interface endpoints get where none is given."""


def group_name(params: Mapping[str, Any], key: str) -> str:
    return f"{params['name']}-{key.replace('_', '-')}"


def log_group_name(params: Mapping[str, Any]) -> str:
    return f"/aws/vpc/flow-logs/{params['name']}"


def flow_logs_role_name(params: Mapping[str, Any]) -> str:
    """Roles belong to the account, so the region is part of the name."""
    return f"{params['name']}-flow-logs-{params['region']}"


def wanted(params: Mapping[str, Any]) -> list[WantedNames]:
    """None: what has a name here can be told from others by its tags when the network is planned."""
    return []
