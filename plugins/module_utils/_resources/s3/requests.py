# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the adapters of buckets send to S3, in S3's own words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.tags import tag_list

US_EAST_1 = "us-east-1"


def create_request(name: str, region: str, object_ownership: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """For CreateBucket. The tags travel in it: a run killed right after it leaves a bucket that the next run finds."""
    configuration: dict[str, Any] = {"Tags": tag_list(tags)}
    if region != US_EAST_1:  # the one region that S3 refuses to be told
        configuration["LocationConstraint"] = region
    return {"Bucket": name, "ObjectOwnership": object_ownership, "CreateBucketConfiguration": configuration}


def encryption_rule(algorithm: str, kms_key_arn: str | None, bucket_key_enabled: bool) -> dict[str, Any]:
    """For PutBucketEncryption."""
    default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": kms_key_arn} if kms_key_arn else {})}
    return {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key_enabled}
