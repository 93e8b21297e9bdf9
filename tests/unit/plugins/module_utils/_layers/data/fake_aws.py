# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients that answer from a script, so that what AWS does and no emulator does can be tested: late answers,
refusals, odd states.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.waiting import Waiter
from botocore.exceptions import ClientError

SCOPE = Scope("acme-prod", "data")
TAGS = SCOPE.tags("main")


def error(code: str, message: str = "as AWS would say") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


class FakeClient:
    """answers: by operation of the boto3 client, a function of the request. calls: (operation, request), in their
    order.
    """

    def __init__(self, **answers: Callable[..., dict[str, Any]]):
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        if operation not in self.answers:
            raise AttributeError(operation)

        def call(**request: Any) -> dict[str, Any]:
            self.calls.append((operation, request))
            return self.answers[operation](**request)

        return call

    def get_paginator(self, operation: str) -> Any:
        class Paginator:
            @staticmethod
            def paginate(**request: Any) -> list[dict[str, Any]]:
                return [getattr(self, operation)(**request)]

        return Paginator()

    def requests(self, *operations: str) -> list[dict[str, Any]]:
        return [request for operation, request in self.calls if operation in operations]

    def clients(self) -> Clients:
        return Clients(lambda service, config: self, region="ap-northeast-2")


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def wait(adapter: Any, existing: Any, limit: float = 3600) -> tuple[Any, float]:
    """What became ready, and after how many seconds."""
    time = Time()
    waiter = Waiter({adapter.type: adapter}, limit, clock=lambda: time.now, sleep=time.sleep)
    waiter.add(existing)
    return waiter.finish()[0], time.now
