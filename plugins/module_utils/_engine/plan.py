# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure planning: desired and current state give a list of actions. Nothing here calls AWS or knows Ansible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .adapter import Adapter, Found
from .model import (
    CHANGES,
    CREATE,
    DELETE,
    PENDING,
    REFUSE,
    REPORT,
    UPDATE,
    Action,
    Difference,
    Existing,
    InputError,
    Reference,
    Resource,
    placeholder,
)
from .order import Order, in_order, order_of


@dataclass
class Plan:
    """The actions in the order in which they run, and everything needed to run them."""

    actions: list[Action]
    desired: dict[tuple[str, str], Resource]
    current: dict[tuple[str, str], Existing]
    adapters: dict[str, Adapter] = field(default_factory=dict)
    order: Order = field(default_factory=Order)

    @property
    def changes(self) -> list[Action]:
        return [action for action in self.actions if action.kind in CHANGES]

    @property
    def refusals(self) -> list[Action]:
        return _of_kind(self.actions, REFUSE)

    @property
    def duplicates(self) -> list[Action]:
        """The refusals of identities that several resources carry; with one of them, the plan holds no changes."""
        return [action for action in self.actions if action.twins]

    @property
    def outstanding(self) -> bool:
        """Whether an apply has something left to do: a change, or a wait for what a killed run left pending."""
        return any(action.status != "done" for action in self.changes) or any(
            existing.state == PENDING and identity in self.desired for identity, existing in self.current.items()
        )

    def lookup(self, reference: Reference) -> Any:
        """What a reference stands for: a fact of what exists, or the placeholder of what does not exist yet."""
        existing = self.current.get((reference.type, reference.key))
        if existing is not None:
            return existing.attribute(reference.attribute)
        adapter = self.adapters[reference.type]
        pattern = adapter.id_pattern if reference.attribute == "id" else adapter.attribute_patterns[reference.attribute]
        return placeholder(pattern, reference.key)

    def resolve(self, value: Any) -> Any:
        """A value with its references, at any depth, replaced by what they stand for."""
        if isinstance(value, Reference):
            return self.lookup(value)
        if isinstance(value, Mapping):
            return {self.resolve(key): self.resolve(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.resolve(item) for item in value]
        return value

    def resolved(self, resource: Resource) -> Resource:
        return Resource(resource.type, resource.key, self.resolve(resource.properties), resource.tags)


def make_plan(
    adapters: Sequence[Adapter],
    desired: Sequence[Resource],
    found: Found,
    *,
    remove: bool = False,
) -> Plan:
    """Compare desired with found. remove is state=absent: everything of ours goes, undeclared data included."""
    by_type = {adapter.type: adapter for adapter in adapters}
    wanted = _index(desired, by_type)
    order = order_of(adapters, desired)
    current, aside = _sorted_out(adapters, wanted, found)
    problems, reports, discarded = (_of_kind(aside, kind) for kind in (REFUSE, REPORT, DELETE))
    plan = Plan([*problems, *reports], wanted, current, by_type, order)
    if plan.duplicates:
        return plan  # which of two is compared would be chance, and so would everything that follows from it
    blocked = {(action.type, action.key) for action in problems}
    compared = (
        _compare(plan, by_type[resource.type], resource)
        for resource in in_order(order, wanted)
        if (resource.type, resource.key) not in blocked
    )
    removals = [
        _removal(by_type[kind], existing, remove)
        for (kind, key), existing in current.items()
        if (kind, key) not in wanted
    ]
    position = order.backward.index
    backward = sorted([*removals, *discarded], key=lambda action: position(action.type))
    plan.actions = [*problems, *filter(None, compared), *backward, *reports]
    return plan


def _sorted_out(
    adapters: Sequence[Adapter], wanted: Mapping[tuple[str, str], Resource], found: Found
) -> tuple[dict[tuple[str, str], Existing], list[Action]]:
    """Ours by type and key, and what becomes of all that is not compared with what is wanted."""
    current: dict[tuple[str, str], Existing] = {}
    aside: list[Action] = []
    for adapter in adapters:
        rivals: dict[str, list[Existing]] = {}
        for existing in found.get(adapter.type, ()):
            if _in_use(adapter, existing):
                rivals.setdefault(str(existing.key), []).append(existing)
            else:
                aside.extend(_set_aside(adapter, existing, wanted))
        for key, items in rivals.items():
            staying = [item for item in items if not adapter.leaving(item)] or items
            current[adapter.type, key] = staying[0]
            if len(staying) > 1:
                aside.append(_duplicate(adapter, key, staying))
    return current, aside


def _index(desired: Sequence[Resource], by_type: Mapping[str, Adapter]) -> dict[tuple[str, str], Resource]:
    wanted: dict[tuple[str, str], Resource] = {}
    for resource in desired:
        if resource.type not in by_type:
            raise InputError(f"no adapter for resource type {resource.type}")
        if (resource.type, resource.key) in wanted:
            raise InputError(f"{resource.type} {resource.key} is declared twice; keys are unique")
        wanted[resource.type, resource.key] = resource
    return wanted


def _in_use(adapter: Adapter, existing: Existing) -> bool:
    """Whether it carries an identity of ours and is compared with what is wanted."""
    return existing.key is not None and existing.owned and not adapter.discarded(existing)


def _set_aside(adapter: Adapter, existing: Existing, wanted: Mapping[tuple[str, str], Resource]) -> Iterator[Action]:
    """What becomes of what is not in use: foreign, in the way of ours, of no concern, or beyond use."""

    def action(kind: str, key: str, **details: Any) -> Action:
        return Action(kind, adapter.type, key, existing.id, existing=existing, **details)

    if existing.key is None:
        yield action(REPORT, existing.id, reason=existing.reason or "not ours, left alone")
    elif existing.owned:
        yield action(DELETE, existing.key, reason=existing.reason, before=existing.facts())
    elif (adapter.type, existing.key) in wanted:
        yield action(REFUSE, existing.key, reason=existing.reason)


def _of_kind(actions: Sequence[Action], kind: str) -> list[Action]:
    return [action for action in actions if action.kind == kind]


def _duplicate(adapter: Adapter, key: str, twins: Sequence[Existing]) -> Action:
    *first, last = [item.id for item in twins]
    carried = (
        f"{', '.join(first)} and {last} {'all' if len(first) > 1 else 'both'} carry the identity "
        f"{adapter.scope.identity(key)}"
    )
    return Action(REFUSE, adapter.type, key, reason=carried, twins=tuple(twins))


def _compare(plan: Plan, adapter: Adapter, resource: Resource) -> Action | None:
    resolved = plan.resolved(resource)
    tags = desired_tags(adapter, resource)
    existing = plan.current.get((resource.type, resource.key))
    if existing is None:
        after = {**resolved.properties, **({"tags": tags} if tags else {})}
        return Action(CREATE, resource.type, resource.key, after=after)
    differences = list(adapter.differences(resolved, existing))
    differences.extend(
        Difference(f"tags.{name}", existing.tags.get(name), value)
        for name, value in tags.items()
        if existing.tags.get(name) != value
    )
    if not differences:
        return None
    refusals = [
        f"{item.path} is {item.before!r} and cannot become {item.after!r}: {item.refusal}"
        for item in differences
        if item.refusal
    ]
    return Action(
        REFUSE if refusals else UPDATE,
        resource.type,
        resource.key,
        existing.id,
        before={item.path: item.before for item in differences},
        after={item.path: item.after for item in differences},
        reason="; ".join(refusals),
        differences=tuple(differences),
        existing=existing,
    )


def _removal(adapter: Adapter, existing: Existing, remove: bool) -> Action:
    def action(kind: str, reason: str) -> Action:
        before = existing.facts() if kind == DELETE else None
        return Action(
            kind, adapter.type, str(existing.key), existing.id, before=before, reason=reason, existing=existing
        )

    if not remove and adapter.undeclared == REPORT:
        return action(REPORT, "ours, but no longer declared; kept, since deleting it would lose data")
    refusal = adapter.refuse_delete(existing)
    if refusal:
        return action(REFUSE, refusal)
    return action(DELETE, "" if remove else "no longer declared")


def desired_tags(adapter: Adapter, resource: Resource) -> dict[str, str]:
    """The tags that a resource must carry: the organisation's and the identity. Others are foreign and stay."""
    return {**resource.tags, **adapter.scope.tags(resource.key)} if adapter.taggable else {}


def summary(actions: Sequence[Action]) -> dict[str, int]:
    """How many actions of each kind: {"create": 3, "update": 0, "delete": 0, "refuse": 0, "report": 1}."""
    counts = Counter(action.kind for action in actions)
    return {kind: counts[kind] for kind in (*CHANGES, REFUSE, REPORT)}
