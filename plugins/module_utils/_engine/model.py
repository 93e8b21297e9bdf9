# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words that engine and adapters share: what is wanted, what exists, what differs, what is done about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

KNOWN_AFTER_APPLY = "known-after-apply"
"""Every placeholder of an id that AWS has yet to choose contains this text, and nothing else does."""

CREATE, UPDATE, DELETE, REFUSE, REPORT = "create", "update", "delete", "refuse", "report"
CHANGES = (CREATE, UPDATE, DELETE)
READY, PENDING, FAILED = "ready", "pending", "failed"


def placeholder(pattern: str, key: str) -> str:
    """The stand-in for an unknown id: placeholder("subnet-{}", "private/a") is "subnet-known-after-apply.private/a"."""
    return pattern.format(f"{KNOWN_AFTER_APPLY}.{key}")


def has_placeholder(value: Any) -> bool:
    """Whether a value (of any depth) holds an id that is known only after the apply."""
    if isinstance(value, str):
        return KNOWN_AFTER_APPLY in value
    if isinstance(value, Mapping):
        return any(has_placeholder(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple, set)):
        return any(has_placeholder(item) for item in value)
    return False


@dataclass(frozen=True)
class Reference:
    """Another resource of the same set, named by type and key; stands for its id or one of its attributes."""

    type: str
    key: str
    attribute: str = "id"


def references(value: Any) -> Iterator[Reference]:
    """The References in a value of any depth."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from references(pair)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from references(item)


@dataclass(frozen=True)
class Resource:
    """What the caller wants.

    properties may hold References at any depth; tags are the organisation's, without the identity.
    """

    type: str
    key: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class Condition(TypedDict):
    """The state of an Existing and its reason, for Existing(..., **condition)."""

    state: str
    reason: str


@dataclass
class Existing:
    """What AWS has. key is None for what is not ours; attributes are facts that other resources or callers read (arn,
    public_ip).

    owned is False for what carries no identity of ours: with a key it stands in the way of a wanted name (refused),
    without one it is foreign (reported, left alone). state is READY, PENDING or FAILED; reason explains FAILED.
    """

    type: str
    key: str | None
    id: str
    properties: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    state: str = READY
    owned: bool = True
    reason: str = ""
    raw: Any = None

    def attribute(self, name: str) -> Any:
        return self.id if name == "id" else self.attributes[name]

    def facts(self) -> dict[str, Any]:
        return {"id": self.id, **self.properties, **self.attributes}


@dataclass(frozen=True)
class Difference:
    """One property that is not as wanted. refusal is set where AWS could only replace the resource."""

    path: str
    before: Any
    after: Any
    refusal: str = ""


@dataclass
class Action:
    """One step of a plan. before and after hold the properties (and tags) that the step is about, None for absent."""

    kind: str
    type: str
    key: str
    id: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    status: str = "planned"
    existing: Existing | None = None
    twins: tuple[Existing, ...] = ()
    """Where one identity is carried by several: all of them."""

    def as_dict(self) -> dict[str, Any]:
        """The form in which modules return it: action, type, key, id, before, after, reason, status."""
        return {
            "action": self.kind,
            "type": self.type,
            "key": self.key,
            "id": self.id,
            "before": self.before,
            "after": self.after,
            "reason": self.reason,
            "status": self.status,
        }


class EngineError(Exception):
    """Anything that ends a run with one clear line."""


class InputError(EngineError):
    """The input is wrong; nothing has been read or written yet."""


class Refused(EngineError):
    """The plan holds refusals; nothing has been written."""


class ApplyFailed(EngineError):
    """A step failed; the plan's actions say what was done, what failed and what was not tried."""
