# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The base of all adapters: what the engine asks of a resource type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .identity import Scope
from .model import Difference, Existing, Resource

Found = Mapping[str, Sequence[Existing]]
"""What was found, by resource type."""
Errors = tuple[type[Exception], ...]


class Adapter:
    """One resource type.

    Subclasses set the class attributes and implement observe, create, and what their type needs.
    """

    type: ClassVar[str]
    """The name of the type in plans and references: AWS's own term in snake case."""
    after: ClassVar[tuple[str, ...]] = ()
    """Types that are made before this one, and deleted after it.

    Where resources refer to them, only a deletion needs the words: nothing is wanted then, so nothing refers.
    """
    reads: ClassVar[tuple[str, ...]] = ()
    """Types that are observed before this one, since observe needs what was found of them. It is given just these."""
    waits_for: ClassVar[tuple[str, ...]] = ()
    """Types that must be ready before this one is created, updated or (when they are deleted) deleted."""
    id_pattern: str = "{}"
    """How an id of this type looks, with {} for the part that AWS chooses."""
    attribute_patterns: ClassVar[Mapping[str, str]] = {}
    """The same for attributes that other resources refer to."""
    fixed: ClassVar[Mapping[str, str]] = {}
    """Properties that AWS cannot change in place, each with the reason that a refusal gives."""
    taggable: ClassVar[bool] = True
    """Whether AWS keeps tags on this type."""
    undeclared: str = "delete"
    """What happens to ours that is no longer declared: "delete", or "report" where a deletion would lose data."""
    waits_for_deletion: ClassVar[bool] = False
    """Whether the types before this one can only be deleted when this one is gone."""

    tagged_as: ClassVar[str] = ""
    """What others with its identity are found by where observe finds one by its name alone (see observing.Tagged)."""
    stands_in: ClassVar[tuple[str, str]] = ("", "")
    """The type in which one of this type stands, and the property that holds its id."""

    names_are_global: ClassVar[bool] = False
    """Whether a name may be that of another account, which AWS then says by refusing access."""

    wait_seconds: float | None = None
    """How long one of this type may take to become ready or to be gone; None is the limit of the whole run."""

    errors: ClassVar[Errors] = ()
    """What calls of the service raise. Anything else is a mistake of the code, and no failed step."""

    def __init__(self, scope: Scope):
        self.scope = scope

    def is_not_found(self, error: Exception) -> bool:
        """Whether the service says that the resource does not exist."""
        return False

    def needs(self) -> tuple[str, ...]:
        """All types that its words name as coming before it."""
        return (*self.after, *self.waits_for, *filter(None, self.stands_in[:1]))

    # What exists -------------------------------------------------------------------------------------------------

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        """Everything of this type: ours by identity, what stands in the way of a wanted name, and what is foreign."""
        raise NotImplementedError

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        """The same resources as they are now, in one call; what is gone is left out. Only types that wait need it."""
        raise NotImplementedError

    def tags_of_name(self, name: str) -> Mapping[str, str] | None:
        """The tags of the one with this name, whosever it is; only types whose names the guard asks for need it.

        None where there is none, and where only the layer's own run can tell whose it is. AWS's NotFound may be raised.
        """
        raise NotImplementedError

    # Two with one identity ---------------------------------------------------------------------------------------

    def read(self, arn: str) -> Existing | None:
        """The one with this ARN as it is now, or None where it is gone. Only types with tagged_as need it."""
        raise NotImplementedError

    def leaving(self, existing: Existing) -> bool:
        """Whether this one is about to be deleted, so that it is no rival of another with its identity."""
        return False

    def parent(self, existing: Existing, found: Found) -> tuple[str, str] | None:
        """Type and id of what this one stands in or serves."""
        kind, name = self.stands_in
        return (kind, existing.properties[name]) if kind else None

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> Mapping[str, Sequence[str]]:
        """What shows that some of these are in use, by id, to be read after the id: "holds 3 images".

        Asked only where an identity is doubled.
        """
        return {}

    def command_to_untag(self, existing: Existing, items: Sequence[Existing]) -> str:
        """What a user types to take the identity from items, which are this one and what stands in it, or nothing."""
        return ""

    def command_to_delete(self, existing: Existing) -> str:
        """The same to delete it."""
        return ""

    # What differs ------------------------------------------------------------------------------------------------

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        """The properties that are not as wanted. wanted holds no References any more."""
        return [
            Difference(name, existing.properties.get(name), value, self.fixed.get(name, ""))
            for name, value in wanted.properties.items()
            if not self.equal(name, existing.properties.get(name), value)
        ]

    def equal(self, name: str, before: Any, after: Any) -> bool:
        return before == after

    def discarded(self, existing: Existing) -> bool:
        """Whether this one is beyond use (a NAT gateway that failed): a new one is made, and this one deleted."""
        return False

    def refuse_delete(self, existing: Existing) -> str:
        """Why this one must not be deleted, or nothing."""
        return ""

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        """Create it with these tags in the same call (see creating.create_once for calls without a client token)."""
        raise NotImplementedError

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        """Change these properties in place. Tags are not among them."""
        raise NotImplementedError

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        """Add or overwrite these tags and leave all others."""
        raise NotImplementedError

    def delete(self, existing: Existing) -> None:
        """Delete it; not to find it is success."""
        raise NotImplementedError

    def when_ready(self, existing: Existing) -> Existing:
        """Called when one that was waited for is ready: the place for changes that AWS takes only then.

        Returning a pending one goes on waiting, with a limit of its own.
        """
        return existing

    def took_effect(self, existing: Existing) -> bool:
        """Whether the last change shows.

        Asked when AWS says ready at once: for a moment it may answer as if nothing had been changed.
        """
        return True

    def last_events(self, existing: Existing) -> str:
        """What AWS says of a resource that failed or did not get ready in time, for the error message."""
        return existing.reason
