# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""For some seconds, KMS answers as if a key were as before: a new one is not found, a restored one deleted."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from ..._aws.errors import error_code, is_access_denied, is_not_found
from ..._aws.retrying import retried

INVALID_STATE = "KMSInvalidStateException"
SETTLING_SECONDS = 60.0
"""AWS: mostly seconds, sometimes minutes (KMS developer guide, "eventual consistency")."""


def settled(operation: Callable[..., Any], **arguments: Any) -> Any:
    """The answer about a key that was made or taken back a moment ago; what lasts is AWS's error in the end."""
    return retried(
        lambda: operation(**arguments),
        lambda error: is_not_found(error) or error_code(error) == INVALID_STATE,
        SETTLING_SECONDS,
    )


TAGS_COUNT_SECONDS = 300.0
"""AWS: "up to five minutes for tag and alias changes to affect KMS key authorization" (KMS developer guide,
"tag-authorization").
"""


def permitted(kms: Any, key_id: str, operation: Callable[..., Any], **arguments: Any) -> Any:
    """The answer of a write that is allowed by our tag, which may not count yet on a new key."""

    def passes(error: Exception) -> bool:
        return is_access_denied(error) and _age(kms, key_id) < TAGS_COUNT_SECONDS

    return retried(lambda: settled(operation, **arguments), passes, TAGS_COUNT_SECONDS)


def _age(kms: Any, key_id: str) -> float:
    made = settled(kms.describe_key, KeyId=key_id)["KeyMetadata"]["CreationDate"]
    return (datetime.datetime.now(datetime.UTC) - made).total_seconds()
