# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order a running replication group is changed: ElastiCache takes one kind of change at a time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SETTINGS = {
    "description": "ReplicationGroupDescription",
    "security_group_ids": "SecurityGroupIds",
    "maintenance_window": "PreferredMaintenanceWindow",
    "snapshot_window": "SnapshotWindow",
    "snapshot_retention_days": "SnapshotRetentionLimit",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
}
"""What changes without an interruption, by property, with its parameter of ModifyReplicationGroup."""

ENGINE = {"engine": "Engine", "engine_version": "EngineVersion", "parameter_group_name": "CacheParameterGroupName"}
FAILOVER = {"automatic_failover_enabled": "AutomaticFailoverEnabled", "multi_az_enabled": "MultiAZEnabled"}


@dataclass(frozen=True)
class Step:
    """One call: the client's operation, its request without the group and ApplyImmediately, and what it changes."""

    operation: str
    request: Mapping[str, Any]
    properties: tuple[str, ...]


def next_step(current: Mapping[str, Any], changes: Mapping[str, Any], snapshot_source: str = "") -> Step | None:
    """The next call towards changes (the properties that still differ, as they are wanted), or None at the end.

    snapshot_source is the member of which backups are taken where they are switched on; ElastiCache wants it named
    then.
    """
    settings = _named(SETTINGS, changes)
    failover = _named(FAILOVER, changes)
    off = tuple(name for name in failover if not changes[name])
    engine = _named(ENGINE, changes)
    if settings:
        request = _request(SETTINGS, settings, changes)
        if changes.get("snapshot_retention_days") and not current["snapshot_retention_days"] and snapshot_source:
            request["SnapshottingClusterId"] = snapshot_source
        return Step("modify_replication_group", request, settings)
    if off:  # before replicas go
        return Step("modify_replication_group", _request(FAILOVER, off, changes), off)
    if "node_count" in changes:
        operation = (
            "increase_replica_count" if changes["node_count"] > current["node_count"] else "decrease_replica_count"
        )
        return Step(operation, {"NewReplicaCount": changes["node_count"] - 1}, ("node_count",))
    if failover:  # once there are replicas; Multi-AZ asks for failover in the same call or before
        return Step(
            "modify_replication_group",
            {"AutomaticFailoverEnabled": True, **_request(FAILOVER, failover, changes)},
            failover,
        )
    if engine:
        return Step("modify_replication_group", _request(ENGINE, engine, changes), engine)
    if "node_type" in changes:
        return Step("modify_replication_group", {"CacheNodeType": changes["node_type"]}, ("node_type",))
    return None


def _named(names: Mapping[str, str], changes: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in names if name in changes)


def _request(names: Mapping[str, str], properties: tuple[str, ...], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {names[name]: changes[name] for name in properties}
