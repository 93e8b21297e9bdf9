# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Trying again while an error is one that passes by itself: AWS's answers lag behind its writes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import ClientError, error_code, is_not_found

T = TypeVar("T")

VISIBLE_SECONDS = 20.0
"""For so long AWS may answer NotFound for what was created a moment ago."""
RELEASED_SECONDS = 90.0
"""For so long AWS may answer that something is in use after its last user was deleted."""
IN_USE = (
    "DependencyViolation",
    "InvalidIPAddress.InUse",
    "InvalidGroup.InUse",
    "InvalidDBParameterGroupState",
    "InvalidDBSubnetGroupStateFault",
    "InvalidCacheParameterGroupState",
    "CacheSubnetGroupInUse",
)
"""The codes with which AWS refuses to delete what is in use."""


def retried(
    call: Callable[[], T],
    again: Callable[[Exception], bool],
    seconds: float,
    sleep: Callable[[float], Any] = time.sleep,
    errors: type[Exception] = ClientError,
) -> T:
    """Run a call again, with growing pauses, while again says of its error that it will pass; seconds limits them."""
    pause, waited = 0.5, 0.0
    while True:
        try:
            return call()
        except errors as error:
            if waited >= seconds or not again(error):
                raise
        sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 5.0)


def when_visible(
    call: Callable[[], T], seconds: float = VISIBLE_SECONDS, sleep: Callable[[float], Any] = time.sleep
) -> T:
    """Run a write that refers to something created a moment ago, which AWS may not know everywhere yet."""
    return retried(call, is_not_found, seconds, sleep)


def when_released(
    call: Callable[[], T], seconds: float = RELEASED_SECONDS, sleep: Callable[[float], Any] = time.sleep
) -> T:
    """Run a deletion whose last obstacle was deleted a moment ago; a lasting obstacle is AWS's error in the end."""
    return retried(call, lambda error: error_code(error) in IN_USE, seconds, sleep)
