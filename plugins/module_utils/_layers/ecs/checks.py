# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the ecs_cluster module and the ecs role refuse before AWS is asked anything. Emulators accept all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._inputs.aws_problems import key_arn_problems
from ..._inputs.problems import Problem, log_retention_problems, tag_problems
from ..._resources.ecs.cluster import FARGATE_PROVIDERS

CLUSTER_NAME = re.compile(r"[a-zA-Z0-9_-]{1,255}")
PROVIDER_NAME = re.compile(r"(?!aws|ecs|fargate)[a-zA-Z0-9_-]{1,255}", re.IGNORECASE)
LOG_GROUP_NAME = re.compile(r"[a-zA-Z0-9_/.#-]{1,512}")
STRATEGY_ITEMS = 20
BASE_LIMIT = 100_000
WEIGHT_LIMIT = 1000


def problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    if not CLUSTER_NAME.fullmatch(params["name"]):
        yield Problem("name", params["name"], "a cluster name has 1 to 255 letters, digits, hyphens or underscores")
    yield from _provider_problems(params["capacity_providers"])
    yield from _strategy_problems(params["default_capacity_provider_strategy"], params["capacity_providers"])
    yield from _logging_problems(params)
    yield from tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"])


def _provider_problems(providers: Any) -> Iterator[Problem]:
    for number, name in enumerate(providers):
        path = f"capacity_providers[{number}]"
        if name in providers[:number]:
            yield Problem(path, name, "each capacity provider is listed once")
        elif name not in FARGATE_PROVIDERS and not PROVIDER_NAME.fullmatch(name):
            yield Problem(
                path,
                name,
                "allowed are FARGATE, FARGATE_SPOT and names of Auto Scaling group providers: "
                "1 to 255 letters, digits, hyphens or underscores that do not start with aws, ecs or fargate",
            )


def _strategy_problems(strategy: Any, providers: Any) -> Iterator[Problem]:
    path = "default_capacity_provider_strategy"
    if len(strategy) > STRATEGY_ITEMS:
        yield Problem(path, f"{len(strategy)} entries", f"at most {STRATEGY_ITEMS} are allowed")
    names = [item["capacity_provider"] for item in strategy]
    for number, item in enumerate(strategy):
        here = f"{path}[{number}]"
        name = item["capacity_provider"]
        if name in names[:number]:
            yield Problem(f"{here}.capacity_provider", name, "each capacity provider is used once")
        elif name not in providers:
            yield Problem(
                f"{here}.capacity_provider",
                name,
                f"allowed are the O(capacity_providers): {', '.join(providers) or 'none'}",
            )
        if not 0 <= item["base"] <= BASE_LIMIT:
            yield Problem(f"{here}.base", item["base"], f"allowed are 0 to {BASE_LIMIT}")
        if not 0 <= item["weight"] <= WEIGHT_LIMIT:
            yield Problem(f"{here}.weight", item["weight"], f"allowed are 0 to {WEIGHT_LIMIT}")
    based = [item["capacity_provider"] for item in strategy if item["base"]]
    if len(based) > 1:
        yield Problem(path, f"a base for {', '.join(based)}", "only one entry may have a base")
    if strategy and sum(item["weight"] for item in strategy) <= 0:
        yield Problem(path, "weights that are all 0", "at least one weight must be above 0, or no task can be placed")
    if len({name in FARGATE_PROVIDERS for name in names}) > 1:
        yield Problem(path, ", ".join(names), "a strategy holds either Fargate or Auto Scaling group providers")


def _logging_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    name = params["execute_command_log_group_name"]
    if name and params["execute_command_logging"] != "override":
        yield Problem(
            "execute_command_log_group_name",
            name,
            "a log group of its own goes with O(execute_command_logging): override",
        )
    elif name and (not LOG_GROUP_NAME.fullmatch(name) or name.startswith("aws/")):
        allowed = "a log group name has 1 to 512 letters, digits or _ - / . # and does not start with aws/"
        yield Problem("execute_command_log_group_name", name, allowed)
    yield from log_retention_problems(
        params["execute_command_log_retention_days"], "execute_command_log_retention_days"
    )
    yield from key_arn_problems(
        "kms_key_arn",
        params["kms_key_arn"],
        "the ARN of a KMS key is allowed (CloudWatch Logs takes neither ids nor aliases)",
    )
