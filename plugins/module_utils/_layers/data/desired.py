# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the data_stores module to the resources that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import Reference, Resource
from ..._resources.stores import versions
from ..._resources.stores.named import KEY
from ..rooms import Account
from .names import Names

PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306}
MASTER_USERNAMES = {"postgres": "postgres", "mysql": "admin", "mariadb": "admin"}
LOG_TYPES = {
    "postgres": ("iam-db-auth-error", "postgresql", "upgrade"),
    "mysql": ("audit", "error", "general", "iam-db-auth-error", "slowquery"),
    "mariadb": ("audit", "error", "general", "iam-db-auth-error", "slowquery"),
}


def resources(params: Mapping[str, Any], tags: Mapping[str, str], account: Account) -> list[Resource]:
    names = Names.of(params)
    wanted = [
        _subnet_group("rds", names.rds_subnet_group, params, tags),
        _subnet_group("elasticache", names.elasticache_subnet_group, params, tags),
    ]
    if params["rds_enabled"]:
        wanted.extend(_rds(params, names, tags))
    if params["redis_enabled"]:
        wanted.extend(_redis(params, names, tags))
    return wanted


def _named(kind: str, name: str, properties: Mapping[str, Any], tags: Mapping[str, str], key: str = KEY) -> Resource:
    return Resource(kind, key, properties, {"Name": name, **tags})


def _subnet_group(service: str, name: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> Resource:
    properties = {
        "name": name,
        "description": params[f"{service}_subnet_group_description"],
        "subnet_ids": sorted(params["subnet_ids"]),
    }
    return _named(f"{service}_subnet_group", name, properties, tags)


def _parameter_group(kind: str, name: str, family: str, parameters: Any, tags: Mapping[str, str]) -> Resource:
    properties = {
        "name": name,
        "family": family,
        "description": f"{family} of the shared infrastructure",
        "parameters": {item["name"]: item["value"] for item in parameters},
    }
    return _named(kind, name, properties, tags)


def _declared(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not declared: there AWS chooses, and no choice of AWS is a difference."""
    return {name: value for name, value in properties.items() if value is not None}


def _rds(params: Mapping[str, Any], names: Names, tags: Mapping[str, str]) -> list[Resource]:
    engine = params["rds_engine"]
    key_arn = params["kms_key_arn"] or None
    insights = params["rds_performance_insights_enabled"]
    properties = {
        "identifier": names.rds_instance,
        "engine": engine,
        "engine_version": params["rds_engine_version"],
        "class": params["rds_instance_class"],
        "allocated_storage": params["rds_allocated_storage"],
        "max_allocated_storage": params["rds_max_allocated_storage"],
        "storage_type": params["rds_storage_type"],
        "iops": params["rds_iops"],
        "storage_throughput": params["rds_storage_throughput"],
        "multi_az": params["rds_multi_az"],
        "encrypted": True,
        "kms_key_arn": key_arn,
        "master_username": params["rds_master_username"] or MASTER_USERNAMES[engine],
        "database_name": params["rds_database_name"] or None,
        "manage_master_user_password": True,
        "master_user_secret_kms_key_arn": key_arn,
        "subnet_group_name": names.rds_subnet_group,
        "security_group_ids": sorted(params["rds_security_group_ids"]),
        "port": params["rds_port"] or PORTS[engine],
        "publicly_accessible": False,
        "parameter_group_name": names.rds_parameter_group,
        "backup_retention_days": params["rds_backup_retention_days"],
        "backup_window": params["rds_backup_window"] or None,
        "maintenance_window": (params["rds_maintenance_window"] or "").lower() or None,
        "deletion_protection": params["rds_deletion_protection"],
        "auto_minor_version_upgrade": params["rds_auto_minor_version_upgrade"],
        "copy_tags_to_snapshot": True,
        "performance_insights_enabled": insights,
        "performance_insights_retention_days": params["rds_performance_insights_retention_days"] if insights else None,
        "performance_insights_kms_key_arn": key_arn if insights else None,
        "cloudwatch_logs_exports": sorted(params["rds_cloudwatch_logs_exports"]),
        "snapshot_identifier": params["rds_snapshot_identifier"] or None,
    }
    family = versions.family(engine, params["rds_engine_version"])
    return [
        *_log_groups(params, names, tags),
        _parameter_group("rds_parameter_group", names.rds_parameter_group, family, params["rds_parameters"], tags),
        _named("rds_instance", names.rds_instance, _declared(properties), tags),
    ]


def _log_groups(params: Mapping[str, Any], names: Names, tags: Mapping[str, str]) -> list[Resource]:
    """RDS would make them by itself, but without our key and without an end."""
    common = {
        "retention_in_days": params["rds_cloudwatch_logs_retention_days"],
        "kms_key_arn": params["kms_key_arn"] or None,
    }
    groups = names.rds_log_groups(params["rds_cloudwatch_logs_exports"])
    return [_named("log_group", name, {"log_group_name": name, **common}, tags, key) for key, name in groups.items()]


def _redis(params: Mapping[str, Any], names: Names, tags: Mapping[str, str]) -> list[Resource]:
    several = params["redis_node_count"] > 1
    failover, multi_az = params["redis_automatic_failover_enabled"], params["redis_multi_az_enabled"]
    auth = params["redis_auth_enabled"]
    properties = {
        "identifier": names.replication_group,
        "description": params["redis_description"],
        "engine": params["redis_engine"],
        "engine_version": params["redis_engine_version"],
        "node_type": params["redis_node_type"],
        "node_count": params["redis_node_count"],
        "automatic_failover_enabled": several if failover is None else failover,
        "multi_az_enabled": several and failover is not False if multi_az is None else multi_az,
        "parameter_group_name": names.redis_parameter_group,
        "subnet_group_name": names.elasticache_subnet_group,
        "security_group_ids": sorted(params["redis_security_group_ids"]),
        "port": params["redis_port"],
        "at_rest_encryption_enabled": True,
        "kms_key_arn": params["kms_key_arn"] or None,
        "transit_encryption_enabled": True,
        "auth_token_enabled": auth,
        "maintenance_window": (params["redis_maintenance_window"] or "").lower() or None,
        "snapshot_window": params["redis_snapshot_window"] or None,
        "snapshot_retention_days": params["redis_snapshot_retention_days"],
        "auto_minor_version_upgrade": params["redis_auto_minor_version_upgrade"],
        "snapshot_name": params["redis_snapshot_name"] or None,
        "auth_token_secret": Reference("secretsmanager_secret", KEY, "arn") if auth else None,
    }
    family = versions.family(params["redis_engine"], params["redis_engine_version"])
    return [
        _parameter_group(
            "elasticache_parameter_group", names.redis_parameter_group, family, params["redis_parameters"], tags
        ),
        *([secret(names.auth_token_secret, names.replication_group, params["kms_key_arn"], tags)] if auth else []),
        _named("elasticache_replication_group", names.replication_group, _declared(properties), tags),
    ]


def secret(name: str, cache: str, kms_key_arn: str | None, tags: Mapping[str, str]) -> Resource:
    properties = {
        "name": name,
        "description": f"AUTH token of the cache {cache}",
        "kms_key_arn": kms_key_arn or "",
        "scheduled_for_deletion": False,
    }
    return _named("secretsmanager_secret", name, properties, tags)
