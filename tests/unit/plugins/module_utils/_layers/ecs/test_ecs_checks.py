"""What the ecs layer refuses, and what it accepts."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.ecs.checks import problems

GOOD = {
    "name": "acme-dev",
    "capacity_providers": ["FARGATE", "FARGATE_SPOT"],
    "default_capacity_provider_strategy": [{"capacity_provider": "FARGATE", "base": 0, "weight": 1}],
    "execute_command_logging": "override",
    "execute_command_log_group_name": None,
    "execute_command_log_retention_days": 30,
    "kms_key_arn": "arn:aws:kms:::key/known-after-apply.main",
    "tags": {},
    "identity_tag_prefix": "connectly:",
}


def item(provider, base=0, weight=1):
    return {"capacity_provider": provider, "base": base, "weight": weight}


def test_good_input_has_no_problem():
    assert list(problems(GOOD)) == []
    assert list(problems({**GOOD, "default_capacity_provider_strategy": [], "kms_key_arn": None})) == []
    assert (
        list(
            problems(
                {**GOOD, "capacity_providers": ["gpu-nodes"], "default_capacity_provider_strategy": [item("gpu-nodes")]}
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"name": "acme dev"}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"capacity_providers": ["FARGATE", "fargate-x"]}, "capacity_providers[1]"),
        ({"capacity_providers": ["FARGATE", "FARGATE"]}, "capacity_providers[1]"),
        (
            {"default_capacity_provider_strategy": [item("gpu")]},
            "default_capacity_provider_strategy[0].capacity_provider",
        ),
        ({"default_capacity_provider_strategy": [item("FARGATE", weight=0)]}, "default_capacity_provider_strategy"),
        (
            {"default_capacity_provider_strategy": [item("FARGATE", weight=1001)]},
            "default_capacity_provider_strategy[0].weight",
        ),
        (
            {"default_capacity_provider_strategy": [item("FARGATE", base=-1)]},
            "default_capacity_provider_strategy[0].base",
        ),
        (
            {"default_capacity_provider_strategy": [item("FARGATE", 1), item("FARGATE_SPOT", 1)]},
            "default_capacity_provider_strategy",
        ),
        (
            {"default_capacity_provider_strategy": [item("FARGATE"), item("FARGATE")]},
            "default_capacity_provider_strategy[1].capacity_provider",
        ),
        (
            {
                "capacity_providers": ["FARGATE", "gpu"],
                "default_capacity_provider_strategy": [item("FARGATE"), item("gpu")],
            },
            "default_capacity_provider_strategy",
        ),
        ({"execute_command_log_retention_days": 31}, "execute_command_log_retention_days"),
        ({"execute_command_logging": "none", "execute_command_log_group_name": "/x"}, "execute_command_log_group_name"),
        ({"execute_command_log_group_name": "a b"}, "execute_command_log_group_name"),
        ({"kms_key_arn": "alias/acme"}, "kms_key_arn"),
        ({"tags": {"aws:x": "y"}}, "tags.aws:x"),
    ],
)
def test_bad_input(options, path):
    assert [problem.path for problem in problems({**GOOD, **options})] == [path]
