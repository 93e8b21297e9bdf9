# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""S3 buckets with their whole configuration, found by identity tags and by the wanted names."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.arns import bucket_arn, same_key
from ..._aws.clients import Clients
from ..._aws.creating import create_once
from ..._aws.errors import ClientError, error_code
from ..._aws.policies import same_statements
from ..._aws.retrying import retried
from ..._aws.tags import tag_list
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import ApplyFailed, Difference, Existing, Resource
from . import finding, reading, writing
from .naming import when_name_is_free
from .requests import create_request
from .terms import PUBLIC_ACCESS_BLOCK

NOT_RENAMED = "a bucket cannot be renamed; declare the new name under another key and move the objects"
SETTLING = {"NoSuchBucket", "OperationAborted"}
"""What S3 may answer for some seconds after a bucket was created, or while another change of it is under way."""
SETTLING_SECONDS = 60.0


class BucketAdapter(AwsAdapter):
    """exclusive names the properties (policy, lifecycle_rules, cors_rules) in which nobody else's entries are left."""

    type = "s3_bucket"
    attribute_patterns = {"arn": "arn:aws:s3:::{}"}
    fixed = {"name": NOT_RENAMED, "region": "a bucket cannot move to another region"}
    undeclared = "report"
    names_are_global = True
    # S3 itself can only take all tags away, also those of others.
    untag_command = "resourcegroupstaggingapi untag-resources --resource-arn-list {arn} --tag-keys {tag_keys}"
    delete_command = "s3api delete-bucket --bucket {id}"

    def __init__(
        self,
        clients: Clients,
        scope: Scope,
        exclusive: Collection[str] = (),
        sleep: Callable[[float], Any] = time.sleep,
    ):
        super().__init__(clients, scope)
        self._exclusive = frozenset(exclusive)
        self._sleep = sleep

    @property
    def _s3(self) -> Any:
        return self.clients.get("s3")

    # What exists -------------------------------------------------------------------------------------------------

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        listed = finding.list_buckets(self._s3)
        keys = {resource.properties["name"]: resource.key for resource in wanted}
        blocked = list(self._locate(keys, listed))
        here = [name for name in keys if name in listed and listed[name].region == self.clients.region]
        others = [entry for name, entry in listed.items() if name not in keys]
        tagged = finding.tagged_names(self.clients, self.scope, others)
        result = blocked
        for name, bucket in reading.read_all(self._s3, [*here, *tagged]).items():
            if isinstance(bucket, reading.Bucket):
                result.extend(self._place(bucket, keys.get(name), listed[name], count=not wanted))
            elif error_code(bucket) != "NoSuchBucket":  # S3 lists a deleted bucket for a while
                result.append(self._blocker(keys.get(name, name), name, f"exists, but cannot be read: {bucket}"))
        return result

    def tags_of_name(self, name: str) -> dict[str, str] | None:
        tags = reading.read_part(self._s3, name, "tags").get("tags")
        return tags or (None if self._left_by_a_killed_run(name) else {})

    def _left_by_a_killed_run(self, name: str) -> bool:
        bucket = reading.read_all(self._s3, [name])[name]
        return isinstance(bucket, reading.Bucket) and self._is_unfinished(bucket)

    def _locate(self, keys: dict[str, str], listed: dict[str, finding.Listed]) -> Iterator[Existing]:
        """Complete wanted buckets' entries with their region, and yield what stands in the way of a wanted name."""
        for name, key in keys.items():
            if name in listed and listed[name].region:
                state, region = "mine", listed[name].region
            else:
                state, region = finding.head_bucket(self.clients, name)
            if state == "taken":
                yield self._blocker(
                    key,
                    name,
                    (
                        "the name is taken by another account (or these credentials may not see the bucket); "
                        "choose another name"
                    ),
                )
            elif state == "mine":
                listed.setdefault(name, finding.Listed(name)).region = region
                if region != self.clients.region:
                    yield self._blocker(
                        key, name, f"exists in region {region}, not in {self.clients.region}; not taken over"
                    )

    def _place(
        self, bucket: reading.Bucket, wanted_key: str | None, entry: finding.Listed, count: bool
    ) -> Iterator[Existing]:
        key = self.scope.key_of(bucket.tags)
        if key is not None:
            bucket.objects = reading.count_objects(self._s3, bucket.name) if count else ""
            yield self._existing(bucket, key)
        if wanted_key is None or wanted_key == key:
            if wanted_key is not None:
                yield from self._foreign(bucket)
        elif key is not None:
            yield self._blocker(
                wanted_key, bucket.name, f"exists, but it is the bucket {key} of this deployment; not taken over"
            )
        elif finding.unfinished(self._s3, bucket, entry.created):
            yield self._existing(bucket, wanted_key)
        else:
            yield self._blocker(
                wanted_key, bucket.name, f"exists, but {self.scope.owner_of(bucket.tags)}; not taken over"
            )

    def _blocker(self, key: str, name: str, reason: str) -> Existing:
        return Existing(self.type, key, name, owned=False, reason=reason)

    def _existing(self, bucket: reading.Bucket, key: str) -> Existing:
        encryption = bucket.encryption_rule.get("ApplyServerSideEncryptionByDefault", {})
        properties = {
            "name": bucket.name,
            "region": self.clients.region,
            "object_ownership": bucket.ownership,
            "public_access_block": {
                name: bucket.public_access_block.get(member, False) for name, member in PUBLIC_ACCESS_BLOCK.items()
            },
            "encryption": {
                "algorithm": encryption.get("SSEAlgorithm"),
                "kms_key_arn": encryption.get("KMSMasterKeyID"),
                "bucket_key_enabled": bool(bucket.encryption_rule.get("BucketKeyEnabled")),
            },
            "versioning": bucket.versioning_status == "Enabled",
            **{name: self._compared(bucket, name) for name in ("policy", "lifecycle_rules", "cors_rules")},
        }
        arn = bucket_arn(self.clients.partition, bucket.name)
        return Existing(self.type, key, bucket.name, properties, bucket.tags, {"arn": arn}, raw=bucket)

    def _compared(self, bucket: reading.Bucket, name: str) -> list[dict[str, Any]]:
        """The entries that must be as wanted: ours, or all of them where the set is exclusively ours."""
        return writing.entries(bucket, name) if name in self._exclusive else writing.our_entries(bucket, name)

    def _foreign(self, bucket: reading.Bucket) -> Iterator[Existing]:
        for name, label in (
            ("policy", "policy statement"),
            ("lifecycle_rules", "lifecycle rule"),
            ("cors_rules", "CORS rule"),
        ):
            for number, entry in enumerate(() if name in self._exclusive else writing.foreign_entries(bucket, name)):
                identifier = f"{bucket.name}: {label} {entry.get('Sid') or entry.get('ID') or number}"
                yield Existing(self.type, None, identifier, reason="not ours, left alone", raw=entry)

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        objects = {twin.id: reading.count_objects(self._s3, twin.id) for twin in twins}
        return {name: [f"holds {text}"] for name, text in objects.items() if text}

    # What differs ------------------------------------------------------------------------------------------------

    def equal(self, name: str, before: Any, after: Any) -> bool:
        if name == "policy":
            return same_statements(before, after)
        if name == "lifecycle_rules":
            return sorted(before, key=_rule_id) == sorted(after, key=_rule_id)
        if name == "encryption" and before and after["kms_key_arn"]:
            same = same_key(before["kms_key_arn"] or "", after["kms_key_arn"])
            return same and {**before, "kms_key_arn": None} == {**after, "kms_key_arn": None}
        return before == after

    def refuse_delete(self, existing: Existing) -> str:
        objects = existing.raw.objects
        return (
            f"the bucket is not empty: it holds {objects}; a run never deletes data, so empty it first"
            if objects
            else ""
        )

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        name = wanted.properties["name"]
        arguments = create_request(name, self.clients.region, wanted.properties["object_ownership"], tags)
        when_name_is_free(
            lambda: create_once(
                lambda: self._create_bucket(arguments), lambda: self._after_lost_answer(name, wanted.key)
            ),
            self._sleep,
        )
        bucket = self._read_created(name, wanted.key)
        existing = self._existing(bucket, wanted.key)
        if not bucket.tags:
            self.set_tags(existing, tags)  # this S3 ignores tags in the creating call
        existing.tags = {**bucket.tags, **tags}
        return self.update(wanted, existing, self.differences(wanted, existing))

    def _create_bucket(self, arguments: dict[str, Any]) -> bool:
        try:
            self.clients.once("s3").create_bucket(**arguments)
        except ClientError as error:
            if error_code(error) == "BucketAlreadyExists":
                raise ApplyFailed(
                    f"Failed to create {self.type} {arguments['Bucket']}: the name is taken by another account; "
                    "choose another name"
                ) from error
            if error_code(error) != "BucketAlreadyOwnedByYou":  # ours or not: create looks at its tags
                raise
        return True

    def _after_lost_answer(self, name: str, key: str) -> bool | None:
        bucket = reading.read_all(self._s3, [name])[name]
        if isinstance(bucket, Exception):
            return None
        return True if self.scope.key_of(bucket.tags) == key or self._is_unfinished(bucket) else None

    def _read_created(self, name: str, key: str) -> reading.Bucket:
        """The bucket as created; ApplyFailed when somebody else made one of this name meanwhile."""
        for pause in (0.5, 1.0, 2.0, 4.0, 0.0):
            bucket = self._settled(lambda: self._read(name))
            if self.scope.key_of(bucket.tags) == key or self._is_unfinished(bucket):
                return bucket
            if bucket.tags:
                break
            self._sleep(pause)  # the tags may show up a moment after the bucket
        raise ApplyFailed(f"{self.type} {key} ({name}) exists, but {self.scope.owner_of(bucket.tags)}; not taken over")

    def _is_unfinished(self, bucket: reading.Bucket) -> bool:
        entry = finding.list_buckets(self._s3).get(bucket.name)
        return finding.unfinished(self._s3, bucket, entry.created if entry else None)

    def _read(self, name: str) -> reading.Bucket:
        bucket = reading.read_all(self._s3, [name])[name]
        if isinstance(bucket, Exception):
            raise bucket
        return bucket

    def _settled(self, call: Callable[[], Any]) -> Any:
        """The result of a call that S3 may refuse for some seconds."""
        return retried(call, lambda error: error_code(error) in SETTLING, SETTLING_SECONDS, self._sleep)

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        changed = {item.path: item.after for item in differences}
        for name in writing.WRITES:
            if name in changed:
                entries = [] if name in self._exclusive else writing.foreign_entries(existing.raw, name)
                self._settled(partial(writing.WRITES[name], self._s3, existing.raw, changed[name], entries))
                existing.properties[name] = changed[name]
        return existing

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        # PutBucketTagging replaces all tags, so those of others are read right before and sent along.
        current = reading.read_part(self._s3, existing.id, "tags").get("tags", {})
        tag_set = tag_list({**current, **tags})
        self._settled(lambda: self._s3.put_bucket_tagging(Bucket=existing.id, Tagging={"TagSet": tag_set}))

    def delete(self, existing: Existing) -> None:
        try:
            self._s3.delete_bucket(Bucket=existing.id)
        except ClientError as error:
            if error_code(error) == "BucketNotEmpty":
                raise ApplyFailed(
                    f"Failed to delete {self.type} {existing.key} ({existing.id}): objects were written to it meanwhile"
                ) from error
            raise


def _rule_id(rule: dict[str, Any]) -> str:
    return str(rule.get("ID", ""))
