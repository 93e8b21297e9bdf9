# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The S3 bucket that holds Terraform states: versioned, encrypted, reached over TLS only, never public."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from ..._aws.adapter import AwsAdapter
from ..._aws.arns import bucket_arn
from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.policies import TLS_ONLY_SID, document, statements_of, tls_only
from ..._aws.retrying import VISIBLE_SECONDS, retried
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.model import Difference, Existing, Resource
from ..foreign import foreign_report, missing_tags
from .naming import when_name_is_free
from .requests import create_request, encryption_rule
from .terms import PUBLIC_ACCESS_BLOCK

T = TypeVar("T")

TYPE = "terraform_state_bucket"
ALL_BLOCKED = dict.fromkeys(PUBLIC_ACCESS_BLOCK.values(), True)


class StateBucketAdapter(AwsAdapter):
    """Buckets that are not ours are used as they are: today's were made by Terraform.

    So tags are compared here and not by the engine.
    """

    type = TYPE
    taggable = False

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = []
        for resource in wanted:
            tags = self._tags(resource.key)
            if tags is None:
                continue
            ours = self.scope.key_of(tags) is not None
            properties = self._properties(resource.key) if ours else {}
            existing.append(Existing(self.type, resource.key, resource.key, properties, tags, {"ours": ours}))
            if not ours:
                existing.append(foreign_report(self.type, resource.key, self.scope, tags))
        return existing

    def _tags(self, bucket: str) -> dict[str, str] | None:
        """The bucket's tags, or None where there is no such bucket."""
        try:
            return tag_dict(self.clients.get("s3").get_bucket_tagging(Bucket=bucket)["TagSet"])
        except ClientError as error:
            if error_code(error) == "NoSuchTagSet":
                return {}
            if is_not_found(error):
                return None
            raise

    def _properties(self, bucket: str) -> dict[str, Any]:
        s3 = self.clients.get("s3")
        encryption = _or_none(
            lambda: s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        ) or [{}]
        default = encryption[0].get("ApplyServerSideEncryptionByDefault", {})
        blocked = _or_none(lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"])
        return {
            "versioning": s3.get_bucket_versioning(Bucket=bucket).get("Status", "Disabled"),
            "encryption": default.get("SSEAlgorithm"),
            "kms_key_arn": default.get("KMSMasterKeyID"),
            "public_access_blocked": blocked == ALL_BLOCKED,
            "tls_only": self._tls_statement(bucket) in self._statements(bucket),
        }

    def _tls_statement(self, bucket: str) -> dict[str, Any]:
        # From the client that is there: Clients.partition would make one for STS as well.
        return tls_only(bucket_arn(self.clients.get("s3").meta.partition, bucket))

    def _statements(self, bucket: str) -> list[dict[str, Any]]:
        policy = _or_none(lambda: self.clients.get("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        return statements_of(json.loads(policy)) if policy else []

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        if not existing.attributes["ours"]:
            return []
        properties = {name: value for name, value in wanted.properties.items() if name != "tags"}
        found = super().differences(Resource(self.type, wanted.key, properties), existing)
        return [*found, *missing_tags(wanted, existing)]

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        tags = wanted.properties["tags"]
        arguments = create_request(wanted.key, self.clients.region, "BucketOwnerEnforced", tags)
        try:
            when_name_is_free(lambda: self.clients.get("s3").create_bucket(**arguments))
        except ClientError as error:
            # After a lost answer botocore asks again and meets our own bucket.
            if error_code(error) != "BucketAlreadyOwnedByYou":
                raise
        made = Existing(self.type, wanted.key, wanted.key, attributes={"ours": True})
        # Again: an endpoint that knows no tags at creation would leave a bucket that the next run does not know as
        # ours.
        self.set_tags(made, tags)
        return self.update(wanted, made, [Difference(name, None, value) for name, value in wanted.properties.items()])

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        self._configure(wanted, {item.path for item in differences})
        return Existing(
            self.type, wanted.key, wanted.key, self._properties(wanted.key), existing.tags, existing.attributes
        )

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        # S3 replaces the whole set.
        self._put(
            "put_bucket_tagging",
            existing.id,
            Tagging={"TagSet": tag_list({**existing.tags, **tags})},
        )

    def _configure(self, wanted: Resource, names: Collection[str]) -> None:
        properties = wanted.properties
        if "public_access_blocked" in names:
            self._put("put_public_access_block", wanted.key, PublicAccessBlockConfiguration=ALL_BLOCKED)
        if "versioning" in names:
            self._put("put_bucket_versioning", wanted.key, VersioningConfiguration={"Status": properties["versioning"]})
        if "encryption" in names or "kms_key_arn" in names:
            key_arn = properties["kms_key_arn"]
            rules = [encryption_rule(properties["encryption"], key_arn, bool(key_arn))]
            self._put("put_bucket_encryption", wanted.key, ServerSideEncryptionConfiguration={"Rules": rules})
        if "tls_only" in names:
            others = [statement for statement in self._statements(wanted.key) if statement.get("Sid") != TLS_ONLY_SID]
            policy = document(*others, self._tls_statement(wanted.key))
            self._put("put_bucket_policy", wanted.key, Policy=json.dumps(policy))

    def _put(self, operation: str, bucket: str, **arguments: Any) -> None:
        """One setting. Right after its creation S3 may not know a bucket yet, or still be busy with it."""
        call = getattr(self.clients.get("s3"), operation)
        retried(
            lambda: call(Bucket=bucket, **arguments),
            lambda error: is_not_found(error) or error_code(error) == "OperationAborted",
            VISIBLE_SECONDS,
        )


def _or_none(call: Callable[[], T]) -> T | None:
    """The result, or None where S3 says that there is no such setting."""
    try:
        return call()
    except ClientError as error:
        if is_not_found(error):
            return None
        raise
