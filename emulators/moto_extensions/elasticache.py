"""ElastiCache: replication groups with members, parameter groups, engine versions, AUTH tokens and events."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from .transitions import timed_status, transition_of

SECONDS = "EMULATED_ELASTICACHE_SECONDS"

VERSIONS = {
    "redis": {"redis5.0": ["5.0.6"], "redis6.x": ["6.0", "6.2"], "redis7": ["7.0", "7.1"]},
    "valkey": {"valkey7": ["7.2"], "valkey8": ["8.0", "8.1", "8.2"]},
}
"""Versions that ElastiCache offers, by engine and parameter group family."""

TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")


def apply() -> None:
    from moto.elasticache import models

    timed_status(models.ReplicationGroup, "status", SECONDS)
    _groups(models)
    _tags(models)
    _clusters(models)
    _operations()


# Backend ---------------------------------------------------------------------------------------------------------


def _error(code: str, message: str) -> Exception:
    from moto.elasticache.exceptions import ElastiCacheException

    error = type(code, (ElastiCacheException,), {"code": code})
    return error(message)


def _groups(models: Any) -> None:
    backend = models.ElastiCacheBackend
    create, delete, describe = (
        backend.create_replication_group,
        backend.delete_replication_group,
        backend.describe_replication_groups,
    )
    start = backend.__init__

    def initialise(self: Any, *arguments: Any, **settings: Any) -> None:
        start(self, *arguments, **settings)
        self.parameter_groups: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.arn_regex = re.compile(
            r"^arn:aws:elasticache:.*:[0-9]*:(cluster|snapshot|subnetgroup|parametergroup|replicationgroup|user):.*$"
        )

    def create_replication_group(self: Any, *arguments: Any, **settings: Any) -> Any:
        token = settings.get("auth_token")
        if token is not None and (not TOKEN.fullmatch(token) or not settings.get("transit_encryption_enabled")):
            raise _error("InvalidParameterValue", "Invalid AuthToken provided.")
        if settings.get("snapshot_name"):
            self.describe_snapshots(snapshot_name=settings["snapshot_name"])
        group = create(self, *arguments, **settings)
        group.auth_tokens = [token] if token else []
        group.auto_minor_version_upgrade = str(settings.get("auto_minor_version_upgrade", "true")).lower() != "false"
        if not group.engine_version:
            group.engine_version = "7.1" if group.engine == "redis" else "8.1"
        if group.cluster_mode == "disabled":
            set_members(group, settings.get("num_cache_clusters") or 1, self.region_name)
        _event(self, group, "Replication group created")
        _token_event(self, group)
        return group

    def delete_replication_group(self: Any, replication_group_id: str, *arguments: Any, **settings: Any) -> Any:
        group = delete(self, replication_group_id, *arguments, **settings)
        transition = transition_of(group, SECONDS)
        transition.begin("deleting")
        if not transition.current:
            del self.replication_groups[replication_group_id]
        return group

    def describe_replication_groups(self: Any, replication_group_id: str | None = None) -> Any:
        for name, group in list(self.replication_groups.items()):
            if transition_of(group, SECONDS).deleted:
                del self.replication_groups[name]
        return describe(self, replication_group_id)

    backend.__init__ = initialise
    backend.create_replication_group = create_replication_group
    backend.delete_replication_group = delete_replication_group
    backend.describe_replication_groups = describe_replication_groups


def set_members(group: Any, count: int, region: str) -> None:
    """One shard with a primary and count - 1 replicas, spread over the zones."""
    node_group = group.node_groups[0]
    domain = node_group["primary_endpoint_address"].removeprefix("master.")
    group.member_clusters = [f"{group.replication_group_id}-{number:0>3}" for number in range(1, count + 1)]
    node_group["node_group_members"] = [
        {
            "cache_cluster_id": name,
            "cache_node_id": "0001",
            "read_endpoint": {"address": f"{name}.{domain}", "port": group.port},
            "preferred_availability_zone": f"{region}{'abc'[number % 3]}",
            "current_role": "replica" if number else "primary",
        }
        for number, name in enumerate(group.member_clusters)
    ]


def _tags(models: Any) -> None:
    """As on AWS, a replication group that is not available neither shows nor takes tags."""
    backend = models.ElastiCacheBackend
    show, add = backend.list_tags_for_resource, backend.add_tags_to_resource

    def check(self: Any, arn: str) -> None:
        group = self.replication_groups.get(arn.split(":")[-1]) if ":replicationgroup:" in arn else None
        if group is not None and group.status != "available":
            raise _error(
                "InvalidReplicationGroupState", f"{group.replication_group_id} is either not present or not available."
            )

    def list_tags_for_resource(self: Any, arn: str) -> Any:
        check(self, arn)
        return show(self, arn)

    def add_tags_to_resource(self: Any, arn: str, tags: list[dict[str, str]]) -> None:
        check(self, arn)
        add(self, arn, tags)

    backend.list_tags_for_resource = list_tags_for_resource
    backend.add_tags_to_resource = add_tags_to_resource


def _clusters(models: Any) -> None:
    describe = models.ElastiCacheBackend.describe_cache_clusters

    def describe_cache_clusters(self: Any, cache_cluster_id: str | None = None) -> Any:
        members = {name: group for group in self.describe_replication_groups() for name in group.member_clusters}
        if cache_cluster_id in members:
            return [_member(cache_cluster_id, members[cache_cluster_id])]
        return describe(self, cache_cluster_id) + (
            [] if cache_cluster_id else [_member(name, group) for name, group in members.items()]
        )

    models.ElastiCacheBackend.describe_cache_clusters = describe_cache_clusters


def _member(name: str, group: Any) -> dict[str, Any]:
    version = group.engine_version
    return {
        "CacheClusterId": name,
        "ReplicationGroupId": group.replication_group_id,
        "CacheClusterStatus": group.status,
        "CacheNodeType": group.cache_node_type,
        "Engine": group.engine,
        # AWS reports a patch number that nobody asked for.
        "EngineVersion": version if version.count(".") > 1 else f"{version}.0",
        "NumCacheNodes": 1,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window or "sun:23:00-mon:01:30",
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        },
        "SecurityGroups": [
            {"SecurityGroupId": identifier, "Status": "active"} for identifier in group.security_group_ids or []
        ],
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": group.auth_token_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "ARN": group.arn.replace(f"replicationgroup:{group.replication_group_id}", f"cluster:{name}"),
    }


def _event(backend: Any, group: Any, message: str) -> None:
    from moto.core.utils import utcnow

    backend.events.append(
        {
            "SourceIdentifier": group.replication_group_id,
            "SourceType": "replication-group",
            "Message": message,
            "Date": utcnow(),
        }
    )


def _token_event(backend: Any, group: Any) -> None:
    """Which tokens are valid, by their digests, so that tests can compare them with the secret.

    AWS has no such event.
    """
    digests = [hashlib.sha256(token.encode()).hexdigest()[:12] for token in group.auth_tokens]
    _event(backend, group, f"AUTH token digests: {' '.join(digests) or 'none'}")


# Operations ------------------------------------------------------------------------------------------------------


def _operations() -> None:
    from moto.elasticache.responses import ElastiCacheResponse

    for operation in (
        modify_replication_group,
        delete_replication_group,
        increase_replica_count,
        decrease_replica_count,
        modify_cache_subnet_group,
        delete_cache_subnet_group,
        create_cache_parameter_group,
        describe_cache_parameter_groups,
        modify_cache_parameter_group,
        reset_cache_parameter_group,
        describe_cache_parameters,
        delete_cache_parameter_group,
        describe_cache_engine_versions,
        describe_events,
    ):
        setattr(ElastiCacheResponse, operation.__name__, operation)


def _result(value: Any) -> Any:
    from moto.core.responses import ActionResult

    return ActionResult(value)


def _available_group(self: Any) -> Any:
    group = self.elasticache_backend.describe_replication_groups(self._get_param("ReplicationGroupId"))[0]
    if group.status != "available":
        raise _error(
            "InvalidReplicationGroupState",
            f"Replication group {group.replication_group_id} is not available: {group.status}",
        )
    return group


def modify_replication_group(self: Any) -> Any:
    group = _available_group(self)
    texts = {
        "ReplicationGroupDescription": "description",
        "CacheNodeType": "cache_node_type",
        "Engine": "engine",
        "EngineVersion": "engine_version",
        "SnapshotWindow": "snapshot_window",
        "PreferredMaintenanceWindow": "preferred_maintenance_window",
        "CacheParameterGroupName": "cache_parameter_group_name",
        "SecurityGroupIds": "security_group_ids",
    }
    for parameter, attribute in texts.items():
        if self._get_param(parameter) is not None:
            setattr(group, attribute, self._get_param(parameter))
    if self._get_param("SnapshotRetentionLimit") is not None:
        group.snapshot_retention_limit = self._get_int_param("SnapshotRetentionLimit")
    if self._get_param("AutoMinorVersionUpgrade") is not None:
        group.auto_minor_version_upgrade = self._get_bool_param("AutoMinorVersionUpgrade")
    for parameter, attribute in (("AutomaticFailoverEnabled", "automatic_failover"), ("MultiAZEnabled", "multi_az")):
        wanted = self._get_bool_param(parameter)
        if wanted and len(group.member_clusters) < 2:
            raise _error("InvalidParameterCombination", f"{parameter} needs at least one replica")
        if wanted is not None:
            setattr(group, attribute, "enabled" if wanted else "disabled")
    if group.multi_az == "enabled" and group.automatic_failover == "disabled":
        raise _error("InvalidParameterCombination", "Must have automatic failover enabled for Multi-AZ")
    if self._get_param("AuthToken") is not None:
        _change_token(group, self._get_param("AuthToken"), self._get_param("AuthTokenUpdateStrategy"))
        _token_event(self.elasticache_backend, group)
    transition_of(group, SECONDS).begin("modifying")
    return _result({"ReplicationGroup": group})


def _change_token(group: Any, token: str, strategy: str | None) -> None:
    from moto.core.utils import utcnow

    if not TOKEN.fullmatch(token) or not group.transit_encryption_enabled:
        raise _error("InvalidParameterValue", "Invalid AuthToken provided.")
    if strategy == "SET" and token not in group.auth_tokens:
        raise _error("InvalidParameterValue", "SET takes a token that ROTATE has added.")
    # ROTATE keeps the one before valid as well; without any token before, clients without one stay welcome until SET.
    group.auth_tokens = [token] if strategy == "SET" else [*(group.auth_tokens or [""])[-1:], token]
    group.auth_token_enabled = True
    group.auth_token_last_modified_date = utcnow()


def delete_replication_group(self: Any) -> Any:
    backend, name, snapshot = (
        self.elasticache_backend,
        self._get_param("ReplicationGroupId"),
        self._get_param("FinalSnapshotIdentifier"),
    )
    if snapshot:
        backend.create_snapshot(snapshot, name, None, None, None)
    return _result(
        {"ReplicationGroup": backend.delete_replication_group(name, self._get_bool_param("RetainPrimaryCluster"))}
    )


def _set_replicas(self: Any) -> Any:
    group = _available_group(self)
    count = self._get_int_param("NewReplicaCount")
    if not 0 <= count <= 5:
        raise _error("InvalidParameterValue", "A shard has 0 to 5 replicas")
    if count == 0 and group.automatic_failover == "enabled":
        raise _error("InvalidParameterCombination", "Automatic failover needs at least one replica")
    if not self._get_bool_param("ApplyImmediately"):
        raise _error("InvalidParameterValue", "ApplyImmediately must be true")
    set_members(group, count + 1, self.region)
    transition_of(group, SECONDS).begin("modifying")
    return _result({"ReplicationGroup": group})


def increase_replica_count(self: Any) -> Any:
    return _set_replicas(self)


def decrease_replica_count(self: Any) -> Any:
    return _set_replicas(self)


def modify_cache_subnet_group(self: Any) -> Any:
    backend, name = self.elasticache_backend, self._get_param("CacheSubnetGroupName")
    old = backend.describe_cache_subnet_groups(name)[0]
    description = self._get_param("CacheSubnetGroupDescription") or old.cache_subnet_group_description
    subnet_ids = self._get_param("SubnetIds") or old.subnet_ids
    new = type(old)(backend.account_id, backend.region_name, name, description, subnet_ids, old.tags)
    backend.cache_subnet_groups[name] = new
    return _result({"CacheSubnetGroup": new})


def delete_cache_subnet_group(self: Any) -> Any:
    backend, name = self.elasticache_backend, self._get_param("CacheSubnetGroupName")
    backend.describe_cache_subnet_groups(name)
    if any(group.cache_subnet_group_name == name for group in backend.describe_replication_groups()):
        raise _error("CacheSubnetGroupInUse", f"Cache subnet group {name} is in use")
    del backend.cache_subnet_groups[name]
    return _result({})


def _parameter_group(self: Any) -> dict[str, Any]:
    name = self._get_param("CacheParameterGroupName")
    if name not in self.elasticache_backend.parameter_groups:
        raise _error("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return self.elasticache_backend.parameter_groups[name]


def create_cache_parameter_group(self: Any) -> Any:
    backend, name = self.elasticache_backend, self._get_param("CacheParameterGroupName")
    if name in backend.parameter_groups:
        raise _error("CacheParameterGroupAlreadyExists", f"Cache parameter group {name} already exists.")
    group = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
        "Description": self._get_param("Description"),
        "IsGlobal": False,
        "ARN": f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:parametergroup:{name}",
    }
    backend.parameter_groups[name] = {**group, "parameters": {}}
    tags = self._get_param("Tags", [])
    if tags:
        backend.tagging_service.tag_resource(group["ARN"], tags)
    return _result({"CacheParameterGroup": group})


def describe_cache_parameter_groups(self: Any) -> Any:
    groups = (
        [_parameter_group(self)]
        if self._get_param("CacheParameterGroupName")
        else list(self.elasticache_backend.parameter_groups.values())
    )
    return _result({"CacheParameterGroups": groups})


def modify_cache_parameter_group(self: Any) -> Any:
    group = _parameter_group(self)
    for item in self._get_param("ParameterNameValues", []):
        group["parameters"][item["ParameterName"]] = item["ParameterValue"]
    return _result({"CacheParameterGroupName": group["CacheParameterGroupName"]})


def reset_cache_parameter_group(self: Any) -> Any:
    group = _parameter_group(self)
    for item in self._get_param("ParameterNameValues", []):
        group["parameters"].pop(item["ParameterName"], None)
    return _result({"CacheParameterGroupName": group["CacheParameterGroupName"]})


def describe_cache_parameters(self: Any) -> Any:
    parameters = _parameter_group(self)["parameters"]
    return _result(
        {
            "Parameters": [
                {"ParameterName": name, "ParameterValue": value, "Source": "user"} for name, value in parameters.items()
            ]
        }
    )


def delete_cache_parameter_group(self: Any) -> Any:
    group = _parameter_group(self)
    name = group["CacheParameterGroupName"]
    if any(item.cache_parameter_group_name == name for item in self.elasticache_backend.describe_replication_groups()):
        raise _error("InvalidCacheParameterGroupState", f"Cache parameter group {name} is in use")
    del self.elasticache_backend.parameter_groups[name]
    return _result({})


def describe_cache_engine_versions(self: Any) -> Any:
    engine, version = self._get_param("Engine"), self._get_param("EngineVersion")
    found = [
        {"Engine": name, "EngineVersion": number, "CacheParameterGroupFamily": family}
        for name, families in VERSIONS.items()
        for family, numbers in families.items()
        for number in numbers
        if (not engine or engine == name) and (not version or version == number)
    ]
    return _result({"CacheEngineVersions": found})


def describe_events(self: Any) -> Any:
    identifier = self._get_param("SourceIdentifier")
    events = [
        event for event in self.elasticache_backend.events if not identifier or event["SourceIdentifier"] == identifier
    ]
    return _result({"Events": events})
