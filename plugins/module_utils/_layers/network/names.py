# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names and keys of the network layer."""

from __future__ import annotations

MAIN = "main"
"""The key of what there is one of: the VPC and the internet gateway."""
FLOW_LOGS = "flow_logs"
ENDPOINTS_GROUP = "vpc_endpoints"
"""The key of the group that interface endpoints get where none is given."""


def group_name(name: str, key: str) -> str:
    return f"{name}-{key.replace('_', '-')}"


def log_group_name(name: str) -> str:
    return f"/aws/vpc/flow-logs/{name}"


def flow_logs_role_name(name: str, region: str) -> str:
    """Roles belong to the account, so the region is part of the name."""
    return f"{name}-flow-logs-{region}"
