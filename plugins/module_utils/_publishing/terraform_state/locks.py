# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Terraform's own two locks on a state: the item in the lock table and the lock file beside the object."""

from __future__ import annotations

from typing import Protocol

from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.retrying import when_visible
from ..._engine.model import ApplyFailed
from .lock_info import LockInfo, parse


class Lock(Protocol):
    """One of the two places where Terraform keeps a lock."""

    place: str

    def acquire(self, info: LockInfo) -> LockInfo | None:
        """Take the lock; returns who holds it where it is taken, and None on success."""

    def holder(self) -> LockInfo | None:
        """Who holds the lock now."""

    def release(self, info: LockInfo) -> None:
        """Remove the lock if it is still this one."""


class TableLock:
    """The item LockID = <bucket>/<key>, as Terraform's option dynamodb_table takes it."""

    def __init__(self, clients: Clients, table: str, bucket: str, key: str):
        self._client = clients.get("dynamodb")
        self._table = table
        self._key = {"LockID": {"S": f"{bucket}/{key}"}}
        self.place = f"item {bucket}/{key} of table {table}"

    def acquire(self, info: LockInfo) -> LockInfo | None:
        item = {**self._key, "Info": {"S": info.text()}}
        request = {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(LockID)"}
        try:
            # A table that has just become active may be unknown for a moment more.
            when_visible(lambda: self._client.put_item(**request))
        except ClientError as error:
            if is_not_found(error):
                raise ApplyFailed(
                    f"The lock table {self._table} does not exist or is not active yet, so no lock can be taken: "
                    f"{error}"
                ) from error
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            holder = self.holder() or LockInfo()
            # After a lost answer botocore asks again and meets our own lock.
            return None if holder.id == info.id else holder
        return None

    def holder(self) -> LockInfo | None:
        item = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True).get("Item")
        return parse(item.get("Info", {}).get("S", "")) if item else None

    def release(self, info: LockInfo) -> None:
        try:
            item = self._client.get_item(TableName=self._table, Key=self._key, ConsistentRead=True).get("Item", {})
        except ClientError as error:
            if is_not_found(error):  # without its table there is no lock either
                return
            raise
        text = item.get("Info", {}).get("S", "")
        if not item or parse(text).id != info.id:
            return
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=self._key,
                ConditionExpression="Info = :info",
                ExpressionAttributeValues={":info": {"S": text}},
            )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":  # somebody else's by now
                raise


class FileLock:
    """The object <key>.tflock, as Terraform's option use_lockfile takes it."""

    def __init__(self, clients: Clients, bucket: str, key: str):
        self._client = clients.get("s3")
        self._object = {"Bucket": bucket, "Key": f"{key}.tflock"}
        self.place = f"object s3://{bucket}/{key}.tflock"
        self._taken = False

    def acquire(self, info: LockInfo) -> LockInfo | None:
        try:
            self._client.put_object(
                **self._object, Body=info.text().encode(), ContentType="application/json", IfNoneMatch="*"
            )
        except ClientError as error:
            # 409: two wrote at the same moment, and S3 let the other one win.
            if error_code(error) not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
            holder = self.holder() or LockInfo()
            self._taken = holder.id == info.id
            return None if self._taken else holder
        self._taken = True
        return None

    def holder(self) -> LockInfo | None:
        try:
            return parse(self._client.get_object(**self._object)["Body"].read().decode("utf-8", "replace"))
        except ClientError as error:
            if is_not_found(error):
                return None
            raise

    def release(self, info: LockInfo) -> None:
        """S3 may show our own lock late; it is ours to remove nevertheless."""
        holder = self.holder()
        ours = holder.id == info.id if holder else self._taken
        if ours:
            self._client.delete_object(**self._object)
        self._taken = False
