# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the kms_key module to the resources that it wants, and to its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import InputError, Reference, Resource
from ..._engine.plan import Plan
from ..._resources.kms.policy import keeps_account_root, key_policy

KEY = "main"
"""A deployment has one key so far; more would be more keys here."""


def resources(
    params: Mapping[str, Any], tags: Mapping[str, str], partition: str, region: str, account_id: str
) -> list[Resource]:
    if params["policy"] and not keeps_account_root(params["policy"], account_id):
        raise InputError(
            f"policy keeps no kms:* for arn:{partition}:iam::{account_id}:root, "
            "which would lock everybody out of the key"
        )
    policy = params["policy"] or key_policy(
        partition, region, account_id, params["services"], params["policy_statements"]
    )
    key = Resource(
        "kms_key",
        KEY,
        {
            "description": params["description"],
            "policy": policy,
            "rotation_period_days": params["rotation_period_days"] if params["rotation_enabled"] else None,
            "state": "Enabled",
        },
        {"Name": params["alias"], **tags},
    )
    alias = Resource("kms_alias", KEY, {"name": f"alias/{params['alias']}", "key_id": Reference("kms_key", KEY)})
    return [key, alias]


def outputs(plan: Plan) -> dict[str, Any]:
    """kms_key_id is the key's UUID, as the AWS provider for Terraform has it."""
    return {
        "kms_key_id": plan.lookup(Reference("kms_key", KEY)),
        "kms_key_arn": plan.lookup(Reference("kms_key", KEY, "arn")),
    }
