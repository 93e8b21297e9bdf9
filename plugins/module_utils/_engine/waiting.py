# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting for many resources at once: one describe call per type and round, never a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .adapter import Adapter
from .model import FAILED, READY, ApplyFailed, Existing

NOT_FOUND_WINDOW_SECONDS = 60.0
"""For so long after its creation, or after AWS listed it last, a resource that AWS does not list is taken for not
listed now.
"""

LATE_SECONDS = 60.0
"""For so long after a change, AWS may still show a resource as it was before, and ready."""


@dataclass
class Awaited:
    """What is waited for: since when, and when AWS listed it last (the waiter's clock); busy: AWS said so."""

    existing: Existing
    since: float
    seen: float
    busy: bool = False


class Waiter:
    """Keeps what is not ready yet, by type. clock and sleep are replaced in tests."""

    def __init__(
        self,
        adapters: Mapping[str, Adapter],
        limit_seconds: float,
        progress: Callable[[str], None] = lambda text: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = time.sleep,
    ):
        self._adapters = adapters
        self._limit = limit_seconds
        self._progress = progress
        self._clock = clock
        self._sleep = sleep
        self._pending: dict[str, dict[str, Awaited]] = {}
        self._deleted: dict[str, dict[str, Awaited]] = {}

    def add(self, existing: Existing) -> None:
        """Wait for this one to be ready, some time before the run ends."""
        self._pending.setdefault(existing.type, {})[existing.id] = self._awaited(existing)

    def add_deleted(self, existing: Existing) -> None:
        """Wait for this one to be gone before anything below it is deleted."""
        self._deleted.setdefault(existing.type, {})[existing.id] = self._awaited(existing)

    def _awaited(self, existing: Existing) -> Awaited:
        now = self._clock()
        return Awaited(existing, now, now)

    def wait_ready(self, types: Iterable[str]) -> list[Existing]:
        """Wait until nothing of these types is pending; returns what became ready, as it is now."""
        return self._wait(self._pending, set(types), self._check_ready, "ready")

    def wait_gone(self, types: Iterable[str]) -> None:
        self._wait(self._deleted, set(types), self._check_gone, "gone")

    def finish(self) -> list[Existing]:
        """Wait for everything that is left."""
        self.wait_gone(list(self._deleted))
        return self.wait_ready(list(self._pending))

    def _wait(self, waiting: dict, types: set[str], check: Callable, goal: str) -> list[Existing]:
        finished: list[Existing] = []
        pause = 0.5
        while any(waiting.get(name) for name in types):
            for name in sorted(types):
                if waiting.get(name):
                    finished.extend(self._look(check, name, waiting[name], goal))
            left = [_label(item.existing) for name in sorted(types) for item in waiting.get(name, {}).values()]
            if left:
                self._progress(f"waiting for {', '.join(left)} to be {goal}")
                self._check_limit(waiting, types, goal)
                self._sleep(pause)
                pause = min(pause * 1.5, 10.0)
        return finished

    def _look(self, check: Callable, name: str, waiting: dict[str, Awaited], goal: str) -> list[Existing]:
        """AWS asked once. What it refuses to tell (expired credentials, say) ends the run as a step that fails does."""
        try:
            return check(name, waiting)
        except self._adapters[name].errors as error:
            names = ", ".join(f"{name} {item.existing.key} ({identifier})" for identifier, item in waiting.items())
            raise ApplyFailed(f"Failed while waiting for {names} to be {goal}: {error}") from error

    def _check_ready(self, name: str, pending: dict[str, Awaited]) -> list[Existing]:
        adapter = self._adapters[name]
        now = {item.id: item for item in adapter.refresh([item.existing for item in pending.values()])}
        ready = []
        for identifier, item in list(pending.items()):
            fresh = now.get(identifier)
            if fresh is None:
                if self._clock() - item.seen > NOT_FOUND_WINDOW_SECONDS:
                    raise ApplyFailed(
                        f"{name} {item.existing.key} ({identifier}) disappeared while it was being waited for"
                    )
                continue
            if fresh.state == FAILED:
                raise ApplyFailed(f"{name} {item.existing.key} ({identifier}) failed: {self._last_events(fresh)}")
            item.existing, item.seen = fresh, self._clock()
            if fresh.state != READY:
                item.busy = True
            elif not self._believed(adapter, item):
                fresh.reason = "no change seen yet"
            else:
                continued = self._continue(adapter, fresh)
                if continued.state == READY:
                    ready.append(continued)
                    del pending[identifier]
                else:
                    pending[identifier] = self._awaited(continued)
        return ready

    def _believed(self, adapter: Adapter, item: Awaited) -> bool:
        """Whether "ready" is an answer of after the change:

        AWS was busy with it, or shows it. Some changes never show.
        """
        return item.busy or adapter.took_effect(item.existing) or self._clock() - item.since > LATE_SECONDS

    def _continue(self, adapter: Adapter, ready: Existing) -> Existing:
        try:
            return adapter.when_ready(ready)
        except adapter.errors as error:
            raise ApplyFailed(f"Failed to finish {ready.type} {ready.key} ({ready.id}): {error}") from error

    def _last_events(self, existing: Existing) -> str:
        """AWS's word for the state where it does not tell the events, so that the failure is told in any case."""
        adapter = self._adapters[existing.type]
        try:
            return adapter.last_events(existing)
        except adapter.errors:
            return existing.reason

    def _check_gone(self, name: str, deleted: dict[str, Awaited]) -> list[Existing]:
        left = {item.id: item for item in self._adapters[name].refresh([item.existing for item in deleted.values()])}
        for identifier, item in list(deleted.items()):
            if identifier in left:
                item.existing.reason = left[identifier].reason
            else:
                del deleted[identifier]
        return []

    def _check_limit(self, waiting: dict, types: set[str], goal: str) -> None:
        for name in types:
            own = self._adapters[name].wait_seconds
            limit = self._limit if own is None else own
            for item in waiting.get(name, {}).values():
                existing = item.existing
                if self._clock() - item.since > limit:
                    events = self._last_events(existing)
                    detail = f"; last events: {events}" if events else ""
                    raise ApplyFailed(
                        f"{name} {existing.key} ({existing.id}) is not {goal} after {limit:g} seconds{detail}"
                    )


def _label(existing: Existing) -> str:
    """The name in a progress line, with what AWS says of it."""
    return f"{existing.type} {existing.key}{f' ({existing.reason})' if existing.reason else ''}"
