# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A playbook's task writes only where the guard of the same run has passed.

--start-at-task, --skip-tags and the like leave the guard out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._aws.clients import Clients
from .._engine.model import Refused

GUARD_ARGUMENTS: dict[str, dict[str, Any]] = {
    "guard": {
        "type": "dict",
        "options": {"deployment": {"type": "str"}, "account_id": {"type": "str"}, "region": {"type": "str"}},
    },
}
"""Documented in the fragment connectly.shared_infrastructure.guarded."""

# guard is what the guard of this run found: deployment, account_id and region, empty where it has not run; None for a
# module that stands alone.


def guard_problem(guard: Mapping[str, Any] | None, region: str, deployment: str | None = None) -> str:
    """Why a module must not even plan, or nothing. deployment is None where the module knows of none."""
    if guard is None:
        return ""
    wanted = {"region": region} if deployment is None else {"deployment": deployment, "region": region}
    if guard.get("account_id") and all((guard.get(name) or "") == value for name, value in wanted.items()):
        return ""
    passed = f"; it passed for {_place(guard)}" if guard.get("account_id") else ""
    return (
        f"The guard has not passed in this run for {_place(wanted)}{passed}. Nothing was changed; "
        "run playbooks/site.yml or playbooks/<layer>.yml from the start, without --start-at-task and --skip-tags; "
        "playbooks/parts/ holds parts that do not run alone"
    )


def account_problem(guard: Mapping[str, Any] | None, reached: str) -> str:
    """Why a module must not write to the account that its credentials reach, or nothing."""
    if guard is None or guard.get("account_id") == reached:
        return ""
    return (
        f"The guard of this run passed for account {guard.get('account_id')}, but this task reaches account {reached}. "
        "Nothing was changed by this task"
    )


def refuse_other_account(guard: Mapping[str, Any] | None, clients: Clients) -> None:
    """Raise Refused where STS says another account than it said to the guard.

    To be called right before the first write.
    """
    problem = account_problem(guard, clients.account_id) if guard is not None else ""
    if problem:
        raise Refused(problem)


def _place(values: Mapping[str, Any]) -> str:
    words = {"deployment": "deployment {}", "region": "region {}"}
    return " in ".join(text.format(values.get(name) or "(none)") for name, text in words.items() if name in values)
