# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags of a replication group, which ElastiCache neither tells nor takes while the group is busy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..._aws.errors import ClientError, error_code, is_not_found
from ..._engine.model import Existing
from ..stores.named import KEY, NamedAdapter

T = TypeVar("T")

BUSY_CHANGES = ("InvalidReplicationGroupState", "InvalidCacheClusterState")
"""What AWS answers to changes of a group that is not available."""

BUSY = (*BUSY_CHANGES, "ReplicationGroupNotFoundFault", "CacheClusterNotFound")
"""What AWS answers to calls about the tags of such a group ("either not present or not available")."""

BUSY_PAUSE_SECONDS = 5.0
LATE_TRIES = 12
"""So often, one pause apart, a call is refused by a group that says it is available:

AWS may show that it has become busy only later.
"""


class ReplicationGroupTagsAdapter(NamedAdapter):
    """The part of the adapter of replication groups that reads and writes tags."""

    service = "elasticache"
    noun = "replication group"
    tags_readable_at_once = False

    def tags_of(self, description: dict[str, Any]) -> dict[str, str]:
        """ElastiCache tells tags only of a group that is available: one that a killed run left in creation is waited
        for.

        Of others than the configured one, those that are busy now are passed over.
        """
        if description["Status"] == "deleting":
            return self.scope.tags(KEY)  # whosever it was: it can only be waited for
        if description["ReplicationGroupId"] != self.name:
            return super().tags_of(description) if description["Status"] == "available" else {}
        return self._when_available(lambda: self.told_tags(description))

    def tags_of_name(self, name: str) -> dict[str, str] | None:
        """None also while they are not told: the data layer waits for them, and refuses those of others."""
        try:
            return next((self.told_tags(group) for group in self.groups(name)), None)
        except ClientError as error:
            if error_code(error) in BUSY:
                return None
            raise

    def groups(self, name: str) -> list[dict[str, Any]]:
        """AWS's descriptions of the group of this name, or of all where the name is empty."""
        pages = self.client.get_paginator("describe_replication_groups").paginate(
            **({"ReplicationGroupId": name} if name else {})
        )
        return [group for page in pages for group in page["ReplicationGroups"]]

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        self._when_available(lambda: super(ReplicationGroupTagsAdapter, self).set_tags(existing, tags))

    def _when_available(self, call: Callable[[], T]) -> T:
        """Repeat a call that AWS refuses while the group is busy, for as long as the group may take to become ready."""
        waited, refused = 0.0, 0
        while True:
            try:
                return call()
            except ClientError as error:
                status = self._status()
                if (
                    error_code(error) not in BUSY
                    or not status
                    or waited >= (self.wait_seconds or 0)
                    or refused > LATE_TRIES
                ):
                    raise
            become_available = status == "available" and not refused
            refused += status == "available"
            if not become_available:
                self.sleep(BUSY_PAUSE_SECONDS)
                waited += BUSY_PAUSE_SECONDS

    def _status(self) -> str:
        """AWS's word for the state of the configured group, empty where there is none."""
        try:
            groups = self.groups(self.name)
        except ClientError as error:
            if is_not_found(error):
                return ""
            raise
        return groups[0]["Status"] if groups else ""
