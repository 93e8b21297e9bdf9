# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A change that takes several calls, each when the one before has taken effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..._aws.errors import ClientError, error_code
from ..._engine.model import Difference, Resource

BUSY_TRIES = 20
"""So often one call may be refused by a resource that says it is available: about two minutes, by the waiter's
pauses.
"""


@dataclass
class Goal:
    """What is wanted, the properties that were sent so far, and those of the last call."""

    wanted: Resource
    sent: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    refused: int = 0

    def left(self, differences: Iterable[Difference]) -> dict[str, Any]:
        """What is still to be sent. AWS puts some changes off or shows them late: nothing is sent twice."""
        return {item.path: item.after for item in differences if not item.refusal and item.path not in self.sent}

    def send(
        self, call: Callable[[], dict[str, Any]], properties: Iterable[str], busy: Sequence[str]
    ) -> dict[str, Any] | None:
        """The answer, or None where AWS refuses with a busy code: the call is made again after the next poll."""
        self.last = set()
        try:
            answer = call()
        except ClientError as error:
            if error_code(error) not in busy or self.refused >= BUSY_TRIES:
                raise
            self.refused += 1
            return None
        self.refused = 0
        self.last = set(properties)
        self.sent |= self.last
        return answer

    def shows(self, differences: Iterable[Difference]) -> bool:
        """Whether nothing of the last call differs any more."""
        return self.last.isdisjoint(item.path for item in differences)
