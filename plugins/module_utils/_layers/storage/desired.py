# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the s3_buckets module to the buckets that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import Resource
from ..._resources.s3 import policy, rules
from ..rooms import Account
from .settings import KMS, effective

TYPE = "s3_bucket"


def resources(params: Mapping[str, Any], tags: Mapping[str, str], account: Account) -> list[Resource]:
    place = (account.partition, params["region"], params["account_id"] or account.account_id)
    return [_bucket(effective(bucket, params["kms_key_arn"]), tags, *place) for bucket in params["buckets"]]


def _bucket(
    bucket: Mapping[str, Any], tags: Mapping[str, str], partition: str, region: str, account_id: str
) -> Resource:
    kms = bucket["encryption"] == KMS
    properties = {
        "name": bucket["name"],
        "region": region,
        "object_ownership": bucket["object_ownership"],
        "public_access_block": bucket["public_access_block"],
        "encryption": {
            "algorithm": bucket["encryption"],
            "kms_key_arn": bucket["kms_key_arn"] if kms else None,
            "bucket_key_enabled": kms and bucket["bucket_key_enabled"],
        },
        "versioning": bucket["versioning"],
        "policy": policy.statements(bucket, partition, region, account_id),
        "lifecycle_rules": rules.lifecycle_rules(bucket),
        "cors_rules": rules.cors_rules(bucket),
    }
    own_tags = {str(name): str(value) for name, value in bucket["tags"].items()}
    return Resource(TYPE, bucket["key"], properties, {"Name": bucket["name"], **tags, **own_tags})
