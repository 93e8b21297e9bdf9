# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the Terraform state can be published where the inventory says, asked before the first layer is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._aws.errors import AWS_ERRORS
from .._engine.model import Refused
from .._publishing.terraform_state.backend import Backend, find
from .._publishing.terraform_state.store import Store

NAMES = {
    "bucket": "shared_infrastructure_state_bucket",
    "owner": "shared_infrastructure_state_bucket_owner",
    "region": "shared_infrastructure_state_region",
}


def state_backend(
    module: Any, account: str, wanted: Mapping[str, Any], first: bool
) -> tuple[dict[str, Any], list[str]]:
    """The facts of the backend for those who use it later, and one line for each thing that is wrong with it. One
    HeadBucket.

    first: nothing was published yet. Only then is it tried whether the states and their digests can be read: later on
    this is known.
    """
    if not wanted.get("bucket"):
        return {}, []
    try:
        backend = find(module, account, wanted["bucket"], wanted["bucket_owner"] or "", wanted["region"] or "", NAMES)
    except Refused as error:
        return {}, [str(error)]
    except AWS_ERRORS as error:
        return {}, [f"{NAMES['bucket']} is {wanted['bucket']!r}, which cannot be looked up: {error}"]
    keys = wanted["keys"] if first else []
    return backend.facts(), [line for line in (_unreadable(module, backend, wanted, key) for key in keys) if line]


def _unreadable(module: Any, backend: Backend, wanted: Mapping[str, Any], key: str) -> str:
    table = wanted["lock_table"] or None
    try:
        Store(backend.clients(module), backend.bucket, table, created_here=wanted["manage_backend"]).read(key)
    except Refused as error:
        return f"{error} ({NAMES['bucket']}, region {backend.region})"
    except AWS_ERRORS as error:
        beside = f" with the lock table {table!r}" if table else ""
        return (
            f"{NAMES['bucket']} is {backend.bucket!r}, whose state {key!r} cannot be read{beside} in {backend.region}: "
            f"{error}"
        )
    return ""
