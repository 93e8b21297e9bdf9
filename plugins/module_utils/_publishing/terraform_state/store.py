# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The calls behind one state bucket and its lock table: the state object, its digest item, and copies of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.retrying import when_visible
from ..._engine.model import Refused
from .document import Document, md5, parse, render


@dataclass(frozen=True)
class Stored:
    """What is there under one key.

    body is None where there is no object; digest is that of the lock table, None where it has none.
    digest_serial is the serial of the state that the digest is of, None where Terraform wrote the digest.
    """

    key: str
    body: bytes | None = None
    digest: str | None = None
    deployment: str = ""
    etag: str = ""
    digest_serial: int | None = None

    @property
    def document(self) -> Document | None:
        return parse(self.body) if self.body is not None else None

    @property
    def md5(self) -> str | None:
        return md5(self.body) if self.body is not None else None


class Store:
    """One bucket with its lock table; created_here: this run makes the one that is missing now."""

    def __init__(
        self,
        clients: Clients,
        bucket: str,
        lock_table: str | None,
        kms_key_id: str | None = None,
        created_here: bool = True,
    ):
        self._clients = clients
        self.bucket = bucket
        self.lock_table = lock_table
        self._created_here = created_here
        self._encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id} if kms_key_id else {}

    def read(self, key: str, locked: bool = False) -> Stored:
        """The object and its digest, by one GetObject and one GetItem; locked: our lock is in the table."""
        body, metadata, etag = self._object(key)
        item = self._digest_item(key, locked)
        serial = item.get("Serial", {}).get("S", "")
        return Stored(
            key,
            body,
            item.get("Digest", {}).get("S"),
            metadata.get("deployment", ""),
            etag,
            int(serial) if serial.isdecimal() else None,
        )

    def newest_etag(self, key: str) -> str | None:
        """The ETag of the newest version that S3 lists (also without versioning); None where there is none."""
        try:
            answer = self._clients.get("s3").list_object_versions(Bucket=self.bucket, Prefix=key)
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        # The key itself comes before all others that begin with it, and its newest version before the others.
        return next(
            (
                version["ETag"]
                for version in answer.get("Versions", ())
                if version["Key"] == key and version["IsLatest"]
            ),
            None,
        )

    def _object(self, key: str) -> tuple[bytes | None, dict[str, str], str]:
        try:
            answer = self._clients.get("s3").get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error_code(error) == "NoSuchBucket" and not self._created_here:
                raise Refused(
                    f"The state bucket {self.bucket} does not exist; create it, or set manage_backend to true"
                ) from error
            if is_not_found(error):
                return None, {}, ""
            raise
        # Terraform takes an empty object for no state at all.
        return answer["Body"].read() or None, answer["Metadata"], answer["ETag"]

    def has_digest(self, key: str) -> bool:
        return bool(self._digest_item(key, locked=False))

    def _digest_item(self, key: str, locked: bool) -> dict[str, Any]:
        if not self.lock_table:
            return {}
        request = {"TableName": self.lock_table, "Key": self._digest_key(key), "ConsistentRead": True}
        call = self._clients.get("dynamodb").get_item
        try:
            answer = when_visible(lambda: call(**request)) if locked else call(**request)
        except ClientError as error:
            if not is_not_found(error):
                raise
            if not self._created_here:
                raise Refused(
                    f"The lock table {self.lock_table} does not exist or is not active yet; create it, "
                    "or set manage_backend to true"
                ) from error
            return {}
        return answer.get("Item", {})

    def digest_id(self, key: str) -> str:
        return f"{self.bucket}/{key}-md5"

    def _digest_key(self, key: str) -> dict[str, Any]:
        return {"LockID": {"S": self.digest_id(key)}}

    def write(self, key: str, document: Document, deployment: str) -> Stored:
        """The object, then at once its digest: in between, consumers with dynamodb_table fail; none reads a mixture."""
        body = render(document)
        self._put(key, body, {"deployment": deployment})
        return self.write_digest(Stored(key, body, deployment=deployment), document.serial)

    def write_digest(self, stored: Stored, serial: int) -> Stored:
        """The digest with its serial, which tells an object that is older than its digest from one that is newer.

        Terraform reads the digest alone.
        """
        if not self.lock_table:
            return stored
        item = {**self._digest_key(stored.key), "Digest": {"S": str(stored.md5)}, "Serial": {"S": str(serial)}}
        self._clients.get("dynamodb").put_item(TableName=self.lock_table, Item=item)
        return replace(stored, digest=stored.md5, digest_serial=serial)

    def keep_copy(self, key: str, body: bytes) -> str:
        """Put these bytes beside the object; returns the key of the copy."""
        copy = f"{key}.backup-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
        self._put(copy, body, {})
        return copy

    def delete(self, stored: Stored) -> None:
        """The digest first: consumers read an object without one unchecked, and fail on one without its object."""
        if self.lock_table:
            self._clients.get("dynamodb").delete_item(TableName=self.lock_table, Key=self._digest_key(stored.key))
        if stored.etag:
            self._clients.get("s3").delete_object(Bucket=self.bucket, Key=stored.key)

    def _put(self, key: str, body: bytes, metadata: dict[str, str]) -> None:
        self._clients.get("s3").put_object(
            Bucket=self.bucket,
            Key=key,
            Body=body,
            ContentType="application/json",
            Metadata=metadata,
            **self._encryption,
        )
