# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what exists: a few describe calls for the whole set, side by side where none needs another's result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from .adapter import Adapter
from .model import Existing, Resource
from .order import batches

T = TypeVar("T")


Tagged = Mapping[str, Mapping[str, Mapping[str, str]]]
"""By type and ARN, the tags of what carries the identity tags of the set."""


def observe_all(
    adapters: Sequence[Adapter],
    desired: Sequence[Resource],
    tagged: Callable[[], Tagged] = dict,
    *,
    workers: int = 4,
) -> dict[str, list[Existing]]:
    """What every adapter finds, by type.

    Adapters that need nothing of each other run in threads; workers=1 keeps their order for tests. tagged runs beside
    them all and looks once more for types that are found by name (tagged_as).
    """
    with ThreadPoolExecutor(max_workers=1) as beside:
        asked = beside.submit(tagged)
        found = _observe(adapters, desired, workers)
        return _with_twins(adapters, found, asked.result())


def _observe(adapters: Sequence[Adapter], desired: Sequence[Resource], workers: int) -> dict[str, list[Existing]]:
    by_type = {adapter.type: adapter for adapter in adapters}
    wanted: dict[str, list[Resource]] = {name: [] for name in by_type}
    for resource in desired:
        wanted.setdefault(resource.type, []).append(resource)
    found: dict[str, list[Existing]] = {}
    reads = {name: adapter.reads for name, adapter in by_type.items()}
    for batch in batches(reads, "The order of observing (reads)"):
        calls = [
            partial(by_type[name].observe, wanted[name], {read: found[read] for read in reads[name] if read in found})
            for name in batch
        ]
        found.update(zip(batch, _results(calls, workers), strict=True))
    return found


def _results(calls: Sequence[Callable[[], T]], workers: int) -> list[T]:
    if workers == 1:
        return [call() for call in calls]
    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(lambda call: call(), calls))


def _with_twins(
    adapters: Sequence[Adapter], found: dict[str, list[Existing]], tagged: Tagged
) -> dict[str, list[Existing]]:
    """Add what has the identity of something found, and was not found with it since it has another name."""
    for adapter in adapters:
        listed = found[adapter.type]
        keys = {item.key for item in listed if item.owned} - {None}
        known = {item.attributes.get("arn") for item in listed}
        for arn, tags in tagged.get(adapter.type, {}).items():
            if arn not in known and adapter.scope.key_of(tags) in keys:
                twin = adapter.read(arn)  # the tags may be told for a while of what is gone, or no longer tagged
                if twin is not None and twin.key in keys:
                    listed.append(twin)
    return found
