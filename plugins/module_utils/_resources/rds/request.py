# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From properties to the requests of RDS: create, restore, and the steps of a change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CREATE = {
    "identifier": "DBInstanceIdentifier",
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "class": "DBInstanceClass",
    "allocated_storage": "AllocatedStorage",
    "max_allocated_storage": "MaxAllocatedStorage",
    "storage_type": "StorageType",
    "iops": "Iops",
    "storage_throughput": "StorageThroughput",
    "multi_az": "MultiAZ",
    "encrypted": "StorageEncrypted",
    "kms_key_arn": "KmsKeyId",
    "master_username": "MasterUsername",
    "database_name": "DBName",
    "manage_master_user_password": "ManageMasterUserPassword",
    "master_user_secret_kms_key_arn": "MasterUserSecretKmsKeyId",
    "subnet_group_name": "DBSubnetGroupName",
    "security_group_ids": "VpcSecurityGroupIds",
    "port": "Port",
    "publicly_accessible": "PubliclyAccessible",
    "parameter_group_name": "DBParameterGroupName",
    "backup_retention_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "deletion_protection": "DeletionProtection",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "performance_insights_enabled": "EnablePerformanceInsights",
    "performance_insights_retention_days": "PerformanceInsightsRetentionPeriod",
    "performance_insights_kms_key_arn": "PerformanceInsightsKMSKeyId",
    "cloudwatch_logs_exports": "EnableCloudwatchLogsExports",
}
"""Properties by their parameter of CreateDBInstance."""

RESTORED = (
    "identifier",
    "engine",
    "class",
    "allocated_storage",
    "storage_type",
    "iops",
    "storage_throughput",
    "multi_az",
    "subnet_group_name",
    "manage_master_user_password",
    "master_user_secret_kms_key_arn",
    "security_group_ids",
    "port",
    "publicly_accessible",
    "parameter_group_name",
    "deletion_protection",
    "auto_minor_version_upgrade",
    "copy_tags_to_snapshot",
    "cloudwatch_logs_exports",
)
"""What RestoreDBInstanceFromDBSnapshot takes; the rest follows as a change when the instance is available."""

OTHER_NAMES = {"port": "DBPortNumber"}
"""Parameters whose name differs between CreateDBInstance and ModifyDBInstance."""

INTERRUPTING = ("class", "engine_version", "port")
"""What restarts the database: left to the maintenance window unless the caller wants it at once."""

STORAGE = ("allocated_storage", "storage_type", "iops", "storage_throughput")
"""RDS wants these together."""


def create_request(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {parameter: properties[name] for name, parameter in CREATE.items() if _given(name, properties)}


def restore_request(properties: Mapping[str, Any]) -> dict[str, Any]:
    request = {CREATE[name]: properties[name] for name in RESTORED if _given(name, properties)}
    return {**request, "DBSnapshotIdentifier": properties["snapshot_identifier"]}


def _given(name: str, properties: Mapping[str, Any]) -> bool:
    value = properties.get(name)
    return value not in (None, "", []) and not (name == "max_allocated_storage" and value == 0)


def interrupts(name: str, before: Any, after: Any) -> bool:
    """Whether a change restarts the database or stops it for a while."""
    if name == "backup_retention_days":
        return (before == 0) != (after == 0)  # backups are switched on or off
    return name in INTERRUPTING or (name == "storage_type" and "standard" in (before, after))


def next_change(
    current: Mapping[str, Any], changes: Mapping[str, Any], pending: bool, at_once: bool
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The properties of the next ModifyDBInstance call and its request, nothing of both at the end.

    What interrupts comes last, so that the rest need not wait for the window. pending says that something that
    interrupts waits for the window already: RDS would carry it out together with anything that is applied at once.
    """
    if not changes:
        return (), {}
    online = {name: value for name, value in changes.items() if not interrupts(name, current.get(name), value)}
    if "engine_version" in changes:
        online.pop("parameter_group_name", None)  # the group of another major version goes with the upgrade
    chosen = changes if at_once else online or changes
    immediately = at_once or (bool(online) and not pending)
    return tuple(sorted(chosen)), {**_request(current, chosen), "ApplyImmediately": immediately}


def _request(current: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "cloudwatch_logs_exports":
            request["CloudwatchLogsExportConfiguration"] = _log_exports(current[name], value)
        elif name == "max_allocated_storage" and value == 0:
            # The limit at the size itself turns autoscaling off.
            request["MaxAllocatedStorage"] = changes.get("allocated_storage", current["allocated_storage"])
        else:
            request[OTHER_NAMES.get(name, CREATE[name])] = value
    if any(name in changes for name in STORAGE):
        for name in STORAGE:
            value = changes.get(name, current.get(name))
            if value is not None and (
                name in changes or name == "allocated_storage" or current.get("storage_type") not in ("gp2", "gp3")
            ):
                request[CREATE[name]] = value
    if "engine_version" in changes:
        request["AllowMajorVersionUpgrade"] = True  # a major upgrade that nobody allowed was refused before
    if "manage_master_user_password" in changes:
        request.pop("MasterUserSecretKmsKeyId", None)
        if changes.get("master_user_secret_kms_key_arn"):
            request["MasterUserSecretKmsKeyId"] = changes["master_user_secret_kms_key_arn"]
    return request


def _log_exports(before: list[str], after: list[str]) -> dict[str, list[str]]:
    enable, disable = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    return {**({"EnableLogTypes": enable} if enable else {}), **({"DisableLogTypes": disable} if disable else {})}
