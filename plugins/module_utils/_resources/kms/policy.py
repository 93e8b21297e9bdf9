# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The key policy: the account's administrators, and each AWS service that uses the key, with no more than it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SID_PREFIX = "SharedInfrastructure"
"""Statements with this prefix are ours; all others were added by somebody else and stay."""

VIA_SERVICES = ("ebs", "ecr", "eks", "elasticache", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm")
"""Services that use the key on behalf of a caller of this account (condition kms:ViaService)."""

ENDPOINT_PREFIXES = {"ebs": "ec2"}
"""Where kms:ViaService names a service differently (KMS developer guide, "kms:ViaService")."""

USE_ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def key_policy(
    partition: str, region: str, account_id: str, services: Sequence[str], extra: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """The policy document. services are names out of VIA_SERVICES, "logs" (CloudWatch Logs) and "log-delivery"."""
    root = f"arn:{partition}:iam::{account_id}:root"
    statements: list[dict[str, Any]] = [
        {
            "Sid": f"{SID_PREFIX}Account",
            "Effect": "Allow",
            "Principal": {"AWS": root},
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
                "Sid": f"{SID_PREFIX}ViaServices",
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
                "Sid": f"{SID_PREFIX}ServiceGrants",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "Resource": "*",
                "Condition": grant_condition,
            }
        )
    if "logs" in services:
        statements.append(
            {
                "Sid": f"{SID_PREFIX}CloudWatchLogs",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{region}.amazonaws.com"},
                "Action": USE_ACTIONS,
                "Resource": "*",
                "Condition": {
                    "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:{partition}:logs:{region}:{account_id}:*"}
                },
            }
        )
    if "log-delivery" in services:
        statements.append(
            {
                "Sid": f"{SID_PREFIX}LogDelivery",
                "Effect": "Allow",
                "Principal": {"Service": "delivery.logs.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
            }
        )
    return {
        "Version": "2012-10-17",
        "Statement": [*statements, *({**statement, "Sid": sid(statement["Sid"])} for statement in extra)],
    }


def sid(name: str) -> str:
    """The Sid under which a statement of the caller is stored: ours, so that it goes when it is no longer declared."""
    return name if name.startswith(SID_PREFIX) else SID_PREFIX + name


def keeps_account_root(policy: dict[str, Any], account_id: str) -> bool:
    """Whether the account keeps kms:* on the key without a condition; otherwise nobody may be able to mend it."""
    for statement in _as_list(policy.get("Statement")):
        principals = statement.get("Principal")
        principals = _as_list(principals.get("AWS")) if isinstance(principals, dict) else _as_list(principals)
        if (
            statement.get("Effect") == "Allow"
            and not statement.get("Condition")
            and any(action in ("kms:*", "*") for action in _as_list(statement.get("Action")))
            and any(
                principal == account_id or str(principal).endswith(f"::{account_id}:root") for principal in principals
            )
        ):
            return True
    return False


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
