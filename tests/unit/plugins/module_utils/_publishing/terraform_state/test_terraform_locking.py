"""Locks: their text, waiting for others, letting go, and clearing the one of a dead run. Without AWS."""

from __future__ import annotations

import json
import os
import signal
import uuid
from datetime import datetime

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    ApplyFailed,
    Refused,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    clearing,
    lock_info,
    locking,
)

# As Terraform 1.11.4 writes it.
TERRAFORMS = (
    '{"ID":"9b76d0d7-ed29-af14-64bb-53d296c60eb7","Operation":"OperationTypeApply","Info":"","Who":"kim@laptop","Version":"1.11.4",'
    '"Created":"2026-11-22T07:45:09.049827482Z","Path":"dev-connectly/connectly-shared/dev/terraform.tfstate"}'
)


class FakeLock:
    """A lock that is free after so many attempts of somebody else's turn."""

    def __init__(self, holder=None, free_after=None):
        self.place, self.now, self.free_after, self.attempts, self.released = "place", holder, free_after, 0, 0

    def acquire(self, info):
        self.attempts += 1
        if self.free_after is not None and self.attempts > self.free_after:
            self.now = None
        if self.now is not None:
            return self.now
        self.now = info
        return None

    def holder(self):
        return self.now

    def release(self, info):
        if self.now and self.now.id == info.id:
            self.now = None
            self.released += 1


class Time:
    def __init__(self):
        self.now = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


OURS = locking.new_lock_info("bucket/key", "connectly-dev", "ansible-core 2.19")
THEIRS = lock_info.parse(TERRAFORMS)


def hold(locks, timeout=60, progress=lambda text: None, info=OURS):
    time = Time()
    return locking.held(locks, info, timeout, progress, time.clock, time.sleep), time


def test_our_lock_is_one_that_terraform_reads():
    data = json.loads(OURS.text())
    assert list(data) == ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"]
    assert str(uuid.UUID(data["ID"])) == data["ID"]
    assert (
        "@" in data["Who"]
        and "ansible" in data["Info"]
        and "connectly-dev" in data["Info"]
        and data["Path"] == "bucket/key"
    )
    assert datetime.fromisoformat(data["Created"]).tzinfo
    assert lock_info.parse(OURS.text()) == OURS


def test_the_holder_of_a_terraform_lock_is_named():
    assert THEIRS.holder() == (
        "kim@laptop since 2026-11-22T07:45:09.049827482Z (OperationTypeApply), "
        "lock ID 9b76d0d7-ed29-af14-64bb-53d296c60eb7"
    )


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"ID": null}'])
def test_a_lock_that_cannot_be_read_is_a_lock_of_unknown_owner(text):
    assert "an unknown owner" in lock_info.parse(text).holder()


def test_locks_are_held_within_the_body_and_released_after_it():
    locks = [FakeLock(), FakeLock()]
    with hold(locks)[0]:
        assert [lock.now for lock in locks] == [OURS, OURS]
    assert [lock.now for lock in locks] == [None, None]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, ApplyFailed])
def test_locks_are_released_after_a_failure(error):
    lock = FakeLock()
    with pytest.raises(error), hold([lock])[0]:
        raise error
    assert lock.now is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_locks_are_released_when_the_run_is_told_to_end(number):
    lock, before = FakeLock(), signal.getsignal(number)
    with pytest.raises(SystemExit), hold([lock])[0]:
        os.kill(os.getpid(), number)
    assert lock.now is None
    assert signal.getsignal(number) is before


def test_a_lock_that_gets_free_is_waited_for():
    lock, said = FakeLock(THEIRS, free_after=4), []
    context, time = hold([lock], progress=said.append)
    with context:
        assert lock.now == OURS
    assert 0 < time.now < 60
    assert len(said) == 4 and "kim@laptop" in said[0]


def test_a_lock_that_stays_ends_the_wait_with_who_holds_it_and_how_to_clear_it():
    first, second = FakeLock(), FakeLock(THEIRS)
    context, time = hold([first, second], timeout=7)
    with pytest.raises(ApplyFailed) as failure, context:
        pytest.fail("the body must not run")
    for part in (
        "bucket/key is locked by kim@laptop",
        "waited 7 seconds",
        "unlock",
        "lock_id=9b76d0d7",
        "terraform force-unlock 9b76d0d7",
    ):
        assert part in str(failure.value)
    assert time.now == 7
    assert first.now is None and second.now == THEIRS
    assert first.released == first.attempts, "others must not wait for us while we wait"


def test_no_waiting_at_all():
    context, time = hold([FakeLock(THEIRS)], timeout=0)
    with pytest.raises(ApplyFailed), context:
        pytest.fail("the body must not run")
    assert time.now == 0


def test_clearing_removes_the_named_lock_and_no_other():
    lock = FakeLock(THEIRS)
    found = clearing.look([lock, FakeLock()], THEIRS.id)
    assert [info for _, info in found.held] == [THEIRS] and lock.now == THEIRS
    clearing.clear(found)
    assert lock.now is None
    assert clearing.look([lock], THEIRS.id).held == []


@pytest.mark.parametrize("lock_id", [None, "", "another"])
def test_clearing_without_the_right_id_names_the_holder(lock_id):
    lock = FakeLock(THEIRS)
    with pytest.raises(Refused, match=r"Nothing was cleared.*kim@laptop.*9b76d0d7"):
        clearing.look([lock], lock_id)
    assert lock.now == THEIRS
