# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writing as fast as SSM allows: 3 writes a second by default, more where an account has bought more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..._aws.errors import THROTTLED, ClientError, error_code

T = TypeVar("T")

BUSY = {*THROTTLED, "TooManyUpdates"}
FIRST_INTERVAL_SECONDS = 0.34
LONGEST_INTERVAL_SECONDS = 5.0
ATTEMPTS = 12


class Pacer:
    """Runs writes one after another, without a pause until AWS throttles, then with one that grows and shrinks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], Any] = time.sleep):
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self.interval = 0.0

    def run(self, call: Callable[[], T]) -> T:
        """The result of a call that AWS carries out or throttles; raises other errors, and throttling in the end."""
        for attempt in range(1, ATTEMPTS + 1):
            self._sleep(max(0.0, self._next - self._clock()))
            try:
                result = call()
            except ClientError as error:
                if error_code(error) not in BUSY or attempt == ATTEMPTS:
                    raise
                self._slower()
            else:
                if isinstance(result, dict) and result.get("ResponseMetadata", {}).get("RetryAttempts", 0):
                    self._slower()  # botocore was throttled or waited by itself
                else:
                    self.interval = self.interval * 0.9 if self.interval > 0.05 else 0.0
                    self._next = self._clock() + self.interval
                return result
        raise AssertionError("unreachable")

    def _slower(self) -> None:
        self.interval = min(max(self.interval * 2, FIRST_INTERVAL_SECONDS), LONGEST_INTERVAL_SECONDS)
        self._next = self._clock() + self.interval
