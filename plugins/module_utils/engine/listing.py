# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what exists: a few describe calls for the whole set, side by side where none needs another's result."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from .adapter import Adapter
from .model import Existing, Resource


def list_all(adapters: Sequence[Adapter], desired: Sequence[Resource], *, workers: int = 4) -> dict[str, list[Existing]]:
    """What every adapter finds, by type. Adapters of one round run in threads; workers=1 keeps their order for tests."""
    wanted: dict[str, list[Resource]] = {adapter.type: [] for adapter in adapters}
    for resource in desired:
        wanted.setdefault(resource.type, []).append(resource)
    found: dict[str, list[Existing]] = {}
    for number in sorted({adapter.list_round for adapter in adapters}):
        batch = [adapter for adapter in adapters if adapter.list_round == number]
        calls = [partial(adapter.list, wanted[adapter.type], dict(found)) for adapter in batch]
        if workers == 1:
            results = [call() for call in calls]
        else:
            with ThreadPoolExecutor(max_workers=workers) as pool:
                results = list(pool.map(lambda call: call(), calls))
        found.update({adapter.type: result for adapter, result in zip(batch, results, strict=True)})
    return found
