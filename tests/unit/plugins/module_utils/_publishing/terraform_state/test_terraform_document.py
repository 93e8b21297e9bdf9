"""State files: what is built, what is continued, what is recognised as somebody else's, and the types of values."""

from __future__ import annotations

import hashlib
import json
import uuid

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    document,
    types,
)


def state(**changes):
    data = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "11111111-2222-3333-4444-555555555555",
        "outputs": {"vpc_id": {"value": "vpc-1", "type": "string"}},
        "resources": [],
        "check_results": None,
    }
    return json.dumps({**data, **changes}).encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("vpc-1", "string"),
        ("5432", "string"),
        (5432, "number"),
        (1.5, "number"),
        (True, "bool"),
        (["a", "b"], ["list", "string"]),
        ([], ["list", "string"]),
        ([1, 2.5], ["list", "number"]),
        (["a", 1], ["tuple", ["string", "number"]]),
        ({"a": "b"}, ["map", "string"]),
        ({}, ["map", "string"]),
        ({"a": 1}, ["object", {"a": "number"}]),
        ({"a": "b", "c": [True]}, ["object", {"a": "string", "c": ["list", "bool"]}]),
        ([{"a": "b"}, {"c": "d"}], ["list", ["map", "string"]]),
    ],
)
def test_types_are_terraforms(value, expected):
    assert types.type_of(value) == expected


@pytest.mark.parametrize("value", [None, ["a", None], {"a": None}])
def test_null_has_no_type(value):
    with pytest.raises(ValueError, match="no Terraform type"):
        types.type_of(value)


def test_a_tuple_of_an_old_state_reads_as_a_list():
    assert types.kind_of(["tuple", ["string", "string"]]) == types.kind_of(["list", "string"]) == "list"
    assert types.kind_of(["object", {"a": "string"}]) == types.kind_of(["map", "string"]) == "map"
    assert types.kind_of("string") == "string"


def test_a_new_state_has_what_terraform_wants():
    body = document.render(document.following(None, document.typed({"b": ["x"], "a": 1})))
    data = json.loads(body)
    assert list(data) == ["version", "terraform_version", "serial", "lineage", "outputs", "resources", "check_results"]
    assert (data["version"], data["terraform_version"], data["serial"], data["resources"], data["check_results"]) == (
        4,
        "1.0.0",
        1,
        [],
        None,
    )
    assert str(uuid.UUID(data["lineage"])) == data["lineage"]
    assert data["outputs"] == {"a": {"value": 1, "type": "number"}, "b": {"value": ["x"], "type": ["list", "string"]}}
    assert document.md5(body) == hashlib.md5(body).hexdigest()
    assert document.parse(body).problem == ""


def test_a_state_is_continued_with_its_lineage_and_the_next_serial():
    before = document.parse(state())
    after = document.following(before, document.typed({"vpc_id": "vpc-2"}))
    assert (after.serial, after.lineage) == (8, before.lineage)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (state(), ""),
        (state(resources=[{"mode": "managed"}]), "lists 1 resource, so"),
        (state(resources=[{}, {}]), "lists 2 resources, so"),
        (state(version=3), "state version 3"),
        (state(version=5), "state version 5"),
        (state(lineage=""), "lineage ''"),
        (state(serial="7"), "serial '7'"),
        (state(serial=True), "serial True"),
        (state(serial=-1), "serial -1"),
        (b"\x00encrypted", "not JSON"),
        (b"[]", "no Terraform state"),
    ],
)
def test_states_that_are_not_ours_to_write_over(body, problem):
    found = document.parse(body).problem
    assert problem in found
    assert bool(problem) == bool(found)


def test_what_cannot_be_read_is_continued_all_the_same():
    after = document.following(document.parse(b"{}"), {})
    assert after.serial == 1
    assert uuid.UUID(after.lineage)
