# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ECS cluster: settings, capacity providers, default strategy and the logging of execute-command sessions."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.errors import error_code
from ..._aws.retrying import retried
from ..._aws.tags import ECS, tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.model import FAILED, PENDING, READY, Condition, Difference, Existing, Resource
from ..iam.service_linked_role import when_role_exists

FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")

CLUSTERS_PER_DESCRIBE = 100

BUSY_SECONDS = 300.0
"""For so long a cluster may be busy with an update before."""

COUNTS = {
    "activeServicesCount": "active services",
    "runningTasksCount": "running tasks",
    "pendingTasksCount": "pending tasks",
    "registeredContainerInstancesCount": "registered container instances",
}
"""What keeps a cluster from being deleted, by its field in DescribeClusters."""


class EcsClusterAdapter(AwsAdapter):
    """Properties: name, container_insights, capacity_providers (sorted), default_capacity_provider_strategy (sorted
    dicts
    of capacity_provider, base, weight), execute_command_logging (NONE, DEFAULT, OVERRIDE), execute_command_kms_key_arn,
    execute_command_log_group_name, execute_command_log_encryption. The id is the ARN.
    """

    type = "ecs_cluster"
    after = ("log_group",)  # where it logs the sessions of execute-command
    waits_for = ("ecs_cluster",)  # AWS refuses changes while capacity providers are being attached
    id_pattern = "arn:aws:ecs:cluster/{}"
    attribute_patterns = {"arn": "arn:aws:ecs:cluster/{}"}
    untag_command = "ecs untag-resource --resource-arn {arn} --tag-keys {tag_keys}"
    delete_command = "ecs delete-cluster --cluster {id}"
    fixed = {"name": "ECS cannot rename a cluster; its services would have to move to a new one"}

    # What exists -------------------------------------------------------------------------------------------------

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        """Ours by tags, whatever the name; one that has a wanted name; capacity providers that others attached."""
        ecs = self.clients.get("ecs")
        arns = [arn for page in ecs.get_paginator("list_clusters").paginate() for arn in page["clusterArns"]]
        names = {str(resource.properties["name"]): resource.key for resource in wanted}
        # The list may lag behind a cluster that was just created, so wanted names are asked for by themselves.
        listed = {arn.rpartition("/")[2] for arn in arns}
        clusters = self._describe([*arns, *(name for name in names if name not in listed)])
        result: list[Existing] = []
        for cluster in clusters:
            existing = self._existing(cluster)
            blocked_key = names.get(cluster["clusterName"])
            if existing.key is not None and cluster["status"] != "DEPROVISIONING":
                result.append(existing)
                result.extend(self._attached_by_others(existing, wanted))
            elif blocked_key is not None:
                existing.key, existing.owned = blocked_key, False
                deleted = cluster["status"] == "DEPROVISIONING"
                owner = (
                    "is being deleted; run again when it is gone"
                    if deleted
                    else f"exists, but {self.scope.owner_of(existing.tags)}; not taken over"
                )
                existing.reason = f"the cluster {cluster['clusterName']} {owner}"
                result.append(existing)
        return result

    def tags_of_name(self, name: str) -> dict[str, str] | None:
        return next((_tags(cluster) for cluster in self._describe([name])), None)

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        return [self._existing(cluster) for cluster in self._describe([item.id for item in existing])]

    def _describe(self, clusters: Sequence[str]) -> list[dict[str, Any]]:
        """Clusters by name or ARN; a deleted one stays visible as INACTIVE for a while and counts as absent."""
        ecs = self.clients.get("ecs")
        described: list[dict[str, Any]] = []
        for start in range(0, len(clusters), CLUSTERS_PER_DESCRIBE):
            batch = list(clusters[start : start + CLUSTERS_PER_DESCRIBE])
            answer = ecs.describe_clusters(
                clusters=batch, include=["TAGS", "SETTINGS", "CONFIGURATIONS", "ATTACHMENTS"]
            )
            described.extend(cluster for cluster in answer["clusters"] if cluster["status"] != "INACTIVE")
        return described

    def _existing(self, cluster: dict[str, Any]) -> Existing:
        tags = _tags(cluster)
        command = (cluster.get("configuration") or {}).get("executeCommandConfiguration") or {}
        logs = command.get("logConfiguration") or {}
        insights = [item["value"] for item in cluster.get("settings") or () if item["name"] == "containerInsights"]
        return Existing(
            self.type,
            self.scope.key_of(tags),
            cluster["clusterArn"],
            properties={
                "name": cluster["clusterName"],
                "container_insights": insights[0] if insights else "disabled",
                "capacity_providers": sorted(cluster.get("capacityProviders") or ()),
                "default_capacity_provider_strategy": sorted_strategy(
                    {
                        "capacity_provider": item["capacityProvider"],
                        "base": item.get("base", 0),
                        "weight": item.get("weight", 0),
                    }
                    for item in cluster.get("defaultCapacityProviderStrategy") or ()
                ),
                "execute_command_logging": command.get("logging", "DEFAULT"),
                "execute_command_kms_key_arn": command.get("kmsKeyId", ""),
                "execute_command_log_group_name": logs.get("cloudWatchLogGroupName", ""),
                "execute_command_log_encryption": logs.get("cloudWatchEncryptionEnabled", False),
            },
            tags=tags,
            attributes={"arn": cluster["clusterArn"]},
            **_state(cluster),
            raw=cluster,
        )

    def _attached_by_others(self, existing: Existing, wanted: Sequence[Resource]) -> list[Existing]:
        declared = {name for resource in wanted for name in resource.properties["capacity_providers"]}
        return [
            Existing(
                self.type,
                None,
                f"{existing.properties['name']}/{name}",
                reason=f"the capacity provider {name} was attached by others and is left alone",
            )
            for name in _foreign_providers(existing)
            if wanted and name not in declared
        ]

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        return {twin.id: [f"has {', '.join(used)}"] for twin in twins for used in [_used(twin)] if used}

    # What differs ------------------------------------------------------------------------------------------------

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        """Providers that others attached belong to the wanted list, since AWS replaces the whole list."""
        providers = sorted({*wanted.properties["capacity_providers"], *_foreign_providers(existing)})
        kept = Resource(wanted.type, wanted.key, {**wanted.properties, "capacity_providers": providers}, wanted.tags)
        return super().differences(kept, existing)

    def refuse_delete(self, existing: Existing) -> str:
        used = _used(existing)
        if not used:
            return ""
        return f"the cluster {existing.properties['name']} still has {', '.join(used)}; remove them first"

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        """CreateCluster answers with the same cluster when it is asked twice, so it may be retried."""
        properties = wanted.properties
        arguments = {
            "clusterName": properties["name"],
            "tags": tag_list(tags, ECS),
            "settings": [{"name": "containerInsights", "value": properties["container_insights"]}],
            "configuration": _configuration({}, properties),
            "capacityProviders": list(properties["capacity_providers"]),
            "defaultCapacityProviderStrategy": _strategy(properties),
        }
        answer = when_role_exists(self.clients, "ecs", lambda: self.clients.get("ecs").create_cluster(**arguments))
        existing = self._existing({"tags": tag_list(tags, ECS), **answer["cluster"]})
        existing.key = wanted.key
        existing.properties = dict(properties)
        return existing

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        ecs = self.clients.get("ecs")
        changed = {item.path: item.after for item in differences}
        if any(name == "container_insights" or name.startswith("execute_command_") for name in changed):
            _when_not_busy(
                ecs.update_cluster,
                cluster=existing.id,
                settings=[{"name": "containerInsights", "value": wanted.properties["container_insights"]}],
                configuration=_configuration(existing.raw.get("configuration") or {}, wanted.properties),
            )
        if changed.keys() & {"capacity_providers", "default_capacity_provider_strategy"}:
            _when_not_busy(
                ecs.put_cluster_capacity_providers,
                cluster=existing.id,
                capacityProviders=changed.get("capacity_providers", existing.properties["capacity_providers"]),
                defaultCapacityProviderStrategy=_strategy(wanted.properties),
            )
        return self.refresh([existing])[0]

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        self.clients.get("ecs").tag_resource(resourceArn=existing.id, tags=tag_list(tags, ECS))

    def delete(self, existing: Existing) -> None:
        _when_not_busy(self.clients.get("ecs").delete_cluster, cluster=existing.id)


