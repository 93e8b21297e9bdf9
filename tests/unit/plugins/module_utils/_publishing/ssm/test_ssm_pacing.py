"""Writes go without a pause until SSM throttles, and then slower."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.pacing import (
    ATTEMPTS,
    Pacer,
)
from botocore.exceptions import ClientError


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Account:
    """Takes one write in each interval, as SSM does, and throttles the others."""

    def __init__(self, clock, interval, code="ThrottlingException"):
        self.clock, self.interval, self.code = clock, interval, code
        self.free_at = 0.0
        self.throttled = 0

    def write(self):
        if self.clock.now < self.free_at:
            self.throttled += 1
            raise ClientError({"Error": {"Code": self.code}}, "PutParameter")
        self.free_at = self.clock.now + self.interval
        return {"ResponseMetadata": {"RetryAttempts": 0}}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pacer(clock):
    return Pacer(clock, clock.sleep)


def test_without_throttling_there_is_no_pause(clock, pacer):
    account = Account(clock, 0)
    for _number in range(100):
        pacer.run(account.write)
    assert clock.now == 0


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyUpdates"])
def test_three_writes_a_second_are_found_out(clock, pacer, code):
    account = Account(clock, 1 / 3, code)
    for _number in range(200):
        pacer.run(account.write)
    assert clock.now < 2 * 200 / 3, "not much longer than SSM takes at best"
    assert account.throttled < 100


def test_throttling_that_botocore_waited_out_slows_down_too(clock, pacer):
    pacer.run(lambda: {"ResponseMetadata": {"RetryAttempts": 2}})
    assert pacer.interval > 0.3


def test_it_gives_up_at_last_and_never_repeats_another_error(clock, pacer):
    calls = []

    def fail(code):
        calls.append(code)
        raise ClientError({"Error": {"Code": code}}, "PutParameter")

    with pytest.raises(ClientError):
        pacer.run(lambda: fail("ThrottlingException"))
    assert len(calls) == ATTEMPTS
    with pytest.raises(ClientError):
        pacer.run(lambda: fail("AccessDeniedException"))
    assert len(calls) == ATTEMPTS + 1
