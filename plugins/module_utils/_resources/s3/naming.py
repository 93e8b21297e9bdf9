# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Taking a bucket's name, which S3 holds back for minutes after a bucket of that name was deleted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..._aws.errors import error_code
from ..._aws.retrying import retried

T = TypeVar("T")

NAME_FREED_SECONDS = 600.0


def when_name_is_free(create: Callable[[], T], sleep: Callable[[float], Any] = time.sleep) -> T:
    """Create a bucket, again while S3 says that another operation on its name is under way."""
    return retried(create, lambda error: error_code(error) == "OperationAborted", NAME_FREED_SECONDS, sleep)
