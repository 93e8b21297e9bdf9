# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What RDS says of a database instance, in our words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import FAILED, PENDING, READY, Condition
from ..stores import versions

USABLE = (
    "available",
    "backing-up",
    "configuring-enhanced-monitoring",
    "maintenance",
    "stopped",
    "storage-full",
    "storage-optimization",
)
"""States that no run has to wait out, though an instance may take no change in them."""

OPTIMIZING = "storage-optimization"
"""For hours after a change of the storage: all is in use as usual, and all but the storage can be changed."""

CHANGEABLE = ("available", "storage-full", OPTIMIZING)
"""States in which ModifyDBInstance is taken; more storage is the cure of a full one."""

FAILURES = (
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-create",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
)

PENDING_NAMES = {
    "allocated_storage": "AllocatedStorage",
    "backup_retention_days": "BackupRetentionPeriod",
    "class": "DBInstanceClass",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "multi_az": "MultiAZ",
    "port": "Port",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}
"""Properties that may wait for the maintenance window, by their name in PendingModifiedValues."""


def properties(instance: Mapping[str, Any]) -> dict[str, Any]:
    """A change that was requested and waits for its window counts as made."""
    secret = instance.get("MasterUserSecret") or {}
    allocated = instance.get("AllocatedStorage", 0)
    limit = instance.get("MaxAllocatedStorage") or 0
    result = {
        "identifier": instance["DBInstanceIdentifier"],
        "engine": instance["Engine"],
        "engine_version": instance.get("EngineVersion", ""),
        "class": instance.get("DBInstanceClass", ""),
        "allocated_storage": allocated,
        "storage_type": instance.get("StorageType", ""),
        "iops": instance.get("Iops"),
        "storage_throughput": instance.get("StorageThroughput"),
        "multi_az": instance.get("MultiAZ", False),
        "encrypted": instance.get("StorageEncrypted", False),
        "kms_key_arn": instance.get("KmsKeyId") or "",
        "master_username": instance.get("MasterUsername", ""),
        "database_name": instance.get("DBName") or "",
        "manage_master_user_password": bool(secret),
        "master_user_secret_kms_key_arn": secret.get("KmsKeyId") or "",
        "subnet_group_name": (instance.get("DBSubnetGroup") or {}).get("DBSubnetGroupName", ""),
        "security_group_ids": sorted(
            group["VpcSecurityGroupId"]
            for group in instance.get("VpcSecurityGroups", [])
            if group.get("Status") != "removing"
        ),
        "port": _port(instance),
        "publicly_accessible": bool(instance.get("PubliclyAccessible")),
        "parameter_group_name": next(
            (group["DBParameterGroupName"] for group in instance.get("DBParameterGroups", [])), ""
        ),
        "backup_retention_days": instance.get("BackupRetentionPeriod", 0),
        "backup_window": instance.get("PreferredBackupWindow", ""),
        "maintenance_window": instance.get("PreferredMaintenanceWindow", ""),
        "deletion_protection": instance.get("DeletionProtection", False),
        "auto_minor_version_upgrade": instance.get("AutoMinorVersionUpgrade", False),
        "copy_tags_to_snapshot": instance.get("CopyTagsToSnapshot", False),
        "performance_insights_enabled": bool(instance.get("PerformanceInsightsEnabled")),
        "performance_insights_retention_days": instance.get("PerformanceInsightsRetentionPeriod"),
        "performance_insights_kms_key_arn": instance.get("PerformanceInsightsKMSKeyId") or "",
        "cloudwatch_logs_exports": _log_exports(instance),
    }
    pending = instance.get("PendingModifiedValues") or {}
    result.update({name: pending[shown] for name, shown in PENDING_NAMES.items() if shown in pending})
    result["max_allocated_storage"] = limit if limit > result["allocated_storage"] else 0
    return result


def _port(instance: Mapping[str, Any]) -> int | None:
    return (instance.get("Endpoint") or {}).get("Port") or instance.get("DbInstancePort") or None


def _log_exports(instance: Mapping[str, Any]) -> list[str]:
    pending = (instance.get("PendingModifiedValues") or {}).get("PendingCloudwatchLogsExports") or {}
    requested = {*instance.get("EnabledCloudwatchLogsExports", []), *pending.get("LogTypesToEnable", [])}
    return sorted(requested - set(pending.get("LogTypesToDisable", [])))


def major_upgrade_pending(instance: Mapping[str, Any]) -> bool:
    """Whether another major version waits for the maintenance window."""
    engine, pending = instance["Engine"], (instance.get("PendingModifiedValues") or {}).get("EngineVersion") or ""
    return bool(pending) and versions.major(engine, pending) != versions.major(engine, instance["EngineVersion"])


def attributes(instance: Mapping[str, Any]) -> dict[str, Any]:
    """endpoint is host:port, as the contract has it; empty while the instance is created."""
    endpoint = instance.get("Endpoint") or {}
    return {
        "arn": instance["DBInstanceArn"],
        "endpoint": f"{endpoint['Address']}:{endpoint['Port']}" if endpoint.get("Address") else "",
        "master_user_secret_arn": (instance.get("MasterUserSecret") or {}).get("SecretArn", ""),
        "pending_modified_values": sorted(instance.get("PendingModifiedValues") or {}),
    }


def state(instance: Mapping[str, Any]) -> Condition:
    """The engine's state, with AWS's word as the reason."""
    status = instance["DBInstanceStatus"]
    if status in FAILURES:
        return {"state": FAILED, "reason": status}
    if status in CHANGEABLE:
        return {"state": READY, "reason": ""}
    percent = f" {instance['PercentProgress']} %" if instance.get("PercentProgress") else ""
    return {"state": PENDING, "reason": f"{status}{percent}"}
