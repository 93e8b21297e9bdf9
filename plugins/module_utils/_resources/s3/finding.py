# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which buckets concern a run: those with a wanted name, and those that carry our identity tags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..._aws.clients import Clients
from ..._aws.errors import ClientError, is_access_denied, is_not_found
from ..._aws.tagged import TAG_READS, tagged_resources
from ..._engine.identity import Scope
from .reading import Bucket, read_all

UNFINISHED_FOR = timedelta(hours=24)
"""For so long a bucket may be the unfinished work of a killed run (see unfinished)."""


@dataclass
class Listed:
    """What is known of a bucket before it is read. region is None where the list does not say it."""

    name: str
    region: str | None = None
    created: datetime | None = None


def list_buckets(s3: Any) -> dict[str, Listed]:
    """All buckets of the account by name."""
    # Without a page size, S3 gives no regions.
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1000})
    entries = (entry for page in pages for entry in page.get("Buckets", []))
    return {
        entry["Name"]: Listed(entry["Name"], entry.get("BucketRegion"), entry.get("CreationDate")) for entry in entries
    }


def head_bucket(clients: Clients, name: str) -> tuple[str, str]:
    """("mine", region), ("absent", "") or ("taken", "") for a bucket name that may be anybody's."""
    try:
        answer = clients.get("s3").head_bucket(Bucket=name, ExpectedBucketOwner=clients.account_id)
    except ClientError as error:
        if is_not_found(error):
            return "absent", ""
        if is_access_denied(error):
            return "taken", ""
        raise
    return "mine", answer.get("BucketRegion") or clients.region


def tagged_names(clients: Clients, scope: Scope, others: Iterable[Listed]) -> list[str]:
    """Those of these buckets that carry the scope's identity."""
    names = [entry.name for entry in others if entry.region in (None, clients.region)]
    if len(names) > TAG_READS:
        tagged = {arn.rpartition(":")[2] for arn in tagged_resources(clients, scope, ["s3:bucket"])}
        return [name for name in names if name in tagged]
    # An error here is a bucket that is being deleted, or whose owner hides its tags: in both cases not ours.
    found = read_all(clients.get("s3"), names, ["tags"])
    return [
        name for name, bucket in found.items() if isinstance(bucket, Bucket) and scope.key_of(bucket.tags) is not None
    ]


def unfinished(s3: Any, bucket: Bucket, created: datetime | None) -> bool:
    """Whether an untagged bucket is the work of a run that was killed between creating it and tagging it.

    AWS tags a bucket in the call that creates it, so there such a bucket never is ours. Other S3 implementations ignore
    those tags. What a killed run leaves with them is: ownership controls (which we set in that call) and no other
    configuration, not even the public access block that AWS gives every new bucket by itself; empty; made within the
    last day. Anything else was made by somebody else and is refused.
    """
    if not bucket.ownership or not bucket.unconfigured:
        return False
    if created is None or datetime.now(UTC) - created > UNFINISHED_FOR:
        return False
    return not s3.list_object_versions(Bucket=bucket.name, MaxKeys=1).get("Versions")
