# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the kms_key module to the resources that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.arns import account_root_arn
from ..._engine.model import InputError, Reference, Resource
from ..._resources.kms.policy import keeps_account_root, key_policy
from ..rooms import Account
from .names import alias_name

KEY = "main"
"""A deployment has one key so far; more would be more keys here."""


def resources(params: Mapping[str, Any], tags: Mapping[str, str], account: Account) -> list[Resource]:
    partition, account_id = account.partition, account.account_id
    if params["policy"] and not keeps_account_root(params["policy"], account_id):
        raise InputError(
            f"policy keeps no kms:* for {account_root_arn(partition, account_id)}, "
            "which would lock everybody out of the key"
        )
    policy = params["policy"] or key_policy(
        partition, params["region"], account_id, params["services"], params["policy_statements"]
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
    alias = Resource("kms_alias", KEY, {"name": alias_name(params), "key_id": Reference("kms_key", KEY)})
    return [key, alias]
