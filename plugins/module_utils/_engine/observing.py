# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what exists: a few describe calls for the whole set, side by side where none needs another's result."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from .._aws.tagged import is_of_type, tagged_resources
from .adapter import Adapter
from .model import Existing, Resource


def observe_all(
    adapters: Sequence[Adapter], desired: Sequence[Resource], *, workers: int = 4
) -> dict[str, list[Existing]]:
    """What every adapter finds, by type.

    Adapters of one round run in threads; workers=1 keeps their order for tests.
    """
    with ThreadPoolExecutor(max_workers=1) as beside:
        tagged = beside.submit(_tagged, adapters)
        found = _observe_rounds(adapters, desired, workers)
        return _with_twins(adapters, found, tagged.result())


def _observe_rounds(
    adapters: Sequence[Adapter], desired: Sequence[Resource], workers: int
) -> dict[str, list[Existing]]:
    wanted: dict[str, list[Resource]] = {adapter.type: [] for adapter in adapters}
    for resource in desired:
        wanted.setdefault(resource.type, []).append(resource)
    found: dict[str, list[Existing]] = {}
    for number in sorted({adapter.observe_round for adapter in adapters}):
        batch = [adapter for adapter in adapters if adapter.observe_round == number]
        calls = [partial(adapter.observe, wanted[adapter.type], dict(found)) for adapter in batch]
        if workers == 1:
            results = [call() for call in calls]
        else:
            with ThreadPoolExecutor(max_workers=workers) as pool:
                results = list(pool.map(lambda call: call(), calls))
        found.update({adapter.type: result for adapter, result in zip(batch, results, strict=True)})
    return found


def _tagged(adapters: Sequence[Adapter]) -> dict[str, dict[str, str]]:
    """The tags by ARN of everything with the set's tags; nothing, and no call, where each list sees all by itself."""
    named = [adapter for adapter in adapters if adapter.tagged_as]
    services = {adapter.tagged_as.partition(":")[0] for adapter in named}
    return tagged_resources(named[0].clients, named[0].scope, services) if named else {}


def _with_twins(
    adapters: Sequence[Adapter], found: dict[str, list[Existing]], tagged: dict[str, dict[str, str]]
) -> dict[str, list[Existing]]:
    """Add what has the identity of something found, and was not found with it since it has another name."""
    for adapter in adapters:
        listed = found[adapter.type]
        keys = {item.key for item in listed if item.owned} - {None}
        known = {item.attributes.get("arn") for item in listed}
        for arn, tags in tagged.items():
            if (
                adapter.tagged_as
                and is_of_type(arn, adapter.tagged_as)
                and arn not in known
                and adapter.scope.key_of(tags) in keys
            ):
                twin = adapter.read(arn)  # the tagging service names for a while what is gone, or no longer tagged
                if twin is not None and twin.key in keys:
                    listed.append(twin)
    return found
