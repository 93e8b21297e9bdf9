# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names in AWS of what the storage layer has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rooms import WantedNames


def bucket_name(bucket: Mapping[str, Any]) -> str:
    return bucket["name"]


def wanted(params: Mapping[str, Any]) -> list[WantedNames]:
    names = [bucket_name(bucket) for bucket in params["buckets"]]
    return [{"type": "s3_bucket", "variable": "buckets", "names": names}]
