# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lock table of release 0.1.0, in the deployment's region even where the state bucket is in another one."""

from __future__ import annotations

from collections.abc import Sequence

from ..._aws.clients import Clients
from ..._aws.errors import AWS_ERRORS
from ..._engine.identity import Scope
from ..._engine.model import Resource
from ..._resources.dynamodb.table import TableAdapter
from .backend import Backend
from .store import Store


def leftover(callers: Clients, backend: Backend, table: str, scope: Scope, keys: Sequence[str]) -> str:
    """A line about such a table if it is ours or holds a digest of our states, else an empty text.

    callers are clients of the deployment's region.
    """
    if callers.region == backend.region:
        return ""
    try:
        signs = _signs(callers, backend.bucket, table, scope, keys)
    except AWS_ERRORS:  # a hint is not worth a failure: whoever may not read the table does not hear of it
        return ""
    if not signs:
        return ""
    return (
        f"The table {table} in {callers.region} is not used: Terraform looks for the lock table where the state bucket "
        f"{backend.bucket} is, in {backend.region}. It {' and '.join(signs)}, as release 0.1.0 left it; "
        "delete it when nothing else uses it"
    )


def _signs(callers: Clients, bucket: str, table: str, scope: Scope, keys: Sequence[str]) -> list[str]:
    adapter, store = TableAdapter(callers, scope), Store(callers, bucket, table)
    found = adapter.observe([Resource(adapter.type, table)], {})
    if not found:
        return []
    digest = any(store.has_digest(key) for key in keys)
    return [
        *(["carries our tags"] if found[0].attributes["ours"] else []),
        *(["holds a digest of this state"] if digest else []),
    ]
