# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""KMS answers for some seconds as if a key were as before: a new one is not found, one that was taken back still awaits its deletion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.creating import error_code, is_not_found
from ..engine.retrying import retried

INVALID_STATE = "KMSInvalidStateException"
SETTLING_SECONDS = 60.0
"""AWS: mostly seconds, sometimes minutes (KMS developer guide, "eventual consistency")."""


def settled(operation: Callable[..., Any], **arguments: Any) -> Any:
    """The answer of a call about a key that was made or taken back a moment ago; what lasts is AWS's error in the end."""
    return retried(lambda: operation(**arguments), lambda error: is_not_found(error) or error_code(error) == INVALID_STATE, SETTLING_SECONDS)
