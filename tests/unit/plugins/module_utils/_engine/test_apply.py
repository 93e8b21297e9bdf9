# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan is carried out in its order, waits overlap, and a failure says what was done and what was not."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.adapter import Adapter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.apply import apply_plan
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    ApplyFailed,
    Existing,
    Reference,
    Resource,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.waiting import Waiter
from botocore.exceptions import ClientError
from world import SCOPE, Box, Lid, existing

BOXES = [Resource("box", key, {"size": 1}) for key in ("a", "b")]
LIDS = [Resource("lid", key, {"box_id": Reference("box", key)}) for key in ("a", "b")]


class Clock:
    def __init__(self):
        self.now = 0.0

    def sleep(self, seconds):
        self.now += seconds


def run(desired, found=(), slow=0, limit=100, remove=False, adapters=None):
    log = []
    adapters = adapters or [Box(log, slow), Lid(log)]
    by_type = {"box": [], "lid": []}
    for item in found:
        by_type[item.type].append(item)
    plan = make_plan(adapters, desired, by_type, remove=remove)
    clock = Clock()
    waiter = Waiter(plan.adapters, limit, clock=lambda: clock.now, sleep=clock.sleep)
    error = None
    try:
        apply_plan(plan, wait_seconds=limit, waiter=waiter)
    except ApplyFailed as caught:
        error = caught
    return plan, adapters[0].log, error


def test_references_become_real_ids():
    plan, log, error = run([*LIDS, *BOXES])
    assert error is None
    assert ("create", "lid", "b", {"box_id": "box-b"}) in log
    assert {action.status for action in plan.actions} == {"done"}


def test_waits_overlap_and_come_only_before_what_needs_them():
    plan, log, error = run([*BOXES, *LIDS], slow=3)
    assert error is None
    assert [entry[:3] for entry in log] == [
        ("create", "box", "a"),
        ("create", "box", "b"),
        *[("refresh", "box", ("a", "b"))] * 3,
        ("create", "lid", "a"),
        ("create", "lid", "b"),
    ]


def test_one_left_pending_by_a_killed_run_is_waited_for():
    plan, log, error = run(BOXES[:1] + LIDS[:1], [existing("box", "a", {"size": 1}, state="pending")], slow=2)
    assert error is None
    assert [entry[0] for entry in log] == ["refresh", "refresh", "create"]


def test_a_wait_has_a_limit_that_names_what_is_not_ready():
    plan, log, error = run(BOXES, slow=10**6, limit=60)
    assert "box a (box-a) is not ready after 60 seconds" in str(error)


def test_a_type_may_have_a_limit_of_its_own():
    log = []
    adapters = [Box(log, slow=10**6), Lid(log)]
    adapters[0].wait_seconds = 30
    plan, log, error = run(BOXES[:1], adapters=adapters, limit=600)
    assert "box a (box-a) is not ready after 30 seconds" in str(error)


def test_what_is_ready_may_go_on_with_a_further_change():
    class Twice(Box):
        changed = False

        def when_ready(self, item):
            if self.changed:
                return item
            self.changed = True
            self.log.append(("continue", "box", item.key))
            return Existing("box", item.key, item.id, state="pending")

    log = []
    plan, log, error = run(BOXES[:1] + LIDS[:1], adapters=[Twice(log, slow=1), Lid(log)])
    assert error is None
    assert [entry[0] for entry in log] == ["create", "refresh", "continue", "refresh", "create"]


def test_a_failure_is_truthful(monkeypatch):
    def create(self, wanted, tags):
        raise ClientError({"Error": {"Code": "LidLimitExceeded", "Message": "no more lids"}}, "CreateLid")

    monkeypatch.setattr(Lid, "create", create)
    plan, log, error = run([*BOXES, *LIDS])
    assert "Failed to create lid a" in str(error) and "no more lids" in str(error)
    assert [action.status for action in plan.actions] == ["done", "done", "failed", "not_tried"]


def test_an_error_of_aws_during_a_wait_is_a_failure_half_way_as_well():
    class Expired(Box):
        def refresh(self, items):
            raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "the token has expired"}}, "DescribeBoxes")

    plan, log, error = run([*BOXES[:1], *LIDS[:1]], adapters=[Expired([], slow=1), Lid([])])
    assert "the token has expired" in str(error)
    assert [action.status for action in plan.actions] == ["done", "not_tried"]


def test_a_failed_resource_fails_the_run_with_its_reason():
    class Broken(Box):
        def refresh(self, items):
            return [Existing("box", item.key, item.id, state="failed", reason="no address left") for item in items]

    log = []
    plan, log, error = run(BOXES[:1], adapters=[Broken(log, slow=1), Lid(log)])
    assert "box a (box-a) failed: no address left" in str(error)


def test_deletes_run_from_the_top_and_wait_until_it_is_gone():
    found = [existing("box", "a"), existing("lid", "a")]
    plan, log, error = run([], found, remove=True)
    assert error is None
    assert [entry[:3] for entry in log] == [("delete", "lid", "a"), ("delete", "box", "a"), ("refresh", "box", ("a",))]


def test_a_deletion_that_finds_nothing_is_a_success(monkeypatch):
    def delete(self, item):
        raise ClientError({"Error": {"Code": "InvalidLid.NotFound", "Message": "gone"}}, "DeleteLid")

    monkeypatch.setattr(Lid, "delete", delete)
    plan, log, error = run([], [existing("lid", "a")], remove=True)
    assert error is None and plan.actions[0].status == "done"


def test_a_deletion_waits_only_for_what_needs_its_type():
    class Bird(Lid):
        type = "bird"
        waits_for = ()

    log = []
    adapters = [Box(log), Lid(log), Bird(log)]
    adapters[1].waits_for_deletion, adapters[0].waits_for_deletion = True, False
    found = {kind: [existing(kind, "a")] for kind in ("box", "lid", "bird")}
    plan = make_plan(adapters, [], found, remove=True)
    apply_plan(plan, wait_seconds=100)
    steps = [" ".join(entry[:2]) for entry in log]
    assert steps == ["delete lid", "delete bird", "refresh lid", "delete box"]


def test_an_adapter_says_which_errors_are_its_services_own():
    class NoSuchPage(Exception):
        pass

    class Page(Adapter):
        type = "page"
        errors = (NoSuchPage,)

        def is_not_found(self, error):
            return str(error) == "gone"

        def delete(self, item):
            raise NoSuchPage(item.key)

    pages = {"page": [existing("page", "gone"), existing("page", "torn")]}
    plan = make_plan([Page(SCOPE)], [], pages, remove=True)
    with pytest.raises(ApplyFailed, match="Failed to delete page torn: torn"):
        apply_plan(plan, wait_seconds=1)
    assert [action.status for action in plan.actions] == ["done", "failed"]


def test_an_unknown_id_of_another_layer_is_refused_in_a_real_run():
    plan, log, error = run([*BOXES, Resource("lid", "a", {"box_id": "box-known-after-apply.other"})])
    assert "apply the layer that provides it first" in str(error)
    assert log == []


@pytest.mark.parametrize("changed", [{"size": 2}, {}])
def test_tags_and_properties_are_updated_apart(monkeypatch, changed):
    monkeypatch.setattr(Box, "fixed", {})
    resource = Resource("box", "a", {"size": 1, **changed}, {"Team": "x"})
    plan, log, error = run([resource], [existing("box", "a", {"size": 1})])
    expected = [("tag", "box", "a", {"Team": "x"})] + ([("update", "box", "a", {"size": 2})] if changed else [])
    assert log == expected
