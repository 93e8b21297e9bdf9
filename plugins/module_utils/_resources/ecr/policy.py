# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repository policies: who may pull from other accounts, and which statements of a policy are ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SID_PREFIX = "SharedInfrastructure"
"""Statements with this prefix are ours; all others were added by somebody else and stay."""

PULL_SID = f"{SID_PREFIX}Pull"
PULL_ACTIONS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
"""What a pull needs of a repository (ECR user guide, "Repository policy examples")."""


def statements(repository: Mapping[str, Any], partition: str) -> list[dict[str, Any]]:
    """All statements of ours for one repository; repository is what settings.effective returns."""
    wanted = []
    if repository["pull_account_ids"]:
        principals = [f"arn:{partition}:iam::{account}:root" for account in sorted(set(repository["pull_account_ids"]))]
        wanted.append({"Sid": PULL_SID, "Effect": "Allow", "Principal": {"AWS": principals}, "Action": PULL_ACTIONS})
    wanted.extend({**statement, "Sid": sid(statement["Sid"])} for statement in repository["policy_statements"])
    return wanted


def sid(name: str) -> str:
    """The Sid under which a statement of the caller is stored."""
    return name if name.startswith(SID_PREFIX) else SID_PREFIX + name


def is_ours(statement: Mapping[str, Any]) -> bool:
    return str(statement.get("Sid", "")).startswith(SID_PREFIX)


def document(current: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in current]}
