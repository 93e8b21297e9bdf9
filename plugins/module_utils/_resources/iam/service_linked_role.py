# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The service-linked roles of a fresh account: a service refuses its first call while its role is missing or new."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..._aws.clients import Clients
from ..._aws.errors import AWS_ERRORS, ClientError, error_code
from ..._aws.retrying import retried

T = TypeVar("T")

ROLE_SECONDS = 120.0
"""For so long a service may not know its role after it was made."""

# ECS: devops-recipe-app-api#44. RDS: eks-workshop-v2#1609 (CreateDBInstance), terraform-aws-rds#364
# (CreateDBSubnetGroup). ElastiCache: aws-controllers-k8s#367 (CreateCacheSubnetGroup).
ANSWERS = {
    "ecs": (("InvalidParameterException", "assume the service linked role"),),
    "rds": (
        ("InvalidParameterValue", "permission to create service linked role"),
        ("InvalidParameterValue", "Missing necessary credentials"),
    ),
    "elasticache": (
        ("ServiceLinkedRoleNotFoundFault", ""),
        ("InvalidParameterValue", "permission to create service linked role"),
        ("InvalidParameterValue", "Missing necessary credentials"),
    ),
}
"""By service, the code and words with which it says that its role is missing. It has not carried the call out then."""


def when_role_exists(
    clients: Clients, service: str, call: Callable[[], T], sleep: Callable[[float], Any] = time.sleep
) -> T:
    """Run a call of a service that needs its service-linked role.

    The role is made where the service says that it is missing.
    """
    complaints: list[str] = []

    def again(error: Exception) -> bool:
        if not role_is_missing(service, error):
            return False
        if not complaints:
            complaints.append(_make_role(clients, service))
        return True

    try:
        return retried(call, again, ROLE_SECONDS, sleep)
    except ClientError as error:
        if not role_is_missing(service, error):
            raise
        raise _explained(error, service, complaints[0]) from error


def role_is_missing(service: str, error: Exception) -> bool:
    return any(error_code(error) == code and words in str(error) for code, words in ANSWERS[service])


def _principal(service: str) -> str:
    return f"{service}.amazonaws.com"


def _make_role(clients: Clients, service: str) -> str:
    """Make the role; not every call of a service makes it (CreateDBSubnetGroup does not).

    Returns IAM's complaint, if any.
    """
    try:
        clients.get("iam").create_service_linked_role(AWSServiceName=_principal(service))
    except AWS_ERRORS as error:
        # The role exists: the service made it by itself, and does not know it yet.
        return "" if error_code(error) == "InvalidInput" and "has been taken" in str(error) else str(error)
    return ""


def _explained(error: ClientError, service: str, complaint: str) -> ClientError:
    """AWS's own error, followed by what to do."""
    advice = (
        f"These credentials need iam:CreateServiceLinkedRole for {_principal(service)}, "
        "or somebody makes that role once for the account"
    )
    details = {
        **error.response["Error"],
        "Message": f"{error.response['Error'].get('Message', '')} {advice}{f' ({complaint})' if complaint else ''}",
    }
    return ClientError({**error.response, "Error": details}, error.operation_name)