def _used(existing: Existing) -> list[str]:
    return [f"{existing.raw[field]} {words}" for field, words in COUNTS.items() if existing.raw.get(field)]


def sorted_strategy(items: Any) -> list[dict[str, Any]]:
    """A strategy in one order: AWS gives its items in any."""
    return sorted(items, key=lambda item: item["capacity_provider"])


def _when_not_busy(operation: Callable[..., Any], **arguments: Any) -> Any:
    """A change of a cluster, again and again while ECS is at work on the one before.

    A provider in use is an error at once: its tasks may stay for ever.
    """
    return retried(lambda: operation(**arguments), _is_busy, BUSY_SECONDS)


def _is_busy(error: Exception) -> bool:
    code = error_code(error)
    return code == "UpdateInProgressException" or (code == "ClientException" and "not ACTIVE" in str(error))


def _state(cluster: dict[str, Any]) -> Condition:
    """The engine's state of a cluster, and why where it failed."""
    attachments = cluster.get("attachmentsStatus", "")
    if cluster["status"] == "FAILED" or attachments == "UPDATE_FAILED":
        details = [
            f"{item.get('name')}={item.get('value')}"
            for part in cluster.get("attachments") or ()
            for item in part.get("details") or ()
        ]
        reason = (
            f"status {cluster['status']}, attachments "
            f"{attachments or 'none'}{': ' if details else ''}{', '.join(details)}"
        )
        return {"state": FAILED, "reason": reason}
    pending = cluster["status"] == "PROVISIONING" or attachments == "UPDATE_IN_PROGRESS"
    return {"state": PENDING if pending else READY, "reason": ""}


def _foreign_providers(existing: Existing) -> list[str]:
    return [name for name in existing.properties["capacity_providers"] if name not in FARGATE_PROVIDERS]


def _tags(cluster: dict[str, Any]) -> dict[str, str]:
    return tag_dict(cluster.get("tags"), ECS)


def _strategy(properties: Any) -> list[dict[str, Any]]:
    return [
        {"capacityProvider": item["capacity_provider"], "base": item["base"], "weight": item["weight"]}
        for item in properties["default_capacity_provider_strategy"]
    ]


def _configuration(current: dict[str, Any], properties: Any) -> dict[str, Any]:
    """The cluster configuration with our execute-command part; what else it holds (managed storage) stays."""
    command: dict[str, Any] = {"logging": properties["execute_command_logging"]}
    if properties["execute_command_kms_key_arn"]:
        command["kmsKeyId"] = properties["execute_command_kms_key_arn"]
    if properties["execute_command_log_group_name"]:
        command["logConfiguration"] = {
            "cloudWatchLogGroupName": properties["execute_command_log_group_name"],
            "cloudWatchEncryptionEnabled": properties["execute_command_log_encryption"],
        }
    return {**copy.deepcopy(current), "executeCommandConfiguration": command}
