# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ElastiCache says of a replication group, in our words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import FAILED, PENDING, READY, Condition

USABLE = ("available", "snapshotting")
"""States in which a group serves its clients as it should, though it may take no change now."""


def properties(group: Mapping[str, Any], member: Mapping[str, Any]) -> dict[str, Any]:
    """group is of DescribeReplicationGroups, member of DescribeCacheClusters; each knows more than the other."""
    shard = _shard(group)
    return {
        "identifier": group["ReplicationGroupId"],
        "description": group.get("Description", ""),
        "engine": group.get("Engine") or member.get("Engine", ""),
        "engine_version": member.get("EngineVersion", ""),
        "node_type": group.get("CacheNodeType", ""),
        "node_count": len(group.get("MemberClusters", [])),
        "automatic_failover_enabled": group.get("AutomaticFailover") in ("enabled", "enabling"),
        "multi_az_enabled": group.get("MultiAZ") == "enabled",
        "parameter_group_name": (member.get("CacheParameterGroup") or {}).get("CacheParameterGroupName", ""),
        "subnet_group_name": member.get("CacheSubnetGroupName", ""),
        "security_group_ids": sorted(item["SecurityGroupId"] for item in member.get("SecurityGroups", [])),
        "port": (shard.get("PrimaryEndpoint") or {}).get("Port"),
        "at_rest_encryption_enabled": group.get("AtRestEncryptionEnabled", False),
        "kms_key_arn": group.get("KmsKeyId") or "",
        "transit_encryption_enabled": group.get("TransitEncryptionEnabled", False),
        "auth_token_enabled": group.get("AuthTokenEnabled", False),
        "maintenance_window": member.get("PreferredMaintenanceWindow", ""),
        "snapshot_window": group.get("SnapshotWindow", ""),
        "snapshot_retention_days": group.get("SnapshotRetentionLimit", 0),
        "auto_minor_version_upgrade": group.get("AutoMinorVersionUpgrade", False),
    }


def attributes(group: Mapping[str, Any]) -> dict[str, Any]:
    """primary_endpoint is the host alone, as the contract has it; empty while the group is created."""
    shard = _shard(group)
    return {
        "arn": group["ARN"],
        "primary_endpoint": (shard.get("PrimaryEndpoint") or {}).get("Address", ""),
        "reader_endpoint": (shard.get("ReaderEndpoint") or {}).get("Address", ""),
    }


def snapshot_source(group: Mapping[str, Any]) -> str:
    """The member of which backups are taken: the one that was chosen before, a replica, or the primary.

    Empty in cluster mode, which takes none.
    """
    members = group.get("MemberClusters", [])
    if group.get("ClusterEnabled"):
        return ""
    replicas = [
        item["CacheClusterId"]
        for item in _shard(group).get("NodeGroupMembers", [])
        if item.get("CurrentRole") == "replica"
    ]
    return next((name for name in (group.get("SnapshottingClusterId"), *replicas, *members) if name in members), "")


def complete(group: Mapping[str, Any]) -> bool:
    """Whether a group that was described with its member has one: without it, half of the properties are unknown."""
    return group.get("member") != {}


def state(group: Mapping[str, Any]) -> Condition:
    """The engine's state, with AWS's words as the reason."""
    status = group["Status"]
    if status == "create-failed":
        return {"state": FAILED, "reason": status}
    waiting = [status] if status != "available" else []
    if not complete(group):
        waiting.append("no member known yet")
    pending = group.get("PendingModifiedValues") or {}
    waiting.extend(name for name in ("AuthTokenStatus", "AutomaticFailoverStatus") if pending.get(name))
    if group.get("AutomaticFailover") in ("enabling", "disabling"):
        waiting.append(f"failover {group['AutomaticFailover']}")
    return {"state": PENDING if waiting else READY, "reason": ", ".join(waiting)}


def _shard(group: Mapping[str, Any]) -> Mapping[str, Any]:
    return (group.get("NodeGroups") or [{}])[0]
