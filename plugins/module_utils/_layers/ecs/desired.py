# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the ecs_cluster module to the resources that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import Resource
from ..._resources.ecs.cluster import sorted_strategy
from ..rooms import Account
from .names import cluster_name, log_group_name

CLUSTER = "main"
LOG_GROUP = "execute-command"


def resources(params: Mapping[str, Any], tags: Mapping[str, str], account: Account) -> list[Resource]:
    name = cluster_name(params)
    key_arn = params["kms_key_arn"] or ""
    group = log_group_name(params) if params["execute_command_logging"] == "override" else ""
    cluster = Resource(
        "ecs_cluster",
        CLUSTER,
        {
            "name": name,
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
        {"Name": name, **tags},
    )
    return [*_log_group(params, group, key_arn, tags), cluster]


def _log_group(params: Mapping[str, Any], name: str, key_arn: str, tags: Mapping[str, str]) -> list[Resource]:
    if not name:
        return []
    retention = params["execute_command_log_retention_days"]
    properties = {"log_group_name": name, "retention_in_days": retention, "kms_key_arn": key_arn or None}
    return [Resource("log_group", LOG_GROUP, properties, {"Name": name, **tags})]
