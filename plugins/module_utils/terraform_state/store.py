# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The calls behind one state bucket and its lock table: the state object, its digest item, and copies of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = Exception

from ..engine.clients import Clients
from ..engine.creating import error_code, is_not_found
from ..engine.model import Refused
from .document import Document, md5, parse


@dataclass(frozen=True)
class Stored:
    """What is there under one key. body is None where there is no object; digest is that of the lock table, None where it has none."""

    key: str
    body: bytes | None = None
    digest: str | None = None
    deployment: str = ""

    @property
    def document(self) -> Document | None:
        return parse(self.body) if self.body is not None else None

    @property
    def md5(self) -> str | None:
        return md5(self.body) if self.body is not None else None


class Store:
    """One bucket with its lock table. created_here: whether a bucket or table that is missing now will be made by this run."""

    def __init__(self, clients: Clients, bucket: str, lock_table: str | None, kms_key_id: str | None = None, created_here: bool = True):
        self._clients = clients
        self.bucket = bucket
        self.lock_table = lock_table
        self._created_here = created_here
        self._encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}

    def read(self, key: str) -> Stored:
        """The object and its digest: one GetObject, and one GetItem where there is a lock table."""
        body, metadata = self._object(key)
        return Stored(key, body, self._digest(key), metadata.get("deployment", ""))

    def _object(self, key: str) -> tuple[bytes | None, dict[str, str]]:
        try:
            answer = self._clients.get("s3").get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error_code(error) == "NoSuchBucket" and not self._created_here:
                raise Refused(f"The state bucket {self.bucket} does not exist; create it, or set manage_backend to true") from error
            if is_not_found(error):
                return None, {}
            raise
        # Terraform takes an empty object for no state at all.
        return answer["Body"].read() or None, answer["Metadata"]

    def _digest(self, key: str) -> str | None:
        if not self.lock_table:
            return None
        try:
            answer = self._clients.get("dynamodb").get_item(TableName=self.lock_table, Key=self._digest_key(key), ConsistentRead=True)
        except ClientError as error:
            if not is_not_found(error):
                raise
            if not self._created_here:
                raise Refused(f"The lock table {self.lock_table} does not exist; create it, or set manage_backend to true") from error
            return None
        return answer.get("Item", {}).get("Digest", {}).get("S")

    def _digest_key(self, key: str) -> dict[str, Any]:
        return {"LockID": {"S": f"{self.bucket}/{key}-md5"}}

    def write(self, key: str, body: bytes, deployment: str) -> None:
        """The object, then at once its digest: in between, consumers with dynamodb_table fail, and none reads a mixture."""
        self._put(key, body, {"deployment": deployment})
        self.write_digest(key, md5(body))

    def write_digest(self, key: str, digest: str) -> None:
        if self.lock_table:
            item = {**self._digest_key(key), "Digest": {"S": digest}}
            self._clients.get("dynamodb").put_item(TableName=self.lock_table, Item=item)

    def keep_copy(self, key: str, body: bytes) -> str:
        """Put these bytes beside the object; returns the key of the copy."""
        copy = f"{key}.backup-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
        self._put(copy, body, {})
        return copy

    def delete(self, key: str) -> None:
        """The digest first: without one, consumers read the object unchecked, where a digest without its object makes them fail."""
        if self.lock_table:
            self._clients.get("dynamodb").delete_item(TableName=self.lock_table, Key=self._digest_key(key))
        self._clients.get("s3").delete_object(Bucket=self.bucket, Key=key)

    def _put(self, key: str, body: bytes, metadata: dict[str, str]) -> None:
        self._clients.get("s3").put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/json", Metadata=metadata, **self._encryption)
