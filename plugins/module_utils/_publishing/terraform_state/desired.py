# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of terraform_state_outputs to the resources that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.identity import Scope
from ..._engine.model import Resource
from ..._resources.dynamodb.table import HASH_KEY
from ..._resources.s3.state_bucket import TYPE as STATE_BUCKET
from ..._resources.s3.terms import AES256, KMS


def state_keys(params: Mapping[str, Any]) -> list[str]:
    """All keys under which the outputs are published, the main one first."""
    return [params["key"], *params["extra_keys"]]


def uses_lockfile(params: Mapping[str, Any]) -> bool:
    """Some lock is always taken."""
    return params["use_lockfile"] if params["use_lockfile"] is not None else not params["lock_table"]


def resources(
    params: Mapping[str, Any], tags: Mapping[str, str], scope: Scope, callers_bucket: bool = True
) -> list[Resource]:
    """callers_bucket: a bucket of another account is not ours to manage, and its settings may be closed to us.

    A lock table always is the caller's.
    """
    backend = _backend(params, tags, scope) if params["manage_backend"] else []
    if not callers_bucket:
        backend = [resource for resource in backend if resource.type != STATE_BUCKET]
    return [
        *backend,
        *(Resource("terraform_state", key, {"outputs": dict(params["outputs"])}) for key in state_keys(params)),
    ]


def _backend(params: Mapping[str, Any], tags: Mapping[str, str], scope: Scope) -> list[Resource]:
    name, kms_key_arn = params["bucket"], params["kms_key_arn"] or None
    settings = {
        "versioning": "Enabled",
        "encryption": KMS if kms_key_arn else AES256,
        "kms_key_arn": kms_key_arn,
        "public_access_blocked": True,
        "tls_only": True,
    }
    found = [Resource(STATE_BUCKET, name, {**settings, "tags": {"Name": name, **tags, **scope.tags(name)}})]
    if params["lock_table"]:
        table = params["lock_table"]
        found.append(
            Resource(
                "dynamodb_table", table, {"hash_key": HASH_KEY, "tags": {"Name": table, **tags, **scope.tags(table)}}
            )
        )
    return found
