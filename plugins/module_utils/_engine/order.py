# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which order types are made, and the other way round deleted: from References and the words of their adapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from .adapter import Adapter
from .model import InputError, Resource, references


@dataclass(frozen=True)
class Order:
    """The types of a set in steps, each type in the first one in which all that it needs is there."""

    steps: Sequence[Sequence[str]] = ()
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By type: the types that are made before it, however many steps apart, and deleted only after it."""

    @property
    def forward(self) -> list[str]:
        """The types as they are made."""
        return [name for step in self.steps for name in step]

    @property
    def backward(self) -> list[str]:
        """The types as they are deleted: step by step, and in a step what most others need (the VPC) at the end."""
        users = Counter(other for names in self.needs.values() for other in names)
        return [name for step in reversed(self.steps) for name in sorted(step, key=lambda name: users[name])]


def order_of(adapters: Sequence[Adapter], desired: Sequence[Resource]) -> Order:
    """The types of one step keep the order of the adapters."""
    direct: dict[str, list[str]] = {adapter.type: list(adapter.needs()) for adapter in adapters}
    for resource in desired:
        direct[resource.type].extend(reference.type for reference in references(resource.properties))
    # A type may wait for others of its own; which of them comes first is a matter of the resources.
    others = {name: [other for other in before if other != name] for name, before in direct.items()}
    steps = batches(others, "The order of types (after, waits_for, stands_in, References)")
    needs: dict[str, frozenset[str]] = {}
    for name in (name for step in steps for name in step):
        before = [other for other in others[name] if other in direct]
        needs[name] = frozenset(before).union(*(needs[other] for other in before))
    return Order(steps, needs)


def in_order(order: Order, desired: Mapping[tuple[str, str], Resource]) -> Iterator[Resource]:
    """The wanted resources type by type; within a type, each after those of its own type that it refers to."""
    by_type: dict[str, dict[str, Resource]] = {name: {} for name in order.forward}
    for (kind, key), resource in desired.items():
        by_type[kind][key] = resource
    for kind, own in by_type.items():
        needs = {
            key: [reference.key for reference in references(resource.properties) if reference.type == kind]
            for key, resource in own.items()
        }
        for batch in batches(needs, f"The order of {kind} (References)"):
            yield from (own[key] for key in batch)


def batches(needs: Mapping[str, Sequence[str]], what: str) -> list[list[str]]:
    """The names, each after those that it needs, in batches that can be handled at once.

    Within a batch they keep the order of needs. Needed names that are not among them are left out.
    """
    sorter = TopologicalSorter({name: [other for other in before if other in needs] for name, before in needs.items()})
    try:
        sorter.prepare()
    except CycleError as error:
        raise InputError(f"{what} goes in a circle: {' before '.join(error.args[1])}") from error
    result = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        result.append([name for name in needs if name in ready])
        sorter.done(*ready)
    return result
