# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What counts as a guard that has passed: the same deployment and region, and later the same account."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.guarded import (
    account_problem,
    guard_problem,
)

PASSED = {"deployment": "acme-dev", "account_id": "111122223333", "region": "eu-west-1"}
EMPTY = {"deployment": None, "account_id": None, "region": None}
"""What Ansible makes of an empty dictionary."""


@pytest.mark.parametrize("guard", [None, PASSED])
def test_a_module_that_stands_alone_and_one_behind_its_guard_may_work(guard):
    assert guard_problem(guard, "eu-west-1", "acme-dev") == ""
    assert guard_problem(guard, "eu-west-1") == ""
    assert account_problem(guard, "111122223333") == ""


@pytest.mark.parametrize(
    "guard", [{}, EMPTY, {**PASSED, "account_id": ""}], ids=["empty", "nothing found", "no account"]
)
def test_a_guard_that_has_not_run(guard):
    problem = guard_problem(guard, "eu-west-1", "acme-dev")
    assert problem.startswith(
        "The guard has not passed in this run for deployment acme-dev in region eu-west-1. Nothing was changed; run "
    )
    assert "without --start-at-task and --skip-tags" in problem and "\n" not in problem
    assert guard_problem(guard, "eu-west-1").startswith(
        "The guard has not passed in this run for region eu-west-1. Nothing was changed"
    )
    assert account_problem(guard, "111122223333") != ""


@pytest.mark.parametrize(
    ("region", "deployment"), [("eu-west-1", "acme-prod"), ("us-east-1", "acme-dev"), ("", "acme-dev")]
)
def test_a_guard_that_passed_for_something_else(region, deployment):
    problem = guard_problem(PASSED, region, deployment)
    wanted = f"deployment {deployment} in region {region or '(none)'}"
    assert problem.startswith(
        f"The guard has not passed in this run for {wanted}; it passed for deployment acme-dev in region eu-west-1. "
        "Nothing"
    )


def test_a_region_that_nothing_names_is_the_same_as_none():
    """The region of a profile is known to neither; both ask the same profile."""
    assert (
        guard_problem({**PASSED, "region": ""}, "", "acme-dev")
        == guard_problem({**PASSED, "region": None}, "", "acme-dev")
        == ""
    )


def test_another_account():
    problem = account_problem(PASSED, "999999999999")
    assert problem == (
        "The guard of this run passed for account 111122223333, but this task reaches account 999999999999. "
        "Nothing was changed by this task"
    )
