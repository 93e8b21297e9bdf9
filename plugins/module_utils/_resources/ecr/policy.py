# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repository policies: who may pull from other accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.arns import account_root_arn
from ..._aws.policies import adopted, sid

PULL_SID = sid("Pull")
PULL_ACTIONS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
"""What a pull needs of a repository (ECR user guide, "Repository policy examples")."""


def statements(repository: Mapping[str, Any], partition: str) -> list[dict[str, Any]]:
    """All statements of ours for one repository; repository is what settings.effective returns."""
    wanted = []
    if repository["pull_account_ids"]:
        principals = [account_root_arn(partition, account) for account in sorted(set(repository["pull_account_ids"]))]
        wanted.append({"Sid": PULL_SID, "Effect": "Allow", "Principal": {"AWS": principals}, "Action": PULL_ACTIONS})
    wanted.extend(adopted(repository["policy_statements"]))
    return wanted
