# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Desired and current state give exactly these actions."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine import rendering
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    Existing,
    InputError,
    Reference,
    Resource,
    has_placeholder,
    placeholder,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan, summary
from world import SCOPE, Box, Lid, existing

BOX = Resource("box", "a", {"size": 3, "color": "red"}, {"Team": "x"})
LID = Resource("lid", "a", {"box_id": Reference("box", "a")})


def plan(desired, found=(), remove=False):
    by_type = {"box": [], "lid": []}
    for item in found:
        by_type[item.type].append(item)
    return make_plan([Lid([]), Box([])], desired, by_type, remove=remove)


def short(actions):
    return [(action.kind, action.type, action.key) for action in actions]


def test_an_empty_account_gets_creates_in_order_with_placeholders():
    result = plan([LID, BOX])
    assert short(result.actions) == [("create", "box", "a"), ("create", "lid", "a")]
    assert result.actions[1].after["box_id"] == "box-known-after-apply.a"
    assert result.actions[0].after["tags"] == {"Team": "x", **SCOPE.tags("a")}


def test_what_is_as_wanted_needs_nothing():
    found = [
        existing("box", "a", {"size": 3, "color": "red"}, {"Team": "x"}),
        existing("lid", "a", {"box_id": "box-a"}),
    ]
    result = plan([BOX, LID], found)
    assert result.actions == []
    assert rendering.resources(result)["lid"]["a"] == {"id": "lid-a", "box_id": "box-a"}


def test_an_update_names_just_what_differs():
    found = [existing("box", "a", {"size": 3, "color": "blue", "more": 1}, {"Team": "y", "kubernetes.io/x": "1"})]
    (action,) = plan([BOX], found).actions
    assert (action.kind, action.before, action.after) == (
        "update",
        {"color": "blue", "tags.Team": "y"},
        {"color": "red", "tags.Team": "x"},
    )


def test_what_could_only_be_replaced_is_refused_with_the_reason():
    result = plan([BOX], [existing("box", "a", {"size": 4, "color": "red"}, {"Team": "x"})])
    assert short(result.refusals) == [("refuse", "box", "a")]
    assert "a box cannot grow" in rendering.refusal_message(result.actions)
    assert result.changes == []


def test_undeclared_ours_is_deleted_from_the_top_and_foreign_is_reported():
    found = [existing("box", "b"), existing("lid", "b"), Existing("box", None, "box-foreign", owned=False)]
    assert short(plan([], found).actions) == [
        ("delete", "lid", "b"),
        ("delete", "box", "b"),
        ("report", "box", "box-foreign"),
    ]


def test_data_is_not_deleted_because_it_is_undeclared_but_when_all_goes(monkeypatch):
    monkeypatch.setattr(Box, "undeclared", "report")
    assert short(plan([], [existing("box", "b")]).actions) == [("report", "box", "b")]
    assert short(plan([], [existing("box", "b")], remove=True).actions) == [("delete", "box", "b")]


def test_a_deletion_that_would_hurt_is_refused(monkeypatch):
    monkeypatch.setattr(Box, "refuse_delete", lambda self, item: "it is full")
    assert plan([], [existing("box", "b")], remove=True).refusals[0].reason == "it is full"


def test_a_wanted_name_that_is_not_ours_is_refused():
    found = [Existing("box", "a", "box-x", owned=False, reason="exists, but it carries no tag")]
    result = plan([BOX, LID], found)
    assert short(result.actions) == [("refuse", "box", "a"), ("create", "lid", "a")]


def test_two_with_one_identity_are_refused():
    twin = existing("box", "a", {"size": 3})
    twin.id = "box-twin"
    result = plan([BOX, LID], [existing("box", "a", {"size": 3}), twin])
    assert short(result.actions) == [("refuse", "box", "a")], "what else differs depends on which of the two is meant"
    assert result.refusals[0].reason == "box-a and box-twin both carry the identity acme-dev/shelf/a"


def test_one_that_is_about_to_go_is_no_rival(monkeypatch):
    monkeypatch.setattr(Box, "leaving", lambda self, item: item.id == "box-a")
    twin = existing("box", "a", {"size": 3, "color": "red"}, {"Team": "x"})
    twin.id = "box-twin"
    result = plan([BOX], [existing("box", "a"), twin])
    assert result.actions == [] and result.current["box", "a"] is twin
    assert short(plan([BOX], [existing("box", "a", {"size": 3})]).actions) == [("update", "box", "a")], (
        "alone, it is taken back"
    )


def test_one_beyond_use_is_replaced_by_a_new_one(monkeypatch):
    monkeypatch.setattr(Box, "discarded", lambda self, item: item.state == "failed")
    broken = existing("box", "a", state="failed", reason="it broke")
    assert short(plan([BOX], [broken]).actions) == [("create", "box", "a"), ("delete", "box", "a")]


def test_a_key_declared_twice_is_an_error():
    with pytest.raises(InputError, match="box a is declared twice"):
        plan([BOX, BOX])


def test_diff_and_summary_are_renderings_of_the_actions():
    result = plan([BOX], [existing("lid", "b", {"box_id": "box-b"})])
    assert summary(result.actions) == {"create": 1, "update": 0, "delete": 1, "refuse": 0, "report": 0}
    headers = [(entry["before_header"], entry["after_header"]) for entry in rendering.diff(result.actions)]
    assert headers == [("box a (absent)", "box a"), ("lid b", "lid b (absent)")]


def test_placeholders_are_recognised_at_any_depth():
    assert has_placeholder({"a": [{"b": placeholder("subnet-{}", "x")}]})
    assert has_placeholder({placeholder("{}", "x"): 1})
    assert not has_placeholder({"a": ["subnet-1", 2, None]})
