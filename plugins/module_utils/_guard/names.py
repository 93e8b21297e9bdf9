# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the wanted names are free or the deployment's own, for each type that is found by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._aws.adapter import AwsAdapter
from .._aws.clients import Clients
from .._aws.errors import ClientError, error_code, is_not_found
from .._engine.identity import Scope
from .._resources.ecr.repository import RepositoryAdapter
from .._resources.ecs.cluster import EcsClusterAdapter
from .._resources.elasticache.replication_group import ReplicationGroupAdapter
from .._resources.elasticache.subnet_group import ElastiCacheSubnetGroupAdapter
from .._resources.kms.alias import AliasAdapter
from .._resources.rds.instance import RdsInstanceAdapter
from .._resources.rds.subnet_group import RdsSubnetGroupAdapter
from .._resources.s3.bucket import BucketAdapter

ADAPTERS: dict[str, type[AwsAdapter]] = {
    adapter.type: adapter
    for adapter in (
        AliasAdapter,
        BucketAdapter,
        EcsClusterAdapter,
        ElastiCacheSubnetGroupAdapter,
        RdsInstanceAdapter,
        RdsSubnetGroupAdapter,
        ReplicationGroupAdapter,
        RepositoryAdapter,
    )
}
"""By type. Each tells the tags of a name."""


def names_to_check(wanted: Iterable[Mapping[str, Any]], published: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of layers that have published nothing yet; what a layer built once, its own plan looks after."""
    return [entry for entry in wanted if not published.get(entry["layer"])]


def taken(clients: Clients, scope: Scope, wanted: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each name that exists without the tags of this deployment.

    wanted holds {"type": ..., "names": [...], "variable": ...}; variable, which may be missing, is where the user wrote
    the names.
    """
    triples = [(entry.get("variable"), entry["type"], name) for entry in wanted for name in entry["names"]]
    with ThreadPoolExecutor(max_workers=4) as pool:
        lines = pool.map(lambda triple: _line(clients, scope, *triple), triples)
        return [line for line in lines if line]


def _line(clients: Clients, scope: Scope, variable: str | None, kind: str, name: str) -> str:
    why = _reason(ADAPTERS[kind](clients, scope), name)
    return (
        f"{f'{variable} wants the ' if variable else ''}{kind} {name!r}, which {why}; choose a name that is free"
        if why
        else ""
    )


def _reason(adapter: AwsAdapter, name: str) -> str:
    try:
        tags = adapter.tags_of_name(name)
    except ClientError as error:
        if is_not_found(error):
            return ""
        if adapter.names_are_global and error_code(error) in ("403", "AccessDenied"):
            return "belongs to another account"
        raise
    if tags is None or tags.get(f"{adapter.scope.prefix}deployment") == adapter.scope.deployment:
        return ""
    return f"exists, but {adapter.scope.owner_of(tags)}"
