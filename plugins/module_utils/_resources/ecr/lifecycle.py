# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lifecycle policies of repositories. ECR's rules have no names, so ours are known by the start of their description.

Rules are handled without their priority, which says no more than their order; with_priorities puts it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DESCRIPTION_PREFIX = "shared-infrastructure: "
"""Rules whose description starts so are ours; all others were added by somebody else and stay."""


def rules(repository: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules of one repository (as settings.effective returns it), without priorities."""
    wanted = []
    if repository["untagged_days"]:
        selection = {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": repository["untagged_days"],
        }
        wanted.append(_expire("untagged images", selection))
    if repository["keep_newest"]:
        wanted.append(
            _expire(
                "all but the newest",
                {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": repository["keep_newest"]},
            )
        )
    return wanted


def _expire(what: str, selection: dict[str, Any]) -> dict[str, Any]:
    return {"description": f"{DESCRIPTION_PREFIX}expire {what}", "selection": selection, "action": {"type": "expire"}}


def is_ours(rule: Mapping[str, Any]) -> bool:
    return str(rule.get("description", "")).startswith(DESCRIPTION_PREFIX)


def without_priority(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name != "rulePriority"}


def is_last(rule: Mapping[str, Any]) -> bool:
    """Whether the rule is for all images: ECR takes one such rule, and only with the highest priority number."""
    return rule.get("selection", {}).get("tagStatus") == "any"


def with_priorities(foreign: Sequence[Mapping[str, Any]], ours: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One policy: the foreign rules keep their priorities, ours get free ones, and a rule for all images comes last."""
    taken = {rule["rulePriority"] for rule in foreign}
    ordered = [*(rule for rule in ours if not is_last(rule)), *(rule for rule in ours if is_last(rule))]
    result = [dict(rule) for rule in foreign]
    for rule in ordered:
        priority = (
            max([0, *taken]) + 1
            if is_last(rule)
            else next(number for number in range(1, len(taken) + 2) if number not in taken)
        )
        taken.add(priority)
        result.append({"rulePriority": priority, **rule})
    return sorted(result, key=lambda rule: rule["rulePriority"])
