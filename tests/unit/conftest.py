"""One moto for all unit tests of adapters and modules; files that need another one have an `emulator` of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.emulator import Emulator
from support.proxy import RecordingProxy


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """With whatever earlier tests left in it: take `account` for an empty one."""
    with Emulator.start() as running:
        yield running


@pytest.fixture
def account(emulator: Emulator) -> Iterator[Emulator]:
    """The emulator, emptied, behind a recording proxy (account.proxy) without faults."""
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        yield emulator
