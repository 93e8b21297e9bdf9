# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Removing the lock of a run that is dead: only the one whose id is named, as terraform force-unlock does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..._engine.model import Refused
from .lock_info import LockInfo
from .locks import Lock


@dataclass
class Clearing:
    """The locks that are held, in AWS's places, and those of them that the id names."""

    held: list[tuple[Lock, LockInfo]] = field(default_factory=list)
    named: list[tuple[Lock, LockInfo]] = field(default_factory=list)

    def facts(self) -> list[dict[str, Any]]:
        """Every lock that is held: its place, and what it says of its owner."""
        return [{"place": lock.place, **asdict(info)} for lock, info in self.held]


def look(locks: Sequence[Lock], lock_id: str | None) -> Clearing:
    """Read who holds the locks. Raises Refused when one is held that lock_id does not name."""
    found = Clearing()
    for lock in locks:
        info = lock.holder()
        if info is not None:
            found.held.append((lock, info))
            if lock_id and info.id == lock_id:
                found.named.append((lock, info))
    if found.held and not found.named:
        holders = " | ".join(f"{lock.place} is held by {info.holder()}" for lock, info in found.held)
        asked = f"lock_id {lock_id} is not among them" if lock_id else "name the one whose run is dead in lock_id"
        raise Refused(f"Nothing was cleared; {asked}: {holders}")
    return found


def clear(found: Clearing) -> None:
    for lock, info in found.named:
        lock.release(info)
