# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kms layer's part of the outputs contract."""

from __future__ import annotations

from typing import Any

from ..._engine.model import Reference
from ..._engine.plan import Plan
from .desired import KEY


def outputs(plan: Plan) -> dict[str, Any]:
    """kms_key_id is the key's UUID, as the AWS provider for Terraform has it."""
    return {
        "kms_key_id": plan.lookup(Reference("kms_key", KEY)),
        "kms_key_arn": plan.lookup(Reference("kms_key", KEY, "arn")),
    }
