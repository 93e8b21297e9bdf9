"""Values against an argument spec: each wrong one is named with its path and what it must be, at any depth."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import Problem
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.strict import (
    near_misses,
    unknown_variables,
    value_problems,
)

SUBNET = {"zone": {"required": True}, "size": {"type": "int", "default": 24}}
TIER = {
    "key": {"type": "str", "required": True},
    "type": {"type": "str", "required": True, "choices": ["public", "private"]},
    "public": {"type": "bool", "default": False},
    "label": {"type": "str", "default": "none"},
    "note": {"type": "str"},
    "subnets": {"type": "list", "elements": "dict", "options": SUBNET},
    "methods": {"type": "list", "elements": "str", "choices": ["GET", "PUT"]},
    "limits": {"type": "dict", "options": {"most": {"type": "int", "required": True}}},
}
SPECIFICATION = {
    "name": {"type": "str"},
    "folder": {"type": "path"},
    "enabled": {"type": "bool"},
    "days": {"type": "int"},
    "share": {"type": "float"},
    "manifest": {"type": "str", "choices": ["auto", "true", "false"]},
    "tags": {"type": "dict"},
    "anything": {"type": "raw"},
    "tiers": {"type": "list", "elements": "dict", "options": TIER},
    "parameters": {"type": "list", "elements": "dict", "options": {"secret": {"type": "str", "no_log": True}}},
}
GOOD = {"key": "a", "type": "public"}


def texts(specification=SPECIFICATION, **values):
    return [problem.text("network_") for problem in value_problems(specification, values)]


@pytest.mark.parametrize(
    "values",
    [
        {
            "name": "x",
            "folder": "~/x",
            "enabled": "yes",
            "days": "7",
            "share": 0.5,
            "tags": {1: None},
            "anything": None,
        },
        {"enabled": False, "days": -1, "share": 1, "manifest": "auto"},
        {"manifest": True},  # what YAML makes of true, and a template of "true"
        {"manifest": "False"},
        {"name": None, "enabled": None, "tiers": None},
        {"tiers": ()},
        {"tiers": [{**GOOD, "note": None, "subnets": [{"zone": "a", "size": 28}], "methods": ["GET", "PUT"]}]},
        {"tiers": [{**GOOD, "subnets": None, "limits": {"most": 1}}]},
    ],
)
def test_what_is_right_has_no_problems(values):
    assert texts(**values) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": ["a"]}, "network_name is ['a']; must be a string, not a list"),
        ({"name": {"a": 1}}, "network_name is {'a': 1}; must be a string, not a dictionary"),
        (
            {"name": 8},
            "network_name is 8; must be a string, but YAML reads this as a number (010 is the number 8); put",
        ),
        ({"name": 17.7}, "must be a string, but YAML reads this as a number with decimals; put it in quotes"),
        ({"name": False}, "YAML reads this as a boolean (no, off, yes and on are booleans); put it in quotes"),
        ({"name": datetime.date(2026, 1, 1)}, "YAML reads this as a date or another type; put it in quotes"),
        ({"folder": 5}, "network_folder is 5; must be a path, but YAML reads this as a number"),
        ({"enabled": "sometimes"}, "network_enabled is 'sometimes'; must be true or false"),
        ({"enabled": 1}, "network_enabled is 1; must be true or false"),
        ({"days": "a year"}, "network_days is 'a year'; must be an integer, not a string"),
        ({"days": "--5"}, "network_days is '--5'; must be an integer"),
        ({"days": "010"}, "network_days is '010'; must be an integer"),
        ({"days": 1.5}, "network_days is 1.5; must be an integer, not a number with decimals"),
        ({"days": True}, "network_days is True; must be an integer, not a boolean"),
        ({"share": "x"}, "network_share is 'x'; must be a number, not a string"),
        ({"tags": []}, "network_tags is []; must be a dictionary, not a list"),
        ({"tiers": "a"}, "network_tiers is 'a'; must be a list, not a string"),
        ({"tiers": {}}, "network_tiers is {}; must be a list, not a dictionary"),
        ({"manifest": "maybe"}, "network_manifest is 'maybe'; must be one of auto, true, false"),
        ({"naem": 1}, "network_naem is not an option; did you mean name?"),
        ({"zzz": 1}, "network_zzz is not an option; must be one of anything, days, enabled, folder, manifest, name"),
        # inside lists and dictionaries
        ({"tiers": [GOOD, "a"]}, "network_tiers[1] is 'a'; must be a dictionary, not a string"),
        ({"tiers": [GOOD, None]}, "network_tiers[1] is empty; must be a dictionary"),
        ({"tiers": [GOOD, {"type": "public"}]}, "network_tiers[1].key is required; must be a string"),
        ({"tiers": [GOOD, {**GOOD, "key": None}]}, "network_tiers[1].key is required; must be a string"),
        ({"tiers": [{"key": "a"}]}, "network_tiers[0].type is required; must be one of public, private"),
        (
            {"tiers": [GOOD, {**GOOD, "type": "privat"}]},
            "network_tiers[1].type is 'privat'; must be one of public, private",
        ),
        (
            {"tiers": [{**GOOD, "type": True}]},
            "network_tiers[0].type is True; must be one of public, private, but YAML reads this",
        ),
        ({"tiers": [{**GOOD, "publik": True}]}, "network_tiers[0].publik is not an option; did you mean public?"),
        (
            {"tiers": [{**GOOD, "public": None}]},
            "network_tiers[0].public is empty; must be true or false, or left out for the default",
        ),
        # Ansible would make the text "None" of it.
        (
            {"tiers": [{**GOOD, "label": None}]},
            "network_tiers[0].label is empty; must be a string, or left out for the default",
        ),
        ({"tiers": [{**GOOD, "subnets": [{"size": 28}]}]}, "network_tiers[0].subnets[0].zone is required; must be a"),
        (
            {"tiers": [{**GOOD, "methods": "GET"}]},
            "network_tiers[0].methods is 'GET'; must be a list of GET, PUT, not a string",
        ),
        ({"tiers": [{**GOOD, "limits": {}}]}, "network_tiers[0].limits.most is required; must be an integer"),
        ({"tiers": [{**GOOD, "methods": ["GET", "PATCH"]}]}, "tiers[0].methods[1] is 'PATCH'; must be one of GET, PUT"),
    ],
)
def test_what_is_wrong_is_one_clear_line(values, expected):
    (found,) = texts(**values)
    assert expected in found


def test_all_problems_are_found_at_once():
    found = texts(days="x", tiers=[{"type": "privat"}, {"key": "b"}])
    assert [text.partition(" ")[0] for text in found] == [
        "network_days",
        "network_tiers[0].type",
        "network_tiers[0].key",
        "network_tiers[1].type",
    ]


@pytest.mark.parametrize(
    "parameters", ["hunter2", {"secret": "hunter2"}, ["hunter2"], [{"secret": ["hunter2"]}], [{"secreet": "hunter2"}]]
)
def test_what_may_hold_a_secret_is_not_shown(parameters):
    (found,) = texts(parameters=parameters)
    assert found.startswith("network_parameters") and "hunter2" not in found


def test_a_missing_variable():
    assert texts({"name": {"required": True}}) == ["network_name is required; must be a string"]
    assert texts({"name": {"required": True, "choices": [1, 2]}}, name=None) == [
        "network_name is required; must be one of 1, 2"
    ]


def test_the_place_of_a_problem():
    (missing,) = value_problems(SPECIFICATION, {"tiers": [{"type": "public"}]})
    (wrong,) = value_problems(SPECIFICATION, {"days": "x"})
    assert "tiers[0].key is required (missing in hosts.yml:3:7); " in missing.text(origin="hosts.yml:3:7")
    assert "days is 'x' (set in hosts.yml:9:7); " in wrong.text(origin="hosts.yml:9:7")


def test_a_problem_of_a_role_names_its_variables():
    whole = Problem("iops", 1, "needs O(size) and O(kind)").prefixed("data_")
    assert whole.text() == "data_iops is 1; needs data_size and data_kind"


def test_unknown_variables():
    known = ["network_name", "network_tiers"]
    found = unknown_variables("network_", ["network_naem", "network_outputs", "network_name", "kms_x"], known)
    assert [problem.text() for problem in found] == [
        "network_naem is not a variable of this collection; did you mean network_name?"
    ]
    (far,) = unknown_variables("network_", ["network_qqqqqqqqqqqq"], [f"network_{number}" for number in range(20)])
    assert "the README of the role lists them all" in far.text()


def test_near_misses():
    names = ["netwrok_vpc_cidr", "vpc_cidr", "network_vpc_cdir", "ansible_network_vpc_cidr", "__network_vpc_cidr"]
    (found,) = near_misses(names, {"network_vpc_cidr"}, ["network_"])
    assert found.text() == "netwrok_vpc_cidr is not a variable of this collection; did you mean network_vpc_cidr?"
