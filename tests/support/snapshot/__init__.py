"""The account as comparable data, read through plain boto3 and never through our own code.

    before = snapshot(emulator)
    ...
    assert not difference(before, snapshot(emulator)), "\\n".join(...)

A snapshot is {type: {key: [data, ...]}}. `type` is the plan's name of it; `key` is `deployment/layer/key` from the
identity tags, or else the resource's name; more than one element under a key is a doubled resource. Ids that AWS chose
appear as `<type:key>` wherever they are mentioned. Lists are sorted, because AWS keeps the order of few of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support.snapshot import keys, network, platform, storage
from support.snapshot.items import IDENTITY_PREFIX, assemble

# In this order: a resource is read after those that its name without tags mentions.
READERS = (
    network.read_vpcs,
    network.read_nat_gateways,
    network.read_route_tables,
    network.read_security_groups,
    network.read_endpoints,
    keys.read_keys,
    keys.read_log_groups,
    keys.read_roles,
    keys.read_secrets,
    keys.read_parameters,
    storage.read_buckets,
    storage.read_tables,
    storage.read_repositories,
    platform.read_clusters,
    platform.read_databases,
    platform.read_caches,
)

Snapshot = dict[str, dict[str, list[dict[str, Any]]]]


def snapshot(
    emulator, deployment: str | None = None, readers: tuple = READERS, prefix: str = IDENTITY_PREFIX
) -> Snapshot:
    """Reads the account, or what carries the deployment's tag and what belongs to it (a VPC's default group, a key's
    alias).
    """
    items = (item for reader in readers for item in reader(emulator.client))
    result = assemble(items, deployment, prefix)
    for kind in keys.PARAMETER_TYPES:
        for found in result.get(kind, {}).values():
            found[:] = [keys.stable_value(data) for data in found]
    return result


def counts(taken: Snapshot) -> dict[tuple[str, str], int]:
    """{(type, key): how many there are}."""
    return {(kind, key): len(found) for kind, entries in taken.items() for key, found in entries.items()}


def difference(first: Snapshot, second: Snapshot) -> list[str]:
    """One line per difference, empty when the accounts hold the same."""
    return list(_compare("", first, second))


def _compare(path: str, first: Any, second: Any) -> Iterator[str]:
    if isinstance(first, dict) and isinstance(second, dict):
        for name in sorted(first.keys() | second.keys(), key=str):
            inner = f"{path} > {name}" if path else str(name)
            if name not in second:
                yield f"{inner}: only in the first: {_short(first[name])}"
            elif name not in first:
                yield f"{inner}: only in the second: {_short(second[name])}"
            else:
                yield from _compare(inner, first[name], second[name])
    elif isinstance(first, list) and isinstance(second, list):
        if len(first) == len(second) == 1:
            yield from _compare(path, first[0], second[0])
            return
        for here, others, label in ((first, list(second), "first"), (second, list(first), "second")):
            for item in here:
                if item in others:
                    others.remove(item)
                else:
                    yield f"{path}: only in the {label}: {_short(item)}"
    elif first != second:
        yield f"{path}: {_short(first)} != {_short(second)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 400 else text[:400] + "..."
