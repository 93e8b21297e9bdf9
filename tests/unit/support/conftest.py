"""One moto for the tests of the support code in this process, emptied before each test that uses `aws`."""

from __future__ import annotations

import pytest
from support.emulator import Emulator
from support.proxy import RecordingProxy


@pytest.fixture(scope="session")
def own_moto():
    with Emulator.start_own() as running:
        yield running


@pytest.fixture
def aws(own_moto):
    own_moto.reset()
    return own_moto


@pytest.fixture
def through(own_moto):
    """The proxy in front of it."""
    with RecordingProxy(own_moto.endpoint_url) as proxy:
        yield proxy
