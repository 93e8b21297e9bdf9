# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the ecs_cluster module to the resources that it wants, and to its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import Reference, Resource
from ..._engine.plan import Plan
from ..._resources.ecs.cluster import sorted_strategy

CLUSTER = "main"
LOG_GROUP = "execute-command"


def log_group_name(params: Mapping[str, Any]) -> str:
    """The log group of execute-command sessions, also where they are no longer logged to it."""
    return params["execute_command_log_group_name"] or f"/aws/ecs/{params['name']}/execute-command"


def resources(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    key_arn = params["kms_key_arn"] or ""
    group = log_group_name(params) if params["execute_command_logging"] == "override" else ""
    cluster = Resource(
        "ecs_cluster",
        CLUSTER,
        {
            "name": params["name"],
            "container_insights": params["container_insights"],
            "capacity_providers": sorted(params["capacity_providers"]),
            "default_capacity_provider_strategy": sorted_strategy(
                {"capacity_provider": item["capacity_provider"], "base": item["base"], "weight": item["weight"]}
                for item in params["default_capacity_provider_strategy"]
            ),
            "execute_command_logging": params["execute_command_logging"].upper(),
            "execute_command_kms_key_arn": key_arn,
            "execute_command_log_group_name": group,
            "execute_command_log_encryption": bool(group and key_arn),
        },
        {"Name": params["name"], **tags},
    )
    return [*_log_group(params, group, key_arn, tags), cluster]


def _log_group(params: Mapping[str, Any], name: str, key_arn: str, tags: Mapping[str, str]) -> list[Resource]:
    if not name:
        return []
    retention = params["execute_command_log_retention_days"]
    properties = {"log_group_name": name, "retention_in_days": retention, "kms_key_arn": key_arn or None}
    return [Resource("log_group", LOG_GROUP, properties, {"Name": name, **tags})]


def outputs(plan: Plan) -> dict[str, Any]:
    """ecs_cluster_id equals the ARN, as the AWS provider for Terraform has it."""
    return {
        "ecs_cluster_id": plan.lookup(Reference("ecs_cluster", CLUSTER)),
        "ecs_cluster_arn": plan.lookup(Reference("ecs_cluster", CLUSTER, "arn")),
        "ecs_cluster_name": plan.desired["ecs_cluster", CLUSTER].properties["name"],
    }
