# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading a state as it really is: S3 may show a new object late, so an old answer must not become a new history."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..._engine.model import EngineError
from .store import Store, Stored

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0


class Settling:
    """Reads states and waits while S3 is behind; all states of a run share timeout_seconds."""

    def __init__(
        self,
        store: Store,
        timeout_seconds: float,
        progress: Callable[[str], None] = lambda text: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] = time.sleep,
    ):
        self._store = store
        self._timeout = timeout_seconds
        self._progress = progress
        self._clock = clock
        self._sleep = sleep
        self._since: float | None = None

    def read(self, key: str, failure: type[EngineError], *, locked: bool = False, removing: bool = False) -> Stored:
        """The state, once nothing speaks against it. Raises failure with what to do where S3 does not catch up.

        locked: the lock is held, so what is read will be written over, and is checked with what costs a call more.
        """
        pause = FIRST_PAUSE_SECONDS
        while True:
            stored = self._store.read(key, locked=locked)
            behind = self._behind(stored, locked, removing)
            if not behind:
                return stored
            left = self._left()
            if left <= 0:
                raise failure(self._refusal(stored, behind))
            self._progress(f"waiting for S3 to show the state s3://{self._store.bucket}/{key}: {behind}")
            self._sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)

    def _left(self) -> float:
        if self._since is None:
            self._since = self._clock()
        return self._timeout - (self._clock() - self._since)

    def _behind(self, stored: Stored, locked: bool, removing: bool) -> str:
        """Why this is not the newest object, or nothing.

        A run that was killed between the object and its digest leaves an object that is newer than its digest: that is
        no reason to wait.
        """
        differs = stored.digest not in (None, stored.md5)
        # Removing needs no object, but must not miss one of somebody else's.
        if differs and stored.body is None and not removing:
            return "it is not there, and the lock table has its digest"
        document, newest_serial = stored.document, stored.digest_serial
        if differs and document is not None and newest_serial is not None and document.serial < newest_serial:
            return f"it has serial {document.serial}, and the lock table has the digest of serial {newest_serial}"
        # The digest decides nothing where there is no object, or where Terraform wrote it, or a hand.
        undecided = differs and (document is None or newest_serial is None)
        return self._behind_versions(stored) if locked or undecided else ""

    def _behind_versions(self, stored: Stored) -> str:
        newest = self._store.newest_etag(stored.key)
        return "S3 lists a newer version of it" if newest is not None and newest != stored.etag else ""

    def _refusal(self, stored: Stored, behind: str) -> str:
        place = f"s3://{self._store.bucket}/{stored.key}"
        message = (
            f"The state {place} is not as it was written last: {behind}; waited {self._timeout:g} seconds. "
            "Nothing was written, since that would begin another history. Run again later, "
            "or put back its last version (aws s3api list-object-versions shows it)"
        )
        if stored.digest is None:
            return message
        item = f"item {self._store.digest_id(stored.key)} of table {self._store.lock_table}"
        return f"{message}. If what is there now is right, delete the {item} first"
