"""Wrong options are named before AWS is asked anything."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import placeholder
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    checks,
    desired,
)

GOOD = {
    "bucket": "dev-connectly",
    "bucket_owner": None,
    "backend_region": None,
    "key": "connectly-shared/dev/terraform.tfstate",
    "extra_keys": [],
    "outputs": {"vpc_id": "vpc-1"},
    "lock_table": "dev-connectly-tf-lock",
    "use_lockfile": None,
    "lock_timeout": 60,
    "object_timeout": 60,
    "tags": {},
    "identity_tag_prefix": "connectly:",
    "state": "present",
}


def paths(check_mode=False, **changes):
    return [problem.path for problem in checks.problems({**GOOD, **changes}, check_mode)]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"bucket": "Dev_Connectly"}, "bucket"),
        ({"bucket": "ab"}, "bucket"),
        ({"bucket": "a..b"}, "bucket"),
        ({"bucket": "10.0.0.1"}, "bucket"),
        ({"key": "/terraform.tfstate"}, "key"),
        ({"key": "connectly/"}, "key"),
        ({"key": ""}, "key"),
        ({"extra_keys": ["ok", "/no"]}, "extra_keys[1]"),
        ({"extra_keys": ["connectly-shared/dev/terraform.tfstate"]}, "extra_keys[0]"),
        ({"extra_keys": ["a", "a"]}, "extra_keys[1]"),
        ({"lock_table": "no table"}, "lock_table"),
        ({"bucket_owner": "12345678901"}, "bucket_owner"),
        ({"backend_region": "us-east-1a"}, "backend_region"),
        ({"lock_table": None, "use_lockfile": False}, "use_lockfile"),
        ({"lock_timeout": -1}, "lock_timeout"),
        ({"object_timeout": -1}, "object_timeout"),
        ({"tags": {"aws:x": "y"}}, "tags.aws:x"),
        ({"outputs": None}, "outputs"),
        ({"outputs": {}}, "outputs"),
        ({"outputs": {"1st": "x"}}, "outputs.1st"),
        ({"outputs": {"a b": "x"}}, "outputs.a b"),
        ({"outputs": {"a": None}}, "outputs.a"),
        ({"outputs": {"a": [placeholder("subnet-{}", "a")]}}, "outputs.a"),
    ],
)
def test_a_wrong_option_is_named(changes, path):
    assert paths(**changes) == [path]


def test_good_options_pass():
    assert paths() == []
    assert paths(lock_table=None) == []
    assert paths(lock_table=None, use_lockfile=True, extra_keys=["other"]) == []
    assert paths(state="absent", outputs=None) == []


def test_check_mode_plans_with_ids_that_are_not_known_yet():
    assert paths(check_mode=True, outputs={"a": placeholder("vpc-{}", "main")}) == []


@pytest.mark.parametrize(
    ("lock_table", "use_lockfile", "expected"),
    [(None, None, True), ("table", None, False), ("table", True, True), ("table", False, False), ("", None, True)],
)
def test_some_lock_is_always_taken(lock_table, use_lockfile, expected):
    assert desired.uses_lockfile({"lock_table": lock_table, "use_lockfile": use_lockfile}) is expected


ROLE = {
    "identity_tag_prefix": "connectly:",
    "terraform_state_bucket": "dev-connectly",
    "terraform_state_bucket_owner": "",
    "terraform_state_region": "",
    "terraform_state_key": "connectly-shared/dev/terraform.tfstate",
    "terraform_state_extra_keys": [],
    "terraform_state_lock_table": "",
    "terraform_state_lock_timeout": 120,
    "terraform_state_object_timeout": 900,
}


def test_the_guard_names_the_roles_variables_before_the_first_layer():
    assert list(checks.role_problems(ROLE)) == []
    wrong = {
        **ROLE,
        "terraform_state_bucket": "Dev",
        "terraform_state_extra_keys": ["/x"],
        "terraform_state_lock_table": "a b",
        "terraform_state_region": "us",
    }
    assert [problem.path for problem in checks.role_problems(wrong)] == [
        "terraform_state_bucket",
        "terraform_state_lock_table",
        "terraform_state_region",
        "terraform_state_extra_keys[0]",
    ]
    assert list(checks.role_problems({**wrong, "terraform_state_bucket": ""})) == []
