"""Reads ECS, RDS and ElastiCache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support.snapshot.items import Item, omit, paged, pick, tag_dict

# Times, counters and ids that say nothing about what was asked for.
VOLATILE = (".*Time", ".*Date", ".*ResourceId", "DbiResourceId", "TagList", "Tags", ".*Count")


def read_clusters(client) -> Iterator[Item]:
    """ECS clusters; inactive ones, which AWS keeps for a while, are left out."""
    ecs = client("ecs")
    for arn in paged(ecs, "list_clusters", "clusterArns"):
        cluster = ecs.describe_clusters(clusters=[arn], include=["SETTINGS", "CONFIGURATIONS", "TAGS"])["clusters"][0]
        if cluster.get("status") == "INACTIVE":
            continue
        data = pick(
            cluster, "status", "settings", "configuration", "capacityProviders", "defaultCapacityProviderStrategy"
        )
        yield Item("ecs_cluster", cluster["clusterName"], data, tag_dict(cluster.get("tags")))


def read_databases(client) -> Iterator[Item]:
    """RDS subnet groups, parameter groups and instances."""
    rds = client("rds")

    def tags(arn: str) -> dict[str, str]:
        return tag_dict(rds.list_tags_for_resource(ResourceName=arn).get("TagList"))

    for group in paged(rds, "describe_db_subnet_groups", "DBSubnetGroups"):
        data = pick(group, "DBSubnetGroupDescription", "VpcId")
        data["subnets"] = [subnet["SubnetIdentifier"] for subnet in group["Subnets"]]
        yield Item("rds_subnet_group", group["DBSubnetGroupName"], data, tags(group["DBSubnetGroupArn"]))
    for group in paged(rds, "describe_db_parameter_groups", "DBParameterGroups"):
        if not group["DBParameterGroupName"].startswith("default."):
            data = pick(group, "DBParameterGroupFamily", "Description")
            data["set"] = _parameters(rds, "describe_db_parameters", DBParameterGroupName=group["DBParameterGroupName"])
            yield Item("rds_parameter_group", group["DBParameterGroupName"], data, tags(group["DBParameterGroupArn"]))
    for instance in paged(rds, "describe_db_instances", "DBInstances"):
        data = omit(instance, *VOLATILE, "DBSubnetGroup", "CertificateDetails", "LatestRestorableTime")
        data["subnet_group"] = instance.get("DBSubnetGroup", {}).get("DBSubnetGroupName")
        # A part of the host name is AWS's choice.
        ids = {instance.get("Endpoint", {}).get("Address", ""): " host"}
        yield Item("rds_instance", instance["DBInstanceIdentifier"], data, tags(instance["DBInstanceArn"]), ids)


def read_caches(client) -> Iterator[Item]:
    """ElastiCache subnet groups, parameter groups and replication groups."""
    elasticache = client("elasticache")

    def tags(arn: str) -> dict[str, str]:
        return tag_dict(elasticache.list_tags_for_resource(ResourceName=arn).get("TagList"))

    for group in paged(elasticache, "describe_cache_subnet_groups", "CacheSubnetGroups"):
        data = pick(group, "CacheSubnetGroupDescription", "VpcId")
        data["subnets"] = [subnet["SubnetIdentifier"] for subnet in group["Subnets"]]
        yield Item("elasticache_subnet_group", group["CacheSubnetGroupName"], data, tags(group["ARN"]))
    for group in paged(elasticache, "describe_cache_parameter_groups", "CacheParameterGroups"):
        if not group["CacheParameterGroupName"].startswith("default."):
            data = pick(group, "CacheParameterGroupFamily", "Description")
            data["set"] = _parameters(
                elasticache, "describe_cache_parameters", CacheParameterGroupName=group["CacheParameterGroupName"]
            )
            yield Item("elasticache_parameter_group", group["CacheParameterGroupName"], data, tags(group["ARN"]))
    for group in paged(elasticache, "describe_replication_groups", "ReplicationGroups"):
        ids = {host: f" host {number}" for number, host in enumerate(_hosts(group), 1)}
        yield Item(
            "elasticache_replication_group",
            group["ReplicationGroupId"],
            omit(group, *VOLATILE),
            tags(group["ARN"]),
            ids,
        )


def _parameters(client: Any, operation: str, **arguments: Any) -> dict[str, str]:
    """The parameters of a group that somebody set."""
    found = paged(client, operation, "Parameters", Source="user", **arguments)
    return {parameter["ParameterName"]: parameter.get("ParameterValue", "") for parameter in found}


def _hosts(value: Any) -> list[str]:
    """All endpoint host names in an answer, in the order in which it has them."""
    if isinstance(value, list):
        return [host for item in value for host in _hosts(item)]
    if isinstance(value, dict):
        return [host for name, item in value.items() for host in ([item] if name == "Address" else _hosts(item))]
    return []
