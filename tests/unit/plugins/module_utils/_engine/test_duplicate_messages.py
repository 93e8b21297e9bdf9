# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said of a doubled identity: who is in use, what only follows, and what to run."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.duplicates import explain
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import Existing, Resource
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan
from world import SCOPE, Box, Lid

UNTAG, DELETE = (
    "`aws shelf untag {0} --keys connectly:deployment connectly:layer connectly:key`",
    "`aws shelf delete {0}`",
)


@pytest.fixture(autouse=True)
def commands(monkeypatch):
    monkeypatch.setattr(Box, "untag_command", "shelf untag {ids} --keys {tag_keys}")
    monkeypatch.setattr(Box, "delete_command", "shelf delete {id}")
    monkeypatch.setattr(Lid, "stands_in", ("box", "box_id"))


def one(kind, identifier, key="a", **properties):
    return Existing(kind, key, identifier, properties, SCOPE.tags(key), {"arn": f"arn:{identifier}"})


def reasons(found, published=None, desired=()):
    by_type = {kind: [item for item in found if item.type == kind] for kind in ("box", "lid")}
    plan = make_plan([Box([]), Lid([])], desired, by_type)
    explain(plan, by_type, published or {})
    return {f"{action.type} {action.key}": action.reason for action in plan.actions}


def test_where_nothing_tells_the_way_out_is_told_for_each():
    text = "box-1 and box-2 both carry the identity acme-dev/shelf/a; nothing tells which one is in use. "
    ways = [
        (
            f"If {name} is not used, delete it: {DELETE.format(name)}, or take it out of this deployment: "
            f"{UNTAG.format(name)}."
        )
        for name in ("box-1", "box-2")
    ]
    assert reasons([one("box", "box-1"), one("box", "box-2")]) == {"box a": text + " ".join(ways)}


def test_three_are_all_named_and_the_published_one_is_kept():
    reason = reasons([one("box", f"box-{number}") for number in (1, 2, 3)], {"boxes": ["x", "arn:box-2"]})["box a"]
    assert reason.startswith(
        "box-1, box-2 and box-3 all carry the identity acme-dev/shelf/a; box-2 is published as boxes. "
        "If box-1 is not used"
    )
    assert "If box-3 is not used" in reason and "If box-2" not in reason


def test_what_is_published_counts_for_more_than_what_looks_used(monkeypatch):
    monkeypatch.setattr(Box, "signs_of_use", lambda self, twins, found: {"box-1": ["holds 3 lids"]})
    found = [one("box", "box-1"), one("box", "box-2")]
    assert "; box-1 holds 3 lids. If box-2 is not used" in reasons(found)["box a"]
    assert (
        "; box-1 holds 3 lids; box-2 is published as box_arn. If box-1 is not used"
        in reasons(found, {"box_arn": "arn:box-2"})["box a"]
    )


def test_what_stands_in_a_doubled_one_follows_it():
    found = [
        one("box", "box-1"),
        one("box", "box-2"),
        one("lid", "lid-1", box_id="box-1"),
        one("lid", "lid-2", box_id="box-2"),
    ]
    told = reasons(found, {"lid_arn": "arn:lid-1"})
    assert list(told) == ["box a"], "the lids are alone again when the boxes are"
    assert (
        "; box-1 is published as lid_arn. If box-2 is not used, take it and what stands in it (1) "
        "out of this deployment: "
    ) in told["box a"]
    assert UNTAG.format("box-2 lid-2") in told["box a"]


def test_two_in_one_place_are_told_by_themselves():
    found = [one("box", "box-1"), one("lid", "lid-1", box_id="box-1"), one("lid", "lid-2", box_id="box-1")]
    assert "nothing tells which one is in use" in reasons(found)["lid a"]


def test_one_in_a_place_of_ours_and_one_elsewhere():
    """As after a VPC alone was untagged, and what stands in it was not."""
    found = [one("box", "box-1"), one("lid", "lid-1", box_id="box-1"), one("lid", "lid-2", box_id="box-gone")]
    assert "; lid-1 belongs to box box-1 of this deployment. If lid-2 is not used" in reasons(found)["lid a"]


def test_the_configured_name_is_a_sign():
    found = [one("box", "box-1", name="old"), one("box", "box-2", name="new")]
    assert (
        "; box-2 has the configured name. If box-1 is not used"
        in reasons(found, desired=[Resource("box", "a", {"name": "new"})])["box a"]
    )


def test_a_type_without_commands_names_none(monkeypatch):
    monkeypatch.setattr(Box, "untag_command", "")
    reason = reasons([one("box", "box-1"), one("box", "box-2")], {"box": "box-1"})["box a"]
    assert reason.endswith("If box-2 is not used, delete it or take its identity tags away.") and "aws" not in reason
