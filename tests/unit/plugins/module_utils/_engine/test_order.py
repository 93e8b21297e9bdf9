# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is made first and deleted last follows from references and words, always in the same way."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.adapter import Adapter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    InputError,
    Reference,
    Resource,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.order import order_of
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan
from world import SCOPE, existing


def adapter(name, **words):
    """An adapter of this type with these words: after, waits_for, stands_in, waits_for_deletion."""
    return type(name, (Adapter,), {"type": name, **words})(SCOPE)


def house():
    return [adapter("ground"), adapter("wall", after=("ground",)), adapter("roof", after=("wall",)), adapter("tree")]


def resource(kind, key="a", **properties):
    return Resource(kind, key, properties)


def created(adapters, *desired):
    return [f"{action.type} {action.key}" for action in make_plan(adapters, desired, {}).actions]


def deleted(adapters, *types):
    found = {kind: [existing(kind, "a")] for kind in types}
    return [action.type for action in make_plan(adapters, [], found, remove=True).actions]


def test_a_resource_comes_after_those_it_refers_to_at_any_depth():
    shelf = resource("shelf", books=[{"of": {"id": Reference("book", "a")}}])
    book = resource("book", cover=Reference("cover", "a"))
    adapters = [adapter("shelf"), adapter("book"), adapter("cover")]
    assert created(adapters, shelf, book, resource("cover")) == ["cover a", "book a", "shelf a"]


@pytest.mark.parametrize("word", [{"after": ("box",)}, {"waits_for": ("box",)}, {"stands_in": ("box", "box_id")}])
def test_words_tell_the_order_where_no_reference_does(word):
    adapters = [adapter("lid", **word), adapter("box")]
    assert created(adapters, resource("lid"), resource("box")) == ["box a", "lid a"]
    assert deleted(adapters, "box", "lid") == ["lid", "box"], "and nothing is wanted of what is deleted"


def test_without_any_need_the_order_is_that_of_the_adapters_and_then_of_what_is_wanted():
    adapters = [adapter("pen"), adapter("ink"), adapter("cap")]
    wanted = [resource("cap"), resource("pen", "z"), resource("ink"), resource("pen", "b")]
    assert created(adapters, *wanted) == ["pen z", "pen b", "ink a", "cap a"]
    assert deleted(adapters, "ink", "pen", "cap") == ["pen", "ink", "cap"]


def test_a_type_comes_as_early_as_it_can():
    """So that everything else is made meanwhile, where one waits for what takes long."""
    assert order_of(house(), []).forward == ["ground", "tree", "wall", "roof"]


def test_a_deletion_ends_with_what_most_others_stood_on():
    """So that what costs money is gone where something unknown keeps the VPC."""
    assert order_of(house(), []).backward == ["roof", "wall", "tree", "ground"]


def test_resources_of_one_type_may_refer_to_each_other():
    wanted = [resource("folder", "c", within=Reference("folder", "b"))]
    wanted += [resource("folder", "b", within=Reference("folder", "a")), resource("folder", "a")]
    assert created([adapter("folder")], *wanted) == ["folder a", "folder b", "folder c"]


def test_words_about_types_that_are_not_in_the_set_and_about_the_type_itself_ask_for_nothing():
    assert created([adapter("box", after=("cellar",), waits_for=("box",))], resource("box")) == ["box a"]


def test_needs_reach_as_far_as_the_chain_and_no_further():
    needs = order_of(house(), []).needs
    assert needs["roof"] == {"wall", "ground"} and needs["tree"] == set()


@pytest.mark.parametrize(
    ("words", "wanted", "message"),
    [
        ({"after": ("lid",)}, [], "The order of types (after, waits_for, stands_in, References) goes in a circle"),
        ({}, [resource("box", lid_id=Reference("lid", "a"))], "box before lid before box"),
    ],
)
def test_a_circle_of_types_is_an_error_that_names_them_in_one_line(words, wanted, message):
    adapters = [adapter("box", **words), adapter("lid", after=("box",))]
    with pytest.raises(InputError) as error:
        make_plan(adapters, wanted, {})
    assert message in str(error.value) and "\n" not in str(error.value)
    assert "box before lid before box" in str(error.value) or "lid before box before lid" in str(error.value)


def test_a_circle_of_resources_is_an_error_that_names_them():
    wanted = [resource("folder", "a", within=Reference("folder", "b"))]
    wanted.append(resource("folder", "b", within=Reference("folder", "a")))
    with pytest.raises(InputError, match=r"The order of folder \(References\) goes in a circle: . before . before .$"):
        make_plan([adapter("folder")], wanted, {})
