"""The account as scenarios compare it: read through plain boto3 by tests/support/snapshot, ids that AWS chose included.

A reading is {"<type> <key>": data}. `key` is the value of the tag connectly:key for what belongs to the scenario's own deployment
and `deployment/layer/key` for everything else. Ids appear in data as `<type:key>`; `id` is a digest of the real ones, so that a
resource that was replaced by its like shows as a change.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))

from support.emulator import Emulator
from support.snapshot import READERS, snapshot
from support.snapshot.items import Item, paged

Reading = dict[str, dict[str, Any]]
UNCHANGED: dict[str, Any] = {"created": [], "deleted": [], "changed": {}}


def emulator() -> Emulator:
    """The one that molecule started or was told of."""
    return Emulator(os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_REGION"])


def read_secret_versions(client) -> Iterator[Item]:
    """Which versions a secret has: another one means another value, which is never read."""
    secrets = client("secretsmanager")
    for secret in paged(secrets, "list_secrets", "SecretList"):
        versions = sorted(secrets.describe_secret(SecretId=secret["ARN"]).get("VersionIdsToStages", {}))
        tags = {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])}
        yield Item("secret_versions", secret["Name"], {"versions": digest(versions)}, tags)


def read_primary_endpoints(client) -> Iterator[Item]:
    """The addresses that clients of a cache use, apart from those of single nodes, which come and go."""
    elasticache = client("elasticache")
    for group in paged(elasticache, "describe_replication_groups", "ReplicationGroups"):
        addresses = [node["PrimaryEndpoint"]["Address"] for node in group["NodeGroups"] if node.get("PrimaryEndpoint")]
        tags = {tag["Key"]: tag["Value"] for tag in elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]}
        yield Item("cache_endpoint", group["ReplicationGroupId"], {"addresses": digest(addresses)}, tags)


ALL_READERS = {reader.__name__.removeprefix("read_"): reader for reader in (*READERS, read_secret_versions, read_primary_endpoints)}


def digest(values: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(values)).encode()).hexdigest()[:12]


def with_id(reader):
    """The same reader, with a digest of the ids in the data."""

    def read(client) -> Iterator[Item]:
        for item in reader(client):
            # The hosts of a cache come and go with its nodes; its endpoint has an item of its own.
            if item.data is not None and item.ids and item.type != "replication_group":
                item.data = {**item.data, "id": digest(list(item.ids))}
            yield item

    return read


def read_account(deployment: str, readers: Sequence[str] = ()) -> Reading:
    """Everything in the account that these readers (names of ALL_READERS, all by default) see."""
    chosen = tuple(with_id(ALL_READERS[name]) for name in (readers or ALL_READERS))
    own = re.compile(rf"(?<![\w-]){re.escape(deployment)}/[a-z]+/")
    reading: Reading = {}
    for kind, entries in snapshot(emulator(), readers=chosen).items():
        for key, found in entries.items():
            for number, data in enumerate(found, 1):
                name = f"{kind} {own.sub('', key)}" + (f" #{number}" if number > 1 else "")
                reading[name if name not in reading else f"{kind} {key}"] = shorten(data, own)
    return reading


def shorten(value: Any, own: re.Pattern) -> Any:
    if isinstance(value, dict):
        return {own.sub("", key): shorten(item, own) for key, item in value.items()}
    if isinstance(value, list):
        return [shorten(item, own) for item in value]
    return own.sub("", value) if isinstance(value, str) else value


def belongs(data: Mapping[str, Any], deployment: str) -> bool:
    return data.get("tags", {}).get("connectly:deployment") == deployment


def changes(before: Reading, after: Reading) -> dict[str, Any]:
    """{created: [name], deleted: [name], changed: {name: {property: value now}}}."""
    changed = {name: changed_properties(before[name], after[name]) for name in sorted(before.keys() & after.keys()) if before[name] != after[name]}
    return {"created": sorted(after.keys() - before.keys()), "deleted": sorted(before.keys() - after.keys()), "changed": changed}


def changed_properties(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: after.get(name) for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)}


def complaints(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """What happened and was not expected, and the other way round. An expected property of None may have any new value."""
    lines = []
    for kind in ("created", "deleted"):
        lines += [f"{kind}, unexpectedly: {name}" for name in found[kind] if name not in expected[kind]]
        lines += [f"not {kind}: {name}" for name in expected[kind] if name not in found[kind]]
    for name in sorted(found["changed"].keys() | expected["changed"].keys()):
        have, want = found["changed"].get(name, {}), expected["changed"].get(name) or {}
        for prop in sorted(have.keys() | want.keys()):
            if prop not in want:
                lines.append(f"changed, unexpectedly: {name}: {prop} is now {have[prop]!r}")
            elif prop not in have:
                lines.append(f"not changed: {name}: {prop}")
            elif want[prop] is not None and want[prop] != have[prop]:
                lines.append(f"changed otherwise: {name}: {prop} is {have[prop]!r}, not {want[prop]!r}")
    return lines
