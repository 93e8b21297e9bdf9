# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""boto3 clients by service: one that retries, and one that never sends a request twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

try:
    from botocore.config import Config
except ImportError:  # AnsibleAWSModule reports the missing library
    Config = None


class Clients:
    """Clients made once each. factory(service, config) makes one, config being a botocore Config or a dict for it.

    hide is told every secret that passes through, so that the caller keeps it out of what it prints.
    """

    def __init__(
        self,
        factory: Callable[[str, Any], Any],
        region: str = "",
        account_id: str = "",
        hide: Callable[[str], Any] = lambda value: None,
    ):
        self._factory = factory
        self._made: dict[tuple[str, bool], Any] = {}
        self._lock = threading.Lock()
        self._account_id = account_id
        self.region = region
        self.hide = hide

    def get(self, service: str) -> Any:
        """For reads, and for writes that AWS accepts twice or that carry a client token: throttling is waited out."""
        return self._client(service, once=False)

    def once(self, service: str) -> Any:
        """For creates without a client token: botocore sends the request a single time."""
        return self._client(service, once=True)

    def _client(self, service: str, once: bool) -> Any:
        with self._lock:  # a boto3 session is not safe to make clients from several threads
            if (service, once) not in self._made:
                retries = (
                    {"total_max_attempts": 1, "mode": "standard"}
                    if once
                    else {"total_max_attempts": 10, "mode": "standard"}
                )
                self._made[service, once] = self._factory(service, Config(retries=retries, max_pool_connections=10))
            return self._made[service, once]

    @property
    def account_id(self) -> str:
        if not self._account_id:
            self._account_id = self.get("sts").get_caller_identity()["Account"]
        return self._account_id

    @property
    def partition(self) -> str:
        """aws, aws-cn or aws-us-gov: the second part of every ARN of this region."""
        return self.get("sts").meta.partition
