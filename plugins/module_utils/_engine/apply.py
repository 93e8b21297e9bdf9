# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carrying a plan out in its order, with the long waits overlapped. Nothing here knows a service or Ansible."""

from __future__ import annotations

from collections.abc import Callable

from .model import CREATE, DELETE, PENDING, UPDATE, Action, ApplyFailed, Existing, has_placeholder
from .plan import Plan, desired_tags
from .waiting import Waiter

Progress = Callable[[str], None]


def apply_plan(
    plan: Plan, *, wait_seconds: int, progress: Progress = lambda text: None, waiter: Waiter | None = None
) -> None:
    """Run every change of a plan. Each action's status becomes done, failed or not_tried; plan.current follows along.

    Raises ApplyFailed with one line when a step or a wait fails; what was not tried by then is marked so.
    """
    waiter = waiter or Waiter(plan.adapters, wait_seconds, progress)
    try:
        _refuse_unknown_inputs(plan)
        for existing in plan.current.values():
            if existing.state == PENDING and (existing.type, existing.key) in plan.desired:
                waiter.add(existing)  # left pending by a run that was killed
        for action in plan.changes:
            _wait_before(plan, waiter, action)
            _perform(plan, waiter, action, progress)
        _take_over(plan, waiter.finish())
    except ApplyFailed:
        for action in plan.changes:
            if action.status == "planned":
                action.status = "not_tried"
        raise


def _refuse_unknown_inputs(plan: Plan) -> None:
    """Ids of other layers that nobody knows yet.

    References within the set are no such ids: they become known on the way.
    """
    for action in plan.changes:
        resource = plan.desired.get((action.type, action.key))
        if action.kind != DELETE and resource is not None and has_placeholder(resource.properties):
            unknown = [f"{name} {value}" for name, value in resource.properties.items() if has_placeholder(value)]
            action.status = "failed"
            needed = f"{action.type} {action.key} needs an id that is not known yet ({', '.join(unknown)})"
            raise ApplyFailed(f"{needed}; apply the layer that provides it first. Nothing was changed")


def _wait_before(plan: Plan, waiter: Waiter, action: Action) -> None:
    adapter = plan.adapters[action.type]
    if action.kind == DELETE:
        needing = [
            other.type
            for other in plan.adapters.values()
            if other.waits_for_deletion and action.type in plan.order.needs[other.type]
        ]
        waiter.wait_gone(needing)
    else:
        _take_over(plan, waiter.wait_ready(adapter.waits_for))


def _take_over(plan: Plan, ready: list[Existing]) -> None:
    for existing in ready:
        plan.current[existing.type, str(existing.key)] = existing


def _perform(plan: Plan, waiter: Waiter, action: Action, progress: Progress) -> None:
    progress(f"{action.kind} {action.type} {action.key}")
    try:
        if action.kind == DELETE:
            _delete(plan, waiter, action)
        else:
            _create_or_update(plan, waiter, action)
    except plan.adapters[action.type].errors as error:
        action.status = "failed"
        raise ApplyFailed(f"Failed to {action.kind} {action.type} {action.key}: {error}") from error
    except ApplyFailed:
        action.status = "failed"
        raise
    action.status = "done"


def _create_or_update(plan: Plan, waiter: Waiter, action: Action) -> None:
    adapter = plan.adapters[action.type]
    resource = plan.desired[action.type, action.key]
    resolved = plan.resolved(resource)
    if has_placeholder(resolved.properties):
        raise ApplyFailed(f"{action.type} {action.key} refers to something that was not created: {resolved.properties}")
    if action.kind == CREATE:
        existing = adapter.create(resolved, desired_tags(adapter, resource))
    else:
        existing = plan.current[action.type, action.key]
        tags = {item.path[len("tags.") :]: item.after for item in action.differences if item.path.startswith("tags.")}
        properties = [item for item in action.differences if not item.path.startswith("tags.")]
        if tags:
            adapter.set_tags(existing, tags)
            existing.tags.update(tags)
        if action.kind == UPDATE and properties:
            # References may have become known since the plan was made.
            existing = adapter.update(resolved, existing, adapter.differences(resolved, existing) or properties)
    action.id = existing.id
    plan.current[action.type, action.key] = existing
    if existing.state == PENDING:
        waiter.add(existing)


def _delete(plan: Plan, waiter: Waiter, action: Action) -> None:
    adapter = plan.adapters[action.type]
    existing = action.existing
    if existing is None:
        raise ValueError(f"{action.type} {action.key}: a deletion needs what exists")
    try:
        adapter.delete(existing)
    except adapter.errors as error:
        if not adapter.is_not_found(error):
            raise
    if adapter.waits_for_deletion:
        waiter.add_deleted(existing)
    if plan.current.get((action.type, action.key)) is existing:
        del plan.current[action.type, action.key]
