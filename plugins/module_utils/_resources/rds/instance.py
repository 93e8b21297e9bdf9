# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The RDS database instance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..._aws.errors import ClientError, is_not_found
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.model import FAILED, PENDING, READY, Difference, Existing, Resource
from ..stores import versions
from ..stores.events import last_messages
from ..stores.goals import Goal
from ..stores.named import NamedAdapter
from . import facts
from .differences import judge
from .request import INTERRUPTING, STORAGE, create_request, next_change, restore_request
from .snapshot import misfit

BUSY = ("InvalidDBInstanceState",)
"""What AWS answers to changes of a database that is not available."""
HELD = "storage-optimization, after which its storage can be changed again"


class RdsInstanceAdapter(NamedAdapter):
    """Properties: those of rds_request.CREATE and snapshot_identifier.

    What is not declared is AWS's choice. The id is the identifier.
    """

    type = "rds_instance"
    # It names the groups, and RDS would make the log groups by itself, without our key and without an end.
    after = ("rds_subnet_group", "rds_parameter_group", "log_group")
    service = "rds"
    noun = "database"
    tagged_as = "rds:db"
    untag_command = "rds remove-tags-from-resource --resource-name {arn} --tag-keys {tag_keys}"
    delete_command = "rds delete-db-instance --db-instance-identifier {id} --final-db-snapshot-identifier {id}-last"
    waits_for_deletion = True
    undeclared = "report"
    attribute_patterns = {
        "arn": "arn:aws:rds:db:{}",
        "endpoint": "{}.rds.amazonaws.com:5432",
        "master_user_secret_arn": "arn:aws:secretsmanager:secret:rds!{}",
    }

    def __init__(
        self,
        *arguments: Any,
        wait_seconds: float | None = None,
        at_once: bool = False,
        allow_major: bool = False,
        final_snapshot_identifier: str = "",
        delete_automated_backups: bool = True,
        **settings: Any,
    ):
        """at_once: interrupting changes do not wait for the window; final_snapshot_identifier: empty takes none."""
        super().__init__(*arguments, **settings)
        self.wait_seconds = wait_seconds
        self._at_once = at_once
        self._allow_major = allow_major
        self._final_snapshot_identifier = final_snapshot_identifier
        self._delete_automated_backups = delete_automated_backups
        self._goals: dict[str, Goal] = {}
        self._awaited: dict[str, set[str]] = {}

    # What exists -------------------------------------------------------------------------------------------------

    def describe(self, name: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_db_instances").paginate(
            **({"DBInstanceIdentifier": name} if name else {})
        )
        return [instance for page in pages for instance in page["DBInstances"]]

    def name_of(self, description: dict[str, Any]) -> str:
        return description["DBInstanceIdentifier"]

    def arn_of(self, description: dict[str, Any]) -> str:
        return description["DBInstanceArn"]

    def told_tags(self, description: dict[str, Any]) -> dict[str, str]:
        return tag_dict(description.get("TagList"))

    def existing(self, description: dict[str, Any], tags: dict[str, str]) -> Existing:
        properties = {**facts.properties(description), "snapshot_identifier": tags.get(self.restored_tag)}
        identifier = description["DBInstanceIdentifier"]
        result = Existing(
            self.type,
            self.scope.key_of(tags),
            identifier,
            properties,
            tags,
            facts.attributes(description),
            raw=description,
            **facts.state(description),
        )
        # Right after a call, AWS still says "available" although it has just begun.
        waiting = self._awaited.get(identifier, set()) & set(description.get("PendingModifiedValues") or ())
        if description["DBInstanceStatus"] == "available" and waiting:
            result.state, result.reason = PENDING, f"applying {', '.join(sorted(waiting))}"
        return result

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        result = super().observe(wanted, found)
        for existing in result:
            status = existing.raw["DBInstanceStatus"]
            if status in facts.USABLE:
                existing.state = READY  # a run that changes nothing waits for nothing
            elif existing.state == FAILED:
                existing.state = PENDING  # so that the wait fails with AWS's events
            if status == "deleting" and wanted and existing.owned:
                existing.owned, existing.reason = (
                    False,
                    f"the database {existing.id} is being deleted; run again when it is gone",
                )
        for resource in wanted:
            current = next((item for item in result if item.key == resource.key), None)
            reason = self._unknown_version(resource, current) or (
                self._bad_snapshot(resource) if current is None else ""
            )
            if reason:
                return [Existing(self.type, resource.key, self.name, owned=False, reason=reason)]
        return result

    def _unknown_version(self, wanted: Resource, current: Existing | None) -> str:
        """AWS would refuse an unknown version too, but only after other resources were made."""
        engine, version = wanted.properties["engine"], wanted.properties["engine_version"]
        if current is not None:
            same = current.properties.get("engine") == engine and versions.satisfied(
                engine, current.properties["engine_version"], version
            )
            if same or not current.owned:
                return ""
        pages = self.client.get_paginator("describe_db_engine_versions").paginate(Engine=engine)
        offered = [item["EngineVersion"] for page in pages for item in page["DBEngineVersions"]]
        if any(
            versions.numbers(item)[: len(versions.numbers(version))] == versions.numbers(version) for item in offered
        ):
            return ""
        major = ".".join(map(str, versions.major(engine, version)))
        near = [item for item in offered if versions.major(engine, item) == versions.major(engine, version)]
        return f"RDS offers no {engine} {version} here; of {major} it has {', '.join(near) or 'none'}"

    def _bad_snapshot(self, wanted: Resource) -> str:
        """AWS would refuse it too, or what it restored would not be what is declared."""
        name = wanted.properties.get("snapshot_identifier")
        if not name:
            return ""
        try:
            snapshot = self.client.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
        except ClientError as error:
            if is_not_found(error):
                return f"there is no snapshot {name}"
            raise
        return misfit(name, snapshot, wanted.properties)

    def leaving(self, existing: Existing) -> bool:
        return existing.raw["DBInstanceStatus"] == "deleting"

    # What differs ------------------------------------------------------------------------------------------------

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        if existing.raw["DBInstanceStatus"] == "creating":
            return []  # a killed run left it so, and AWS does not tell all of it yet
        result = judge(super().differences(wanted, existing), existing.properties, wanted.properties, self._allow_major)
        if facts.major_upgrade_pending(existing.raw):
            # Requested together with the upgrade, but AWS tells it only afterwards, and refuses it for the version that
            # runs.
            result = [item for item in result if item.path != "parameter_group_name"]
        if existing.raw["DBInstanceStatus"] in ("stopping", "stopped"):
            return [
                Difference(
                    item.path, item.before, item.after, item.refusal or "the database is stopped; start it first"
                )
                for item in result
            ]
        return result

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        snapshot = wanted.properties.get("snapshot_identifier")
        if not snapshot:
            request = {**create_request(wanted.properties), "Tags": tag_list(tags)}
            existing = self.create_named(
                wanted, tags, lambda client: client.create_db_instance(**request)["DBInstance"]
            )
        else:
            all_tags = {**tags, self.restored_tag: snapshot}
            request = {**restore_request(wanted.properties), "Tags": tag_list(all_tags)}
            existing = self.create_named(
                wanted, all_tags, lambda client: client.restore_db_instance_from_db_snapshot(**request)["DBInstance"]
            )
            # What a restore does not take follows when the instance is available.
            self._goals[existing.id] = Goal(wanted)
        existing.state = PENDING
        return existing

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        """The first call, now or when the instance takes changes again; when_ready makes the others after waits."""
        self._goals[existing.id] = Goal(wanted)
        if existing.raw["DBInstanceStatus"] not in facts.CHANGEABLE:
            existing.state, existing.reason = PENDING, facts.state(existing.raw)["reason"]
            return existing
        return self.when_ready(existing)

    def when_ready(self, existing: Existing) -> Existing:
        goal = self._goals.get(existing.id)
        if goal is None:
            return existing
        changes = goal.left(self.differences(goal.wanted, existing))
        held = self._held(existing, changes)
        pending = set(existing.raw.get("PendingModifiedValues") or ())
        interrupting = bool(pending & {facts.PENDING_NAMES[name] for name in INTERRUPTING})
        possible = {name: value for name, value in changes.items() if name not in held}
        names, request = next_change(existing.properties, possible, interrupting, self._at_once)
        if not names and held:
            existing.state, existing.reason = PENDING, HELD
            return existing
        if not names:
            del self._goals[existing.id]
            return existing
        answer = goal.send(
            lambda: self.client.modify_db_instance(DBInstanceIdentifier=existing.id, **request), names, BUSY
        )
        if answer and request["ApplyImmediately"]:
            self._awaited[existing.id] = set(answer["DBInstance"].get("PendingModifiedValues") or ())
        # A backup that has begun since the state was read, for one, ends by itself.
        existing.state, existing.reason = PENDING, "modifying" if answer else "busy"
        return existing

    @staticmethod
    def _held(existing: Existing, changes: Iterable[str]) -> set[str]:
        """The changes for which RDS must first have worked off the last change of the storage."""
        return set(changes) & set(STORAGE) if existing.raw["DBInstanceStatus"] == facts.OPTIMIZING else set()

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        """One that has nothing left to do but what is held back is not ready."""
        result = super().refresh(existing)
        for item in result:
            goal = self._goals.get(item.id)
            changes = goal.left(self.differences(goal.wanted, item)) if goal else {}
            if item.state == READY and changes and self._held(item, changes) == set(changes):
                item.state, item.reason = PENDING, HELD
        return result

    def took_effect(self, existing: Existing) -> bool:
        goal = self._goals.get(existing.id)
        return goal is None or goal.shows(self.differences(goal.wanted, existing))

    def refuse_delete(self, existing: Existing) -> str:
        """Everything that would stop the deletion half-way, and the protection that the deployment asked for."""
        if existing.raw["DBInstanceStatus"] == "deleting":
            return ""
        if existing.properties["deletion_protection"]:
            return (
                f"the database {existing.id} is protected; run with rds_deletion_protection: false first, then delete"
            )
        if self._final_snapshot_identifier:
            try:
                self.client.describe_db_snapshots(DBSnapshotIdentifier=self._final_snapshot_identifier)
            except ClientError as error:
                if not is_not_found(error):
                    raise
            else:
                return (
                    f"a snapshot {self._final_snapshot_identifier} exists already; "
                    "name another one in rds_final_snapshot_identifier"
                )
        return ""

    def delete(self, existing: Existing) -> None:
        """One that is being deleted already is only waited for."""
        if existing.raw["DBInstanceStatus"] == "deleting":
            return
        snapshot = (
            {"FinalDBSnapshotIdentifier": self._final_snapshot_identifier} if self._final_snapshot_identifier else {}
        )
        self.client.delete_db_instance(
            DBInstanceIdentifier=existing.id,
            SkipFinalSnapshot=not snapshot,
            DeleteAutomatedBackups=self._delete_automated_backups,
            **snapshot,
        )

    def last_events(self, existing: Existing) -> str:
        return last_messages(self.client, "db-instance", existing.id) or existing.reason
