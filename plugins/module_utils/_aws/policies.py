# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policy documents: which statements of them are ours, and the statements that several services need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies

Statement = Mapping[str, Any]

SID_PREFIX = "SharedInfrastructure"
"""Statements whose Sid starts so are ours; all others were added by another team and stay."""

SID = re.compile(r"[A-Za-z0-9]{1,100}")
"""What a caller may name a statement: AWS takes letters and digits."""

TLS_ONLY_SID = f"{SID_PREFIX}TlsOnly"


def sid(name: str) -> str:
    """The Sid under which a statement of the caller is stored: ours, so that it goes when it is no longer declared."""
    return name if name.startswith(SID_PREFIX) else SID_PREFIX + name


def is_ours(statement: Statement) -> bool:
    return str(statement.get("Sid", "")).startswith(SID_PREFIX)


def adopted(statements: Iterable[Statement]) -> list[dict[str, Any]]:
    """The caller's statements under Sids of ours."""
    return [{**statement, "Sid": sid(statement["Sid"])} for statement in statements]


def document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def statements_of(policy: Statement) -> list[dict[str, Any]]:
    """The statements of a document; AWS takes a single one without a list."""
    return as_list(policy.get("Statement"))


def same_document(first: Statement, second: Statement) -> bool:
    """Whether two policies mean the same: orders mean nothing, nor does a single value in a list."""
    return not compare_policies(first, second)


def same_statements(first: Sequence[Statement], second: Sequence[Statement]) -> bool:
    if not first or not second:
        return not first and not second
    return same_document(document(*first), document(*second))


def tls_only(bucket_arn: str) -> dict[str, Any]:
    """Refuses what reaches a bucket without TLS."""
    return {
        "Sid": TLS_ONLY_SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def as_list(value: Any) -> list[Any]:
    """A member of a statement, which may be missing, one value or a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
