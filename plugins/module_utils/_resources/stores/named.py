# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The base of the RDS and ElastiCache adapters, found by the name that we chose: there is no search by tags."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.creating import create_once
from ..._aws.errors import ClientError, is_not_found
from ..._aws.retrying import when_released
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import Existing, Resource
from ..iam.service_linked_role import when_role_exists

KEY = "main"
"""A deployment has one of each type of the data layer."""

RELEASED_SECONDS = 180.0
"""For so long a group may be in use after the database or cache in it has left the list."""


class NamedAdapter(AwsAdapter):
    """One resource of a chosen name. Subclasses say how to describe, create and change it; list is the same for all."""

    service = ""
    """The boto3 client, rds or elasticache."""
    noun = ""
    """What a message calls it: "subnet group"."""

    tags_readable_at_once = True
    """Whether AWS tells the tags of one that is being created."""
    sleep: Callable[[float], Any] = staticmethod(time.sleep)
    """Replaced in tests."""
    looked_for_when_unwanted = True
    """Whether one that is not wanted now is looked for, to be reported or deleted; search does so in any case."""

    def __init__(self, clients: Clients, scope: Scope, name: str = "", search: bool = False):
        """name is the configured one, also where none is wanted now, and needed to observe; search looks at the tags of
        all others too.
        """
        super().__init__(clients, scope)
        self.name = name
        self.search = search

    @property
    def restored_tag(self) -> str:
        """The tag that says from which snapshot a database or cache was made; AWS does not keep it."""
        return f"{self.scope.prefix}restored-from"

    # What subclasses say -----------------------------------------------------------------------------------------

    def describe(self, name: str) -> list[dict[str, Any]]:
        """AWS's descriptions of the resource of this name, or of all where the name is empty."""
        raise NotImplementedError

    def name_of(self, description: dict[str, Any]) -> str:
        raise NotImplementedError

    def arn_of(self, description: dict[str, Any]) -> str:
        raise NotImplementedError

    def existing(self, description: dict[str, Any], tags: dict[str, str]) -> Existing:
        """The engine's view of a description; its key is the scope's."""
        raise NotImplementedError

    # What they share ---------------------------------------------------------------------------------------------

    @property
    def client(self) -> Any:
        return self.clients.get(self.service)

    def described(self, name: str) -> list[dict[str, Any]]:
        """describe, with nothing where AWS says that the name does not exist."""
        try:
            return self.describe(name)
        except ClientError as error:
            if is_not_found(error):
                return []
            raise

    def told_tags(self, description: dict[str, Any]) -> dict[str, str]:
        """The tags as AWS tells them, with one call for each resource."""
        return tag_dict(self.client.list_tags_for_resource(ResourceName=self.arn_of(description)).get("TagList"))

    def tags_of(self, description: dict[str, Any]) -> dict[str, str]:
        """The same, where a resource that has just gone has no tags."""
        try:
            return self.told_tags(description)
        except ClientError as error:
            if is_not_found(error):
                return {}
            raise

    def tags_of_name(self, name: str) -> dict[str, str] | None:
        return next((self.told_tags(description) for description in self.described(name)), None)

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        """The resource of the configured name, and any other that carries our identity (after a change of the name).

        Others are only looked at where the name is missing, since each costs a call.
        """
        if not (wanted or self.search or self.looked_for_when_unwanted):
            return []
        result = []
        for description in self.described(self.name):
            existing = self.existing(description, self.tags_of(description))
            if existing.key is None and wanted:
                existing.key, existing.owned = wanted[0].key, False
                existing.reason = (
                    f"the {self.noun} {self.name} exists, but {self.scope.owner_of(existing.tags)}; not taken over"
                )
            if existing.key is not None:
                result.append(existing)
        if self.search or (wanted and not result):
            result.extend(self._renamed())
        return result

    def _renamed(self) -> list[Existing]:
        others = [description for description in self.described("") if self.name_of(description) != self.name]
        tagged = [(self.name_of(description), self.tags_of(description)) for description in others]
        ours = [(name, tags) for name, tags in tagged if self.scope.key_of(tags) is not None]
        # By name, a description may hold more than in the list of all.
        return [self.existing(description, tags) for name, tags in ours for description in self.described(name)]

    def read(self, arn: str) -> Existing | None:
        descriptions = self.described(arn.rpartition(":")[2])
        return self.existing(descriptions[0], self.tags_of(descriptions[0])) if descriptions else None

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        """The tags are those of before: nobody waits for tags."""
        return [self.existing(description, item.tags) for item in existing for description in self.described(item.id)]

    def create_named(self, wanted: Resource, tags: dict[str, str], call: Any) -> Existing:
        """Send a create call once; call(client) gives the description.

        After a lost answer it is looked for by name and tags.
        """

        def find() -> dict[str, Any] | None:
            for description in self.described(self.name):
                # The plan saw this name free, so what carries it now was made by the call.
                if not self.tags_readable_at_once or self.scope.key_of(self.tags_of(description)) == wanted.key:
                    return description
            return None

        def send() -> dict[str, Any]:
            return when_role_exists(
                self.clients, self.service, lambda: call(self.clients.once(self.service)), self.sleep
            )

        return self.existing(create_once(send, find), tags)

    def delete_released(self, call: Callable[[], Any]) -> None:
        """Delete a group whose last user was deleted a moment ago."""
        when_released(call, RELEASED_SECONDS, self.sleep)

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        self.client.add_tags_to_resource(ResourceName=self.arn_of(existing.raw), Tags=tag_list(tags))
