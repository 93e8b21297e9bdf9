# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The storage layer's part of the outputs contract."""

from __future__ import annotations

from typing import Any, cast

from ..._aws.adapter import AwsAdapter
from ..._aws.arns import bucket_arn
from ..._engine.plan import Plan
from .desired import TYPE

NAMES = {
    "logs": "logs_bucket_id",
    "alb_logs": "alb_logs_bucket_id",
    "backup": "backup_bucket_id",
    "storage": "s3_bucket_name",
}
"""Which output names the bucket of a key; a bucket's id is its name, as the AWS provider for Terraform has it."""
ARNS = {"logs": "logs_bucket_arn", "backup": "backup_bucket_arn"}


def outputs(plan: Plan) -> dict[str, Any]:
    """Names and ARNs of the declared buckets. We choose the names, so they are known before the buckets exist."""
    known: dict[str, Any] = {}
    for (kind, key), resource in plan.desired.items():
        if kind != TYPE:
            continue
        if key in NAMES:
            known[NAMES[key]] = resource.properties["name"]
        if key in ARNS:
            partition = cast(AwsAdapter, plan.adapters[kind]).clients.partition
            existing = plan.current.get((kind, key))
            known[ARNS[key]] = (
                existing.attribute("arn") if existing else bucket_arn(partition, resource.properties["name"])
            )
    return known
