# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network's part of the outputs contract, from a finished plan."""

from __future__ import annotations

from typing import Any

from ..._engine.model import Reference
from ..._engine.plan import Plan
from .names import MAIN

PUBLISHED_TIERS = ("public", "private", "database")
PUBLISHED_GROUPS = ("alb", "ecs_tasks", "rds", "elasticache")


def outputs(plan: Plan) -> dict[str, Any]:
    """The outputs by name; what this deployment does not have is left out. Lists are sorted by zone."""
    result: dict[str, Any] = {
        "vpc_id": plan.lookup(Reference("vpc", MAIN)),
        "vpc_cidr": plan.desired["vpc", MAIN].properties["cidr_block"],
    }
    for tier in PUBLISHED_TIERS:
        result[f"{tier}_subnet_ids"] = [
            plan.lookup(Reference("subnet", key)) for key in _keys(plan, "subnet") if key.startswith(f"{tier}/")
        ]
    if ("internet_gateway", MAIN) in plan.desired:
        result["internet_gateway_id"] = plan.lookup(Reference("internet_gateway", MAIN))
    gateways = _keys(plan, "nat_gateway")
    result["nat_gateway_ids"] = [plan.lookup(Reference("nat_gateway", key)) for key in gateways]
    result["nat_public_ips"] = [plan.lookup(Reference("elastic_ip", key, "public_ip")) for key in gateways]
    for group in PUBLISHED_GROUPS:
        if ("security_group", group) in plan.desired:
            result[f"{group}_security_group_id"] = plan.lookup(Reference("security_group", group))
    return {name: value for name, value in result.items() if value != []}


def _keys(plan: Plan, kind: str) -> list[str]:
    """The wanted keys of a type, sorted: consumers take items by their place, however zones are written down."""
    return sorted(key for name, key in plan.desired if name == kind)
