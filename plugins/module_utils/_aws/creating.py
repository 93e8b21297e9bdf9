# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creating exactly one, also where AWS takes no client token and an answer gets lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import (
    AWS_ERRORS,
    THROTTLED,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    ResponseParserError,
    error_code,
)

T = TypeVar("T")


def _answer_lost(error: Exception) -> bool:
    """Whether AWS may have carried the request out although no good answer came back."""
    if isinstance(error, EndpointConnectionError):
        return False
    if isinstance(error, ClientError):
        # EC2 throttles with status 503, and has not carried the request out then.
        return (
            error_code(error) not in THROTTLED
            and error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
        )
    return isinstance(error, (HTTPClientError, ConnectionClosedError, ResponseParserError))


def create_once(
    call: Callable[[], T],
    find: Callable[[], T | None],
    *,
    attempts: int = 8,
    lost_answers: int = 3,
    window_seconds: float = 15.0,
    sleep: Callable[[float], Any] = time.sleep,
) -> T:
    """Run a create call that must not happen twice, and return its result.

    call sends the request once (use Clients.once). After a lost answer find, which looks by identity tags and returns
    the result or None, is polled for window_seconds before the request is sent again, up to lost_answers times; after
    throttling it is sent again after a growing pause, up to attempts times in all. Any other error is raised as it is.
    """
    for attempt in range(1, attempts + 1):
        try:
            return call()
        except AWS_ERRORS as error:
            lost = _answer_lost(error)
            lost_answers -= lost
            if attempt == attempts or lost_answers < 0:
                raise
            if not (lost or error_code(error) in THROTTLED or isinstance(error, EndpointConnectionError)):
                raise
            if lost:
                result = _poll(find, window_seconds, sleep)
                if result is not None:
                    return result
            else:
                sleep(min(0.5 * 2**attempt, 20.0))
    raise AssertionError("unreachable")


def _poll(find: Callable[[], T | None], window_seconds: float, sleep: Callable[[float], Any]) -> T | None:
    """Poll with growing pauses: an eventually consistent list may show a new resource only after some seconds."""
    pause, waited = 0.5, 0.0
    while True:
        result = find()
        if result is not None or waited >= window_seconds:
            return result
        sleep(pause)
        waited += pause
        pause = min(pause * 2, 5.0)
