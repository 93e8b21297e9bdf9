# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The data layer's part of the outputs contract."""

from __future__ import annotations

from typing import Any

from ..._engine.model import Reference
from ..._engine.plan import Plan
from ..._resources.stores.named import KEY

ATTRIBUTES = {
    "rds_endpoint": Reference("rds_instance", KEY, "endpoint"),
    "rds_master_user_secret_arn": Reference("rds_instance", KEY, "master_user_secret_arn"),
    "redis_endpoint": Reference("elasticache_replication_group", KEY, "primary_endpoint"),
    "redis_auth_token_secret_arn": Reference("secretsmanager_secret", KEY, "arn"),
}
"""Outputs of what a deployment may not have."""


def outputs(plan: Plan) -> dict[str, Any]:
    """rds_subnet_group_id equals the name, as the AWS provider for Terraform has it."""
    rds_group = plan.desired["rds_subnet_group", KEY].properties["name"]
    result = {
        "rds_subnet_group_name": rds_group,
        "rds_subnet_group_id": rds_group,
        "elasticache_subnet_group_name": plan.desired["elasticache_subnet_group", KEY].properties["name"],
    }
    for name, reference in ATTRIBUTES.items():
        value = plan.lookup(reference) if (reference.type, reference.key) in plan.desired else ""
        if value:
            result[name] = value
    return result
