# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ElastiCache replication group: Redis OSS or Valkey with one shard, cluster mode off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._aws.arns import same_key
from ..._aws.errors import ClientError, is_not_found
from ..._aws.tags import tag_list
from ..._engine.adapter import Found
from ..._engine.model import FAILED, PENDING, READY, Difference, Existing, Resource
from ..secretsmanager import secret, token
from ..stores import versions
from ..stores.events import last_messages
from ..stores.goals import Goal
from . import facts
from .steps import next_step
from .tags import BUSY_CHANGES, ReplicationGroupTagsAdapter

CREATE_PARAMETERS = {
    "identifier": "ReplicationGroupId",
    "description": "ReplicationGroupDescription",
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "node_type": "CacheNodeType",
    "node_count": "NumCacheClusters",
    "automatic_failover_enabled": "AutomaticFailoverEnabled",
    "multi_az_enabled": "MultiAZEnabled",
    "parameter_group_name": "CacheParameterGroupName",
    "subnet_group_name": "CacheSubnetGroupName",
    "security_group_ids": "SecurityGroupIds",
    "port": "Port",
    "at_rest_encryption_enabled": "AtRestEncryptionEnabled",
    "kms_key_arn": "KmsKeyId",
    "transit_encryption_enabled": "TransitEncryptionEnabled",
    "maintenance_window": "PreferredMaintenanceWindow",
    "snapshot_window": "SnapshotWindow",
    "snapshot_retention_days": "SnapshotRetentionLimit",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "snapshot_name": "SnapshotName",
}
"""Properties by their parameter of CreateReplicationGroup."""

NEW_GROUP = "; ElastiCache does that only with a new replication group, which would lose its data and its endpoint"


