# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Holding all locks of one state while it is written: waiting for others, and letting go whatever happens."""

from __future__ import annotations

import contextlib
import getpass
import os
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from ..._aws.clients import Clients
from ..._aws.errors import AWS_ERRORS
from ..._engine.model import ApplyFailed
from .lock_info import LockInfo
from .locks import FileLock, Lock, TableLock

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 5.0


def locks_of(clients: Clients, bucket: str, key: str, lock_table: str | None, use_lockfile: bool) -> list[Lock]:
    """The locks of one state in the order in which Terraform takes them."""
    locks: list[Lock] = [FileLock(clients, bucket, key)] if use_lockfile else []
    return [*locks, TableLock(clients, lock_table, bucket, key)] if lock_table else locks


def new_lock_info(path: str, deployment: str, version: str) -> LockInfo:
    """Who we are, for those who find the state locked. path is "<bucket>/<key>"."""
    return LockInfo(
        id=str(uuid.uuid4()),
        operation="publish outputs",
        info=f"ansible module terraform_state_outputs, deployment {deployment}, process {os.getpid()}",
        who=f"{_user()}@{socket.gethostname()}",
        version=version,
        created=datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        path=path,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user id need not have a name
        return f"uid{os.getuid()}"


@contextlib.contextmanager
def held(
    locks: Sequence[Lock],
    info: LockInfo,
    timeout_seconds: float,
    progress: Callable[[str], None] = lambda text: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Any] = time.sleep,
) -> Iterator[None]:
    """Take all locks, run the body, and release them, also after an error, Ctrl-C or SIGTERM.

    Raises ApplyFailed when they are not free within timeout_seconds, with who holds which.
    """
    with _signals_as_exceptions():
        try:
            _acquire(locks, info, timeout_seconds, progress, clock, sleep)
            yield
        finally:
            # Releasing what was never taken is harmless: only our own id is removed.
            _release(locks, info)


def _acquire(
    locks: Sequence[Lock], info: LockInfo, timeout: float, progress: Callable, clock: Callable, sleep: Callable
) -> None:
    begin, pause = clock(), FIRST_PAUSE_SECONDS
    while True:
        blocked = _try_all(locks, info)
        if blocked is None:
            return
        lock, holder = blocked
        left = timeout - (clock() - begin)
        if left <= 0:
            raise ApplyFailed(
                f"The state {info.path} is locked by {holder.holder()}; waited {timeout:g} seconds. "
                f"{how_to_clear(lock, holder)}"
            )
        progress(f"waiting for the lock on {info.path}, held by {holder.holder()}")
        sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


def how_to_clear(lock: Lock, holder: LockInfo) -> str:
    """The one command for a lock whose run is dead."""
    return (
        f"If that run is dead, clear its lock ({lock.place}) with: ansible-playbook "
        f"connectly.shared_infrastructure.unlock -i <inventory> -e lock_id={holder.id or '<ID>'} (or terraform "
        f"force-unlock {holder.id or '<ID>'})"
    )


def _try_all(locks: Sequence[Lock], info: LockInfo) -> tuple[Lock, LockInfo] | None:
    taken: list[Lock] = []
    for lock in locks:
        holder = lock.acquire(info)
        if holder is not None:
            for other in reversed(taken):  # nobody shall wait for us while we wait
                other.release(info)
            return lock, holder
        taken.append(lock)
    return None


def _release(locks: Sequence[Lock], info: LockInfo) -> None:
    failing = sys.exc_info()[1]
    for lock in reversed(locks):
        try:
            lock.release(info)
        except AWS_ERRORS as error:
            before = f"{failing}; and then " if failing else ""
            raise ApplyFailed(f"{before}the lock could not be released: {error}. {how_to_clear(lock, info)}") from error


@contextlib.contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """A run that is told to end must let go of its locks; by default SIGTERM and SIGHUP end Python on the spot."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    # What is ignored stays so: under nohup a SIGHUP must not end the run.
    numbers = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
