"""The account as scenarios compare it: read through plain boto3 by tests/support/snapshot, ids that AWS chose included.

A reading is {"<type> <key>": data}. `key` is the value of the tag connectly:key for what belongs to the scenario's own
deployment and `deployment/layer/key` for everything else. Ids appear in data as `<type:key>`; `id` is a digest of the
real ones, so that a resource that was replaced by its like shows as a change.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
        tags = {
            tag["Key"]: tag["Value"] for tag in elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
        }
        yield Item("cache_endpoint", group["ReplicationGroupId"], {"addresses": digest(addresses)}, tags)


ALL_READERS = {
    reader.__name__.removeprefix("read_"): reader for reader in (*READERS, read_secret_versions, read_primary_endpoints)
}


def digest(values: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(values)).encode()).hexdigest()[:12]


def rule_summary(rule: Mapping[str, Any]) -> str:
    """A security-group rule in a line: direction, protocol, ports, source, description."""
    source = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or rule.get("GroupId")
    ports = (
        "all"
        if rule["IpProtocol"] == "-1"
        else f"{rule['IpProtocol']} {rule.get('FromPort', 0)}-{rule.get('ToPort', 0)}"
    )
    return " ".join(filter(None, ["out" if rule.get("IsEgress") else "in", ports, source, rule.get("Description")]))


def default_route_targets(routes: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        route.get("NatGatewayId") or route.get("GatewayId") or str(route)
        for route in routes
        if "0.0.0.0/0" in route.values() or "::/0" in route.values()
    ]


def via_services(policy: Mapping[str, Any]) -> list[str]:
    """The services through which a key policy admits callers."""
    equals = [statement.get("Condition", {}).get("StringEquals", {}) for statement in policy["Statement"]]
    return sorted({name for condition in equals for name in condition.get("kms:ViaService", [])})


def bucket_keys(encryption: Mapping[str, Any]) -> list[str]:
    return [
        key for rule in encryption["Rules"] if (key := rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID"))
    ]


def expirations(rules: Sequence[Mapping[str, Any]] | None) -> dict[str, int]:
    """{id of a lifecycle rule: days until objects expire}."""
    return {rule["ID"]: rule["Expiration"]["Days"] for rule in rules or [] if "Days" in rule.get("Expiration", {})}


def strategy(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Provider, base and weight of each item of an ECS capacity provider strategy."""
    return sorted(f"{item['capacityProvider']} {item.get('base', 0)} {item.get('weight', 0)}" for item in items)


def image_expiry(policy: Mapping[str, Any] | None) -> list[str]:
    """Which images an ECR lifecycle policy drops: tag status and count."""
    selections = [rule["selection"] for rule in (policy or {}).get("rules", [])]
    return sorted(f"{selection['tagStatus']} {selection['countNumber']}" for selection in selections)


DIGESTS = {
    "s3_bucket": {
        "keys": lambda data: bucket_keys(data["encryption"]),
        "expiration": lambda data: expirations(data["lifecycle"]),
    },
    "ecs_cluster": {"strategy": lambda data: strategy(data["defaultCapacityProviderStrategy"])},
    "ecr_repository": {"expiry": lambda data: image_expiry(data["lifecycle"])},
    "security_group": {"summary": lambda data: sorted(rule_summary(rule) for rule in data["rules"])},
    "route_table": {"default_routes": lambda data: default_route_targets(data["routes"])},
    "kms_key": {"services": lambda data: via_services(data["policy"])},
}
"""What is shown of a type in short besides its data, so that an expectation fits in a line."""


def with_id(reader):
    """The same reader, with a digest of the ids in the data."""

    def read(client) -> Iterator[Item]:
        for item in reader(client):
            # The hosts of a cache come and go with its nodes; its endpoint has an item of its own.
            if item.data is not None and item.ids and item.type != "elasticache_replication_group":
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
                data.update({name: make(data) for name, make in DIGESTS.get(kind, {}).items()})
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
    changed = {
        name: changed_properties(before[name], after[name])
        for name in sorted(before.keys() & after.keys())
        if before[name] != after[name]
    }
    return {
        "created": sorted(after.keys() - before.keys()),
        "deleted": sorted(before.keys() - after.keys()),
        "changed": changed,
    }


def changed_properties(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: after.get(name) for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)
    }


def not_held(reading: Reading, expected: Mapping[str, Any]) -> list[str]:
    """Properties that are not as `expected` ({name: {property: value}}) says."""
    lines = []
    for name, properties in expected.items():
        have = reading.get(name, {})
        lines += [
            f"{name}: {prop} is {have.get(prop)!r}, not {value!r}"
            for prop, value in properties.items()
            if have.get(prop) != value
        ]
    return lines


def complaints(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """What happened and was not expected, and the other way round.

    An expected property of None may have any new value.
    """
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
