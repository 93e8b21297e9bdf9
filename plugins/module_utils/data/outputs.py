# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The data layer's part of the outputs contract."""

from __future__ import annotations

from typing import Any

from ..engine.plan import Plan
from .named import KEY


def outputs(plan: Plan) -> dict[str, Any]:
    """rds_subnet_group_id equals the name, as the AWS provider for Terraform has it."""
    rds_group = plan.desired["rds_subnet_group", KEY].properties["name"]
    return {
        "rds_subnet_group_name": rds_group,
        "rds_subnet_group_id": rds_group,
        "elasticache_subnet_group_name": plan.desired["elasticache_subnet_group", KEY].properties["name"],
    }