class ReplicationGroupAdapter(ReplicationGroupTagsAdapter):
    """Properties: those of CREATE_PARAMETERS, auth_token_enabled, and auth_token_secret (an ARN), which serves to
    create.

    Properties that are not declared (a window, say) are AWS's choice. The id is the identifier.
    """

    type = "elasticache_replication_group"
    # It names the groups, and takes its token from the secret.
    after = ("elasticache_subnet_group", "elasticache_parameter_group", "secretsmanager_secret")
    tagged_as = "elasticache:replicationgroup"
    untag_command = "elasticache remove-tags-from-resource --resource-name {arn} --tag-keys {tag_keys}"
    delete_command = (
        "elasticache delete-replication-group --replication-group-id {id} --final-snapshot-identifier {id}-last"
    )
    waits_for_deletion = True
    undeclared = "report"
    attribute_patterns = {
        "arn": "arn:aws:elasticache:replicationgroup:{}",
        "primary_endpoint": "{}.cache.amazonaws.com",
        "reader_endpoint": "{}.cache.amazonaws.com",
    }
    fixed = {
        "identifier": "ElastiCache cannot rename a replication group" + NEW_GROUP,
        "subnet_group_name": "a replication group stays in its subnet group" + NEW_GROUP,
        "port": "the port is chosen at creation" + NEW_GROUP,
        "at_rest_encryption_enabled": "encryption at rest is chosen at creation" + NEW_GROUP,
        "kms_key_arn": "the key is chosen at creation" + NEW_GROUP,
        "transit_encryption_enabled": (
            "every client has to change with it: go through the mode preferred by hand, as AWS describes it, "
            "then declare it"
        ),
        "snapshot_name": (
            "a cache that runs is not overwritten with a snapshot; choose another identifier, or delete it first"
        ),
    }

    def __init__(
        self,
        *arguments: Any,
        wait_seconds: float | None = None,
        final_snapshot_name: str = "",
        **settings: Any,
    ):
        """final_snapshot_name: the snapshot that a deletion takes."""
        super().__init__(*arguments, **settings)
        self.wait_seconds = wait_seconds
        self._final_snapshot_name = final_snapshot_name
        self._goals: dict[str, Goal] = {}
        self._token_dates: dict[str, Any] = {}

    # What exists -------------------------------------------------------------------------------------------------

    def describe(self, name: str) -> list[dict[str, Any]]:
        """By name with a member, which knows what the group does not show; none where AWS knows no member now."""
        groups = self.groups(name)
        if name:
            for group in groups:
                members = (self._member(identifier) for identifier in group.get("MemberClusters", []))
                group["member"] = next(filter(None, members), {})
        return groups

    def _member(self, identifier: str) -> dict[str, Any]:
        """Empty where AWS does not know it.

        That says nothing of the group, which lists members before they exist and after they are gone.
        """
        try:
            return next(iter(self.client.describe_cache_clusters(CacheClusterId=identifier)["CacheClusters"]), {})
        except ClientError as error:
            if is_not_found(error):
                return {}
            raise

    def name_of(self, description: dict[str, Any]) -> str:
        return description["ReplicationGroupId"]

    def arn_of(self, description: dict[str, Any]) -> str:
        return description["ARN"]

    def existing(self, description: dict[str, Any], tags: dict[str, str]) -> Existing:
        properties = facts.properties(description, description.get("member") or {})
        properties["snapshot_name"] = tags.get(self.restored_tag)
        key = self.scope.key_of(tags)
        return Existing(
            self.type,
            key,
            description["ReplicationGroupId"],
            properties,
            tags,
            facts.attributes(description),
            raw=description,
            **facts.state(description),
        )

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        result = super().observe(wanted, found)
        for existing in result:
            status = existing.raw["Status"]
            if status in facts.USABLE and facts.complete(existing.raw):
                existing.state = READY  # a run that changes nothing waits for nothing
            elif existing.state == FAILED:
                existing.state = PENDING  # so that the wait fails with AWS's events
            if status == "deleting" and wanted and existing.owned:
                existing.owned, existing.reason = (
                    False,
                    f"the replication group {existing.id} is being deleted; run again when it is gone",
                )
        for resource in wanted:
            current = next((item for item in result if item.key == resource.key), None)
            reason = self._unknown_version(resource, current) or (
                self._missing_snapshot(resource) if current is None else ""
            )
            if reason:
                return [Existing(self.type, resource.key, self.name, owned=False, reason=reason)]
        return result

    def _unknown_version(self, wanted: Resource, current: Existing | None) -> str:
        """AWS would refuse an unknown version too, but only after other resources were made."""
        engine, version = wanted.properties["engine"], wanted.properties["engine_version"]
        if current is not None and (
            not current.owned or self._unfinished(current) or self._version_satisfied(wanted, current)
        ):
            return ""
        pages = self.client.get_paginator("describe_cache_engine_versions").paginate(Engine=engine)
        offered = [item["EngineVersion"] for page in pages for item in page["CacheEngineVersions"]]
        return (
            "" if version in offered else f"ElastiCache offers no {engine} {version} here; it has {', '.join(offered)}"
        )

    def _missing_snapshot(self, wanted: Resource) -> str:
        name = wanted.properties.get("snapshot_name")
        return f"there is no snapshot {name}" if name and not self._snapshot_exists(name) else ""

    def _version_satisfied(self, wanted: Resource, current: Existing) -> bool:
        engine = wanted.properties["engine"]
        same_engine = current.properties["engine"] == engine
        return same_engine and versions.satisfied(
            engine, current.properties["engine_version"], wanted.properties["engine_version"]
        )

    def leaving(self, existing: Existing) -> bool:
        return existing.raw["Status"] == "deleting"

    # What differs ------------------------------------------------------------------------------------------------

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        if self._unfinished(existing):
            return []
        compared = {name: value for name, value in wanted.properties.items() if name != "auth_token_secret"}
        result = super().differences(Resource(wanted.type, wanted.key, compared, wanted.tags), existing)
        if self._version_satisfied(wanted, existing):
            result = [item for item in result if item.path != "engine_version"]
        return [self._judged(item, wanted, existing) for item in result]

    def equal(self, name: str, before: Any, after: Any) -> bool:
        return same_key(before, after) if name == "kms_key_arn" else before == after

    def _unfinished(self, existing: Existing) -> bool:
        """A killed run left it in creation, or its members are unknown now: nothing can be compared."""
        return existing.raw["Status"] == "creating" or not facts.complete(existing.raw)

    def _judged(self, item: Difference, wanted: Resource, existing: Existing) -> Difference:
        refusal = item.refusal
        same_engine = existing.properties["engine"] == wanted.properties["engine"]
        if item.path == "engine" and (item.before, item.after) != ("redis", "valkey"):
            refusal = "ElastiCache upgrades Redis OSS to Valkey in place, and not the other way" + NEW_GROUP
        elif item.path == "engine_version" and same_engine and versions.older(item.after, item.before):
            refusal = "ElastiCache does not downgrade an engine" + NEW_GROUP
        elif item.path == "auth_token_enabled" and item.after:
            refusal = "AWS adds a token in two steps; elasticache_auth_token_rotation takes both"
        elif item.path == "auth_token_enabled":
            refusal = (
                "without a token everybody in the network would be let in; AWS turns AUTH off only in favour of "
                "role-based access"
            )
        return Difference(item.path, item.before, item.after, refusal)

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        request = {
            parameter: properties[name]
            for name, parameter in CREATE_PARAMETERS.items()
            if properties.get(name) not in (None, "")
        }
        all_tags = {
            **tags,
            **({self.restored_tag: properties["snapshot_name"]} if properties.get("snapshot_name") else {}),
        }
        request["Tags"] = tag_list(all_tags)
        value = ""
        if properties["auth_token_enabled"]:
            value = request["AuthToken"] = secret.read_token(self.clients, properties["auth_token_secret"])
            self.clients.hide(value)

        def send() -> Existing:
            return self.create_named(
                wanted, all_tags, lambda client: client.create_replication_group(**request)["ReplicationGroup"]
            )

        existing = token.without_token(send, value) if value else send()
        existing.state = PENDING  # so that it is described with its member once it is ready
        return existing

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        """The first step, now or when the group takes changes again; when_ready takes the others, each after a wait."""
        self._goals[existing.id] = Goal(wanted)
        state = facts.state(existing.raw)
        if state["state"] != READY:
            existing.state, existing.reason = PENDING, state["reason"]
            return existing
        return self.when_ready(existing)

    def when_ready(self, existing: Existing) -> Existing:
        self._token_dates.pop(existing.id, None)
        if existing.id not in self._goals:
            return existing
        goal = self._goals[existing.id]
        changes = goal.left(self.differences(goal.wanted, existing))
        step = next_step(existing.properties, changes, facts.snapshot_source(existing.raw))
        if step is None:
            del self._goals[existing.id]
            return existing
        operation = getattr(self.client, step.operation)
        answer = goal.send(
            lambda: operation(ReplicationGroupId=existing.id, ApplyImmediately=True, **step.request),
            step.properties,
            BUSY_CHANGES,
        )
        # A change of the tags, for one, makes the group busy some seconds before it says so.
        existing.state, existing.reason = PENDING, "modifying" if answer else "busy"
        return existing

    def token_changed(self, existing: Existing) -> None:
        """Tell that the AUTH token was changed; existing is the group as it was before that."""
        self._token_dates[existing.id] = existing.raw.get("AuthTokenLastModifiedDate")

    def took_effect(self, existing: Existing) -> bool:
        if existing.id in self._token_dates:
            return existing.raw.get("AuthTokenLastModifiedDate") != self._token_dates[existing.id]
        goal = self._goals.get(existing.id)
        return goal is None or goal.shows(self.differences(goal.wanted, existing))

    def refuse_delete(self, existing: Existing) -> str:
        """A final snapshot whose name is taken would stop the deletion half-way."""
        if not self._final_snapshot_name or existing.raw["Status"] == "deleting":
            return ""
        taken = self._snapshot_exists(self._final_snapshot_name)
        return (
            f"a snapshot {self._final_snapshot_name} exists already; name another one in redis_final_snapshot_name"
            if taken
            else ""
        )

    def _snapshot_exists(self, name: str) -> bool:
        try:
            return bool(self.client.describe_snapshots(SnapshotName=name)["Snapshots"])
        except ClientError as error:
            if is_not_found(error):
                return False
            raise

    def delete(self, existing: Existing) -> None:
        """One that is being deleted already is only waited for."""
        if existing.raw["Status"] == "deleting":
            return
        snapshot = {"FinalSnapshotIdentifier": self._final_snapshot_name} if self._final_snapshot_name else {}
        self.client.delete_replication_group(ReplicationGroupId=existing.id, RetainPrimaryCluster=False, **snapshot)

    def last_events(self, existing: Existing) -> str:
        return last_messages(self.client, "replication-group", existing.id) or existing.reason
