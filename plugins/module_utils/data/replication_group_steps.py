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
    """One call: the operation of the boto3 client and its request, without the group and ApplyImmediately."""

    operation: str
    request: Mapping[str, Any]


def next_step(current: Mapping[str, Any], changes: Mapping[str, Any], snapshot_source: str = "") -> Step | None:
    """The next call towards changes (the properties that still differ, as they are wanted), or None at the end.

    snapshot_source is the member of which backups are taken where they are switched on; ElastiCache wants it named then.
    """
    settings = _request(SETTINGS, changes)
    if changes.get("snapshot_retention_days") and not current["snapshot_retention_days"] and snapshot_source:
        settings["SnapshottingClusterId"] = snapshot_source
    if settings:
        return Step("modify_replication_group", settings)
    failover = _request(FAILOVER, changes)
    off = {name: value for name, value in failover.items() if not value}
    if off:  # before replicas go
        return Step("modify_replication_group", off)
    if "node_count" in changes:
        operation = "increase_replica_count" if changes["node_count"] > current["node_count"] else "decrease_replica_count"
        return Step(operation, {"NewReplicaCount": changes["node_count"] - 1})
    if failover:  # once there are replicas; Multi-AZ asks for failover in the same call or before
        return Step("modify_replication_group", {"AutomaticFailoverEnabled": True, **failover})
    engine = _request(ENGINE, changes)
    if engine:
        return Step("modify_replication_group", engine)
    if "node_type" in changes:
        return Step("modify_replication_group", {"CacheNodeType": changes["node_type"]})
    return None


def _request(names: Mapping[str, str], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {parameter: changes[name] for name, parameter in names.items() if name in changes}
