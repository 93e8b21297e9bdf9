"""Ends a run with everything that it started, and nothing else."""

from __future__ import annotations

import contextlib
import os
import time
import uuid

import psutil

MARK = "TEST_RUN_MARK"


def new_mark() -> str:
    """A value for MARK in the environment of a run: every process that descends from it carries it."""
    return uuid.uuid4().hex


def marked(mark: str) -> list[psutil.Process]:
    """The processes of that run that are alive, oldest first."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.environ().get(MARK) == mark
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return sorted(found, key=lambda process: process.create_time())


def kill_marked(mark: str) -> int:
    """SIGKILL for the whole run; returns how many processes it hit.

    A process group is not enough: ansible-core 2.19 puts each worker in a session of its own (WorkerProcess._detach).
    """
    hit: set[psutil.Process] = set()
    empty = 0
    # Two empty sweeps: a process that is just being executed shows no environment for a moment.
    while empty < 2:
        victims = marked(mark)
        empty = 0 if victims else empty + 1
        # Parents first, so that nothing new is started.
        for victim in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                victim.kill()
                hit.add(victim)
        # Not psutil.wait_procs: it would take the exit code of our own child from subprocess.
        time.sleep(0.01)
    return len(hit)
