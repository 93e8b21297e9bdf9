# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The key policy: the account's administrators, and each AWS service that uses the key, with no more than it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._aws.arns import account_root_arn, regional_arn
from ..._aws.policies import adopted, as_list, document, sid, statements_of

VIA_SERVICES = ("ebs", "ecr", "eks", "elasticache", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm")
"""Services that use the key on behalf of a caller of this account (condition kms:ViaService)."""

ENDPOINT_PREFIXES = {"ebs": "ec2"}
"""Where kms:ViaService names a service differently (KMS developer guide, "kms:ViaService")."""

USE_ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def key_policy(
    partition: str, region: str, account_id: str, services: Sequence[str], extra: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The policy document. services are names out of VIA_SERVICES, "logs" (CloudWatch Logs) and "log-delivery"."""
    statements: list[dict[str, Any]] = [
        {
            "Sid": sid("Account"),
            "Effect": "Allow",
            "Principal": {"AWS": account_root_arn(partition, account_id)},
            "Action": "kms:*",
            "Resource": "*",
        },
    ]
    via = sorted(
        f"{ENDPOINT_PREFIXES.get(name, name)}.{region}.amazonaws.com" for name in services if name in VIA_SERVICES
    )
    if via:
        condition = {"StringEquals": {"kms:CallerAccount": account_id, "kms:ViaService": via}}
        statements.append(
            {
                "Sid": sid("ViaServices"),
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": USE_ACTIONS,
                "Resource": "*",
                "Condition": condition,
            }
        )
        grant_condition = {**condition, "Bool": {"kms:GrantIsForAWSResource": "true"}}
        statements.append(
            {
                "Sid": sid("ServiceGrants"),
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "Resource": "*",
                "Condition": grant_condition,
            }
        )
    if "logs" in services:
        groups = regional_arn(partition, "logs", region, account_id)
        statements.append(
            {
                "Sid": sid("CloudWatchLogs"),
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{region}.amazonaws.com"},
                "Action": USE_ACTIONS,
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            }
        )
    if "log-delivery" in services:
        statements.append(
            {
                "Sid": sid("LogDelivery"),
                "Effect": "Allow",
                "Principal": {"Service": "delivery.logs.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
            }
        )
    return document(*statements, *adopted(extra))


def keeps_account_root(policy: dict[str, Any], account_id: str) -> bool:
    """Whether the account keeps kms:* on the key without a condition; otherwise nobody may be able to mend it."""
    for statement in statements_of(policy):
        principals = statement.get("Principal")
        principals = as_list(principals.get("AWS")) if isinstance(principals, dict) else as_list(principals)
        if (
            statement.get("Effect") == "Allow"
            and not statement.get("Condition")
            and any(action in ("kms:*", "*") for action in as_list(statement.get("Action")))
            and any(
                principal == account_id or str(principal).endswith(f"::{account_id}:root") for principal in principals
            )
        ):
            return True
    return False
