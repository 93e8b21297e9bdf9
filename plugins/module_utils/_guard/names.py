# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the wanted names are free or the deployment's own, for each type that is found by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from .._aws.clients import Clients
from .._aws.errors import ClientError, error_code, is_not_found
from .._engine.identity import Scope
from .._resources.elasticache.tags import BUSY
from .._resources.s3.finding import unfinished
from .._resources.s3.reading import Bucket, read_all

Tags = dict[str, str]


def names_to_check(wanted: Iterable[Mapping[str, Any]], published: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of layers that have published nothing yet; what a layer built once, its own plan looks after."""
    return [entry for entry in wanted if not published.get(entry["layer"])]


def taken(clients: Clients, scope: Scope, wanted: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each name that exists without the tags of this deployment.

    wanted holds {"type": ..., "names": [...], "variable": ...}; variable, which may be missing, is where the user wrote
    the names.
    """
    triples = [(entry.get("variable"), entry["type"], name) for entry in wanted for name in entry["names"]]
    with ThreadPoolExecutor(max_workers=4) as pool:
        lines = pool.map(lambda triple: _line(clients, scope, *triple), triples)
        return [line for line in lines if line]


def _line(clients: Clients, scope: Scope, variable: str | None, kind: str, name: str) -> str:
    why = _reason(clients, scope, kind, name)
    return (
        f"{f'{variable} wants the ' if variable else ''}{kind} {name!r}, which {why}; choose a name that is free"
        if why
        else ""
    )


def _reason(clients: Clients, scope: Scope, kind: str, name: str) -> str:
    try:
        tags = LOOKUPS[kind](clients, name)
    except ClientError as error:
        if is_not_found(error):
            return ""
        if kind == "s3_bucket" and error_code(error) in ("403", "AccessDenied"):
            return "belongs to another account"
        raise
    if tags is None or tags.get(f"{scope.prefix}deployment") == scope.deployment:
        return ""
    return f"exists, but {scope.owner_of(tags)}"


def _s3_bucket(clients: Clients, name: str) -> Tags | None:
    try:
        return boto3_tag_list_to_ansible_dict(clients.get("s3").get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error_code(error) == "NoSuchTagSet":
            return None if _left_by_a_killed_run(clients, name) else {}
        raise


def _left_by_a_killed_run(clients: Clients, name: str) -> bool:
    """What the storage layer would take for its own unfinished work."""
    s3 = clients.get("s3")
    bucket = read_all(s3, [name])[name]
    created = [entry["CreationDate"] for entry in s3.list_buckets()["Buckets"] if entry["Name"] == name]
    return isinstance(bucket, Bucket) and unfinished(s3, bucket, created[0] if created else None)


def _kms_alias(clients: Clients, name: str) -> Tags | None:
    kms = clients.get("kms")
    key_id = kms.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]["KeyId"]
    return boto3_tag_list_to_ansible_dict(kms.list_resource_tags(KeyId=key_id)["Tags"], "TagKey", "TagValue")


def _ecs_cluster(clients: Clients, name: str) -> Tags | None:
    clusters = clients.get("ecs").describe_clusters(clusters=[name], include=["TAGS"])["clusters"]
    active = [cluster for cluster in clusters if cluster["status"] != "INACTIVE"]
    return boto3_tag_list_to_ansible_dict(active[0].get("tags", []), "key", "value") if active else None


def _rds_subnet_group(clients: Clients, name: str) -> Tags | None:
    rds = clients.get("rds")
    group = rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
    return boto3_tag_list_to_ansible_dict(rds.list_tags_for_resource(ResourceName=group["DBSubnetGroupArn"])["TagList"])


def _elasticache_subnet_group(clients: Clients, name: str) -> Tags | None:
    elasticache = clients.get("elasticache")
    group = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"][0]
    return boto3_tag_list_to_ansible_dict(elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"])


def _rds_instance(clients: Clients, name: str) -> Tags | None:
    instance = clients.get("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return boto3_tag_list_to_ansible_dict(instance.get("TagList", []))


def _elasticache_replication_group(clients: Clients, name: str) -> Tags | None:
    elasticache = clients.get("elasticache")
    group = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    try:
        return boto3_tag_list_to_ansible_dict(elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"])
    except ClientError as error:
        if error_code(error) in BUSY:
            # A killed run may have left it in creation: the data layer waits for its tags, and refuses foreign ones.
            return None
        raise


def _ecr_repository(clients: Clients, name: str) -> Tags | None:
    ecr = clients.get("ecr")
    repository = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    return boto3_tag_list_to_ansible_dict(ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"])


LOOKUPS: dict[str, Callable[[Clients, str], Tags | None]] = {
    "s3_bucket": _s3_bucket,
    "kms_alias": _kms_alias,
    "ecs_cluster": _ecs_cluster,
    "rds_subnet_group": _rds_subnet_group,
    "elasticache_subnet_group": _elasticache_subnet_group,
    "rds_instance": _rds_instance,
    "elasticache_replication_group": _elasticache_replication_group,
    "ecr_repository": _ecr_repository,
}
"""By type: the tags of the resource with this name, or None where there is none, or where only its layer can tell."""
