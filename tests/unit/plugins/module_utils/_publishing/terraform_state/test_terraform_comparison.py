"""What a publisher may change in a published state, and what it must not."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    Difference,
    placeholder,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    comparison,
    document,
)


def compare(before, after, allow=(), overwrite=False, problem=""):
    given = isinstance(next(iter(before.values()), None), document.Output)
    current = document.Document(before if given else document.typed(before), serial=3, lineage="x", problem=problem)
    return comparison.differences(current, after, allow_changes=frozenset(allow), overwrite=overwrite)


def refusals(found):
    return {item.path: item.refusal for item in found if item.refusal}


@pytest.mark.parametrize("values", [{"a": "x"}, {"a": [1, 2], "b": {"c": "d"}}, {"a": 1.0}])
def test_equal_outputs_differ_in_nothing(values):
    assert compare(values, dict(reversed(values.items()))) == []
    assert compare({"a": 1}, {"a": 1.0}) == []


def test_an_added_output_is_free():
    assert compare({"a": "x"}, {"a": "x", "b": "y"}) == [Difference("outputs.b", None, "y")]


def test_a_value_that_nobody_holds_may_change():
    assert compare({"a": "x"}, {"a": "y"}) == [Difference("outputs.a", "x", "y")]


def test_an_output_that_would_disappear_is_refused_until_it_is_allowed():
    (found,) = compare({"a": "x"}, {})
    assert (found.path, found.before, found.after) == ("outputs.a", "x", None)
    assert "allow_changes" in found.refusal
    assert not refusals(compare({"a": "x"}, {}, allow=["a"]))


@pytest.mark.parametrize(("before", "after"), [("1", 1), (1, True), ("a", ["a"]), ({"a": "b"}, ["a"]), (["a"], "a")])
def test_a_new_type_is_refused_until_it_is_allowed(before, after):
    (refusal,) = refusals(compare({"a": before}, {"a": after})).values()
    assert "type" in refusal and "allow_changes" in refusal
    assert not refusals(compare({"a": before}, {"a": after}, allow=["a"]))


def test_terraforms_tuple_becomes_a_list_without_a_refusal():
    old = {"ids": document.Output(["a", "b"], ["tuple", ["string", "string"]])}
    assert compare(old, {"ids": ["a", "b"]}) == [
        Difference("outputs.ids.type", ["tuple", ["string", "string"]], ["list", "string"])
    ]


def test_ids_and_addresses_that_consumers_hold_are_kept():
    assert "consumers hold" in refusals(compare({"vpc_id": "vpc-1"}, {"vpc_id": "vpc-2"}))["outputs.vpc_id"]
    assert not refusals(compare({"vpc_id": "vpc-1"}, {"vpc_id": "vpc-2"}, allow=["vpc_id"]))
    assert (
        "consumers hold"
        in refusals(compare({"nat_public_ips": ["1.1.1.1", "2.2.2.2"]}, {"nat_public_ips": ["1.1.1.1"]}))[
            "outputs.nat_public_ips"
        ]
    )
    assert not refusals(compare({"nat_public_ips": ["1.1.1.1"]}, {"nat_public_ips": ["1.1.1.1", "2.2.2.2"]}))


def test_a_list_that_is_not_known_yet_is_no_change_of_type():
    (found,) = compare({"ids": ["a"]}, {"ids": placeholder("subnet-{}", "a")})
    assert not found.refusal


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_state_of_a_terraform_project_needs_the_switch(overwrite):
    found = compare({"a": "x"}, {"a": "x"}, overwrite=overwrite, problem="lists 2 resources")
    assert [item.path for item in found] == ["resources"]
    assert bool(found[0].refusal) is not overwrite
    assert overwrite or ("terraform state rm" in found[0].refusal and "overwrite_managed_state" in found[0].refusal)


def test_the_switch_allows_no_output_to_disappear():
    assert list(refusals(compare({"a": "x"}, {}, overwrite=True, problem="lists 2 resources"))) == ["outputs.a"]
