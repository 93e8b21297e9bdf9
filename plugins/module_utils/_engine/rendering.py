# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renderings of the one list of actions: Ansible's diff, the facts of all resources, and error lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .model import CHANGES, DELETE, REFUSE, Action, Reference
from .plan import Plan


def diff(actions: Sequence[Action]) -> list[dict[str, Any]]:
    """Ansible's diff, one entry per change: before and after hold just the properties that the change is about."""
    return [
        {
            "before_header": f"{action.type} {action.key}" + ("" if action.before else " (absent)"),
            "after_header": f"{action.type} {action.key}" + (" (absent)" if action.kind == DELETE else ""),
            "before": action.before or {},
            "after": action.after or {},
        }
        for action in actions
        if action.kind in CHANGES
    ]


def resources(plan: Plan) -> dict[str, dict[str, dict[str, Any]]]:
    """Facts by type and key of all that exists, and what is known beforehand of all that is to be created."""
    facts: dict[str, dict[str, dict[str, Any]]] = {}
    for (kind, key), existing in plan.current.items():
        facts.setdefault(kind, {})[key] = existing.facts()
    for (kind, key), resource in plan.desired.items():
        if (kind, key) not in plan.current:
            adapter = plan.adapters[kind]
            lookup = {name: plan.lookup(Reference(kind, key, name)) for name in ("id", *adapter.attribute_patterns)}
            facts.setdefault(kind, {})[key] = {**plan.resolve(resource.properties), **lookup}
    return facts


def identifiers(plan: Plan) -> Iterator[tuple[str, Any]]:
    """What other tasks know each resource by, with words that name it."""
    for kind, items in resources(plan).items():
        for key, facts in items.items():
            yield f"{kind} {key}", [facts.get(name) for name in ("id", "arn", "name")]


def refusal_message(actions: Sequence[Action]) -> str:
    """One line for all refusals of a plan."""
    lines = [
        f"{action.type} {action.key}{f' ({action.id})' if action.id else ''}: {action.reason}"
        for action in actions
        if action.kind == REFUSE
    ]
    return "Refused, nothing was changed: " + " | ".join(lines)
