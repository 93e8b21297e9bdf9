"""Priorities of lifecycle rules beside those of others: ECR wants each once, and the rule for all images last."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.ecr.lifecycle import (
    is_ours,
    rules,
    with_priorities,
)

OURS = rules({"untagged_days": 1, "keep_newest": 50})


def foreign(*priorities):
    return [{"rulePriority": priority, "selection": {"tagStatus": "tagged"}} for priority in priorities]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((), {1: "untagged", 2: "any"}),
        ((1,), {1: "tagged", 2: "untagged", 3: "any"}),
        ((2,), {1: "untagged", 2: "tagged", 3: "any"}),
        ((5, 1), {1: "tagged", 2: "untagged", 5: "tagged", 6: "any"}),
    ],
)
def test_priorities(others, expected):
    for ours in (OURS, OURS[::-1]):
        result = with_priorities(foreign(*others), ours)
        assert {rule["rulePriority"]: rule["selection"]["tagStatus"] for rule in result} == expected
        assert len(result) == len(expected)


def test_our_rules_are_known_again():
    assert all(is_ours(rule) for rule in OURS) and not is_ours({"description": "keep 5"}) and not is_ours({})
    assert rules({"untagged_days": 0, "keep_newest": 0}) == []
