"""Fixtures of the integration tests: an emulated account, the proxy in front of it, and playbook runs against it.

Each xdist worker has an emulator of its own. With TEST_EMULATOR_URL all tests share the one that it names: no xdist
then.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from helpers.site import Site, empty_site
from support.emulator import ATTACH_VARIABLE, Emulator
from support.playbook import PlaybookRun
from support.proxy import RecordingProxy


@pytest.fixture(scope="session")
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """The emulator of this worker, with whatever earlier tests left in it: take `account` for an empty one."""
    if os.environ.get(ATTACH_VARIABLE) and hasattr(request.config, "workerinput"):
        pytest.exit(
            f"{ATTACH_VARIABLE} names one emulator for all: run without xdist (-p no:xdist or -n 0)", returncode=4
        )
    with Emulator.start() as running:
        yield running


@pytest.fixture(scope="module")
def site(emulator: Emulator) -> Iterator[Site]:
    """The emulator, emptied, behind a recording proxy that all tests of a file share; files that begin with
    something built have their own.
    """
    with empty_site(emulator) as running:
        yield running


@pytest.fixture
def account(emulator: Emulator) -> Emulator:
    """The emulator, emptied."""
    emulator.reset()
    return emulator


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[RecordingProxy]:
    """A recording proxy without faults in front of the emulator."""
    with RecordingProxy(emulator.endpoint_url) as running:
        yield running


@pytest.fixture
def playbook_run(request: pytest.FixtureRequest, emulator: Emulator) -> Iterator[Callable[..., PlaybookRun]]:
    """Makes runs that are not started yet; they go through `proxy` when the test uses it.

    Ends what a failed test left running.
    """
    through = request.getfixturevalue("proxy") if "proxy" in request.fixturenames else None
    environment = emulator.environment(through.endpoint_url if through else None)
    runs: list[PlaybookRun] = []

    def make(*arguments, env=None, **options) -> PlaybookRun:
        runs.append(PlaybookRun(*arguments, env={**environment, **(env or {})}, **options))
        return runs[-1]

    yield make
    for run in runs:
        run.kill()


@pytest.fixture
def run_playbook(playbook_run: Callable[..., PlaybookRun]) -> Callable:
    """run_playbook(playbook, inventory, *args, extra_vars=, env=, timeout=, cwd=) to its end, through `proxy` when
    the test uses it.
    """

    def run(*arguments, timeout: float | None = None, **options):
        started = playbook_run(*arguments, **options).start()
        return started.wait(timeout) if timeout else started.wait()

    return run
