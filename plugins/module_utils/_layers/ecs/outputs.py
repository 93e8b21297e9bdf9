# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ecs layer's part of the outputs contract."""

from __future__ import annotations

from typing import Any

from ..._engine.model import Reference
from ..._engine.plan import Plan
from .desired import CLUSTER


def outputs(plan: Plan) -> dict[str, Any]:
    """ecs_cluster_id equals the ARN, as the AWS provider for Terraform has it."""
    return {
        "ecs_cluster_id": plan.lookup(Reference("ecs_cluster", CLUSTER)),
        "ecs_cluster_arn": plan.lookup(Reference("ecs_cluster", CLUSTER, "arn")),
        "ecs_cluster_name": plan.desired["ecs_cluster", CLUSTER].properties["name"],
    }
