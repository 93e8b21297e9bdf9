# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two with one identity: which one is in use, and the commands that take the other out of the deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .adapter import Found
from .model import Action, Existing
from .plan import Plan

PAGE = "docs/how-to/resolve-a-duplicate.md"
NAMES = ("name", "identifier", "log_group_name", "role_name")
"""The properties that hold a name which the deployment chose."""

Place = tuple[str, str]
"""A resource by its type and id."""


def explain(plan: Plan, found: Found, published: Mapping[str, Any]) -> None:
    """Complete the reasons of doubled identities; drop those that follow from another (subnets of a doubled VPC)."""
    duplicates = _Duplicates(plan, found, published)
    plan.actions = [action for action in plan.actions if not (action.twins and duplicates.follows(action))]
    for action in plan.duplicates:
        action.reason = f"{action.reason}{duplicates.way_out(action)}"


class _Duplicates:
    def __init__(self, plan: Plan, found: Found, published: Mapping[str, Any]):
        self._plan = plan
        self._found = found
        self._published = published
        self._actions = {_place(twin): action for action in plan.duplicates for twin in action.twins}
        self._ours = {_place(item) for item in plan.current.values()} - set(self._actions)
        twins = [twin for action in plan.duplicates for twin in action.twins]
        self._parents = {_place(twin): plan.adapters[twin.type].parent(twin, found) for twin in twins}
        self._contents: dict[Place, list[Existing]] = {}
        for twin in twins:
            if self._root(_place(twin)) != _place(twin):
                self._contents.setdefault(self._root(_place(twin)), []).append(twin)

    def follows(self, action: Action) -> bool:
        """Whether each twin stands in a twin of its own, so that the identity is alone again when theirs is."""
        parents = {self._parents[_place(twin)] for twin in action.twins}
        return len(parents) == len(action.twins) and parents <= set(self._actions)

    def _root(self, place: Place) -> Place:
        parent = self._parents[place]
        return self._root(parent) if parent is not None and self.follows(self._actions[place]) else place

    def _with_contents(self, twin: Existing) -> list[Existing]:
        return [twin, *self._contents.get(_place(twin), ())]

    # Which one is in use -----------------------------------------------------------------------------------------

    def way_out(self, action: Action) -> str:
        """The rest of the sentence: what is known of each, and the commands for those that seem to be unused."""
        seen = self._plan.adapters[action.type].signs_of_use(action.twins, self._found)
        chosen = {
            twin.id: [*self._published_as(twin, action), *self._configured(twin, action), *self._belongs(twin, action)]
            for twin in action.twins
        }
        signs = {twin.id: [*chosen[twin.id], *seen.get(twin.id, ())] for twin in action.twins}
        used = "; ".join(f"{identifier} {' and '.join(texts)}" for identifier, texts in signs.items() if texts)
        unused = _without_signs(chosen) or _without_signs(signs) or list(signs)
        ways = " ".join(self._commands(twin) for twin in action.twins if twin.id in unused)
        return f"; {used or 'nothing tells which one is in use'}. {ways}"

    def _published_as(self, twin: Existing, action: Action) -> Iterator[str]:
        """What consumers hold of this one, or of what stands in it, and of no other."""
        own = _facts(self._with_contents(twin))
        others = _facts([item for other in action.twins if other is not twin for item in self._with_contents(other)])
        names = [name for name, value in self._published.items() if (own - others).intersection(_texts(value))]
        if names:
            yield f"is published as {', '.join(names)}"

    def _configured(self, twin: Existing, action: Action) -> Iterator[str]:
        wanted = self._plan.desired.get((action.type, action.key))
        names = wanted.properties if wanted else {}
        if any(twin.properties.get(name) == names[name] for name in NAMES if name in names):
            yield "has the configured name"

    def _belongs(self, twin: Existing, action: Action) -> Iterator[str]:
        parent = self._parents[_place(twin)]
        shared = [other for other in action.twins if self._parents[_place(other)] == parent]
        if parent in self._ours and len(shared) == 1:
            yield f"belongs to {' '.join(parent)} of this deployment"

    # What to do --------------------------------------------------------------------------------------------------

    def _commands(self, twin: Existing) -> str:
        adapter = self._plan.adapters[twin.type]
        items = [item for item in self._with_contents(twin) if self._plan.adapters[item.type].taggable]
        untag = adapter.command_to_untag(twin, items)
        if not untag:
            return f"If {twin.id} is not used, delete it or take its identity tags away."
        if len(items) > 1:
            return (
                f"If {twin.id} is not used, take it and what stands in it ({len(items) - 1}) out of this deployment: "
                f"`{untag}`."
            )
        return (
            f"If {twin.id} is not used, delete it: `{adapter.command_to_delete(twin)}`, "
            f"or take it out of this deployment: `{untag}`."
        )


def _place(item: Existing) -> Place:
    return item.type, item.id


def _without_signs(signs: Mapping[str, Sequence[str]]) -> list[str]:
    """Those without a sign of use, where another has one."""
    without = [identifier for identifier, texts in signs.items() if not texts]
    return without if len(without) < len(signs) else []


def _facts(items: Sequence[Existing]) -> set[str]:
    """What outputs may hold of these: ids, ARNs, addresses."""
    return {text for item in items for text in (item.id, *item.attributes.values()) if isinstance(text, str)}


def _texts(value: Any) -> Iterator[str]:
    """The texts in an output of any type."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)
