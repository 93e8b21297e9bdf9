# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the kms_key module and the kms role refuse before AWS is asked anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._aws.arns import ACCOUNT_ROOT_ARN
from ..._inputs.problems import Problem, tag_problems
from ..._resources.kms.policy import VIA_SERVICES, keeps_account_root

SERVICES = (*VIA_SERVICES, "logs", "log-delivery")
ALIAS = re.compile(r"[a-zA-Z0-9/_-]{1,250}")


def problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    alias = params["alias"]
    if not ALIAS.fullmatch(alias):
        yield Problem("alias", alias, "an alias has 1 to 250 letters, digits, / _ or -, without the prefix alias/")
    elif alias.startswith(("alias/", "aws/")):
        yield Problem("alias", alias, "leave out the prefix alias/; aliases that start with aws/ belong to AWS")
    if not 90 <= params["rotation_period_days"] <= 2560:
        yield Problem("rotation_period_days", params["rotation_period_days"], "allowed are 90 to 2560 days")
    if not 7 <= params["deletion_window_days"] <= 30:
        yield Problem("deletion_window_days", params["deletion_window_days"], "allowed are 7 to 30 days")
    for number, statement in enumerate(params["policy_statements"]):
        if not {"Sid", "Effect", "Principal", "Action"} <= set(statement):
            yield Problem(
                f"policy_statements[{number}]", statement, "a statement has at least Sid, Effect, Principal and Action"
            )
    policy = params["policy"]
    if policy and not isinstance(policy.get("Statement"), list):
        yield Problem("policy", policy, "a policy document has a list Statement")
    elif policy and not keeps_account_root(policy, _root_account(policy)):
        yield Problem(
            "policy",
            policy,
            (
                "it must allow kms:* without a condition to the account root (arn:aws:iam::<account>:root), "
                "or everybody is locked out"
            ),
        )
    yield from tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"])


def _root_account(policy: Mapping[str, Any]) -> str:
    """The account that the policy's own root principal names; the module compares it with the real one."""
    match = ACCOUNT_ROOT_ARN.search(str(policy))
    return match.group("account") if match else ""
