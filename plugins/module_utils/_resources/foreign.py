# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the state bucket and the lock table share: one that exists without our tags is used and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .._engine.identity import Scope
from .._engine.model import Difference, Existing, Resource


def foreign_report(type_: str, name: str, scope: Scope, tags: Mapping[str, str]) -> Existing:
    """The line of the plan that says so."""
    return Existing(
        type_, None, name, reason=f"exists, but {scope.owner_of(tags)}; used as it is, not changed", owned=False
    )


def missing_tags(wanted: Resource, existing: Existing) -> Iterator[Difference]:
    """The wanted tags that one of ours lacks; the property tags has them all, those of its identity too."""
    for name, value in wanted.properties["tags"].items():
        if existing.tags.get(name) != value:
            yield Difference(f"tags.{name}", existing.tags.get(name), value)
