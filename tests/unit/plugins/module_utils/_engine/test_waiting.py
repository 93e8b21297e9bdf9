# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A wait lasts as long as AWS needs, believes no answer that is late, and ends with one line that names what was
waited for.
"""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    ApplyFailed,
    Existing,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.waiting import Waiter
from botocore.exceptions import ClientError
from world import Box

EXPIRED = ClientError({"Error": {"Code": "ExpiredToken", "Message": "the token has expired"}}, "DescribeBoxes")


class Script(Box):
    """Each poll is answered with the next state of the script; None for one that AWS does not list.

    The last one stays.
    """

    def __init__(self, *states):
        super().__init__([])
        self.states = list(states)

    def refresh(self, existing):
        self.refreshes += 1
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return [] if state is None else [Existing("box", item.key, item.id, state=state) for item in existing]


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds


def wait(adapter, limit=1000):
    """How many seconds it took."""
    time = Time()
    waiter = Waiter({"box": adapter}, limit, clock=lambda: time.now, sleep=time.sleep)
    waiter.add(Existing("box", "a", "box-a", state="pending"))
    ready = waiter.finish()
    assert [item.id for item in ready] == ["box-a"]
    return time.now


def test_one_that_is_ready_is_polled_once_without_a_pause():
    adapter = Script("ready")
    assert (wait(adapter), adapter.refreshes) == (0, 1)


def test_one_that_is_missing_for_a_moment_after_a_long_wait_has_not_disappeared():
    assert wait(Script(*["pending"] * 20, None, None, "ready")) > 100


def test_one_that_stays_missing_has_disappeared():
    with pytest.raises(ApplyFailed, match=r"box a \(box-a\) disappeared"):
        wait(Script("pending", None))


def test_an_error_of_aws_during_a_wait_names_what_was_waited_for():
    class Expired(Script):
        def refresh(self, existing):
            raise EXPIRED

    with pytest.raises(
        ApplyFailed, match=r"Failed while waiting for box a \(box-a\) to be ready: .*the token has expired"
    ):
        wait(Expired("ready"))


def test_events_that_aws_does_not_tell_hide_no_failure():
    class Broken(Script):
        def refresh(self, existing):
            return [Existing("box", item.key, item.id, state="failed", reason="no address left") for item in existing]

        def last_events(self, existing):
            raise EXPIRED

    with pytest.raises(ApplyFailed, match=r"box a \(box-a\) failed: no address left"):
        wait(Broken("failed"))


class Late(Script):
    """The change shows from a poll on; before that AWS answers as it did before the change."""

    def __init__(self, shows_from, *states):
        super().__init__(*states)
        self.shows_from = shows_from

    def took_effect(self, existing):
        return self.refreshes >= self.shows_from


def test_ready_is_not_believed_before_the_change_shows():
    adapter = Late(4, "ready")
    assert wait(adapter) > 0 and adapter.refreshes == 4


def test_ready_is_believed_after_aws_was_busy():
    adapter = Late(1000, "ready", "pending", "ready")
    wait(adapter)
    assert adapter.refreshes == 3


def test_a_change_that_never_shows_is_waited_for_a_minute():
    assert 60 < wait(Late(1000, "ready")) < 80


def test_a_change_that_shows_at_once_costs_no_further_poll():
    adapter = Late(1, "ready")
    assert (wait(adapter), adapter.refreshes) == (0, 1)
