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


@pytest.fixture(scope="session")
def one_proxy(own_moto):
    """One for all, because boto3 clients are kept by address."""
    with RecordingProxy(own_moto.endpoint_url) as proxy:
        yield proxy


@pytest.fixture
def through(one_proxy):
    """The proxy in front of it, without faults or recorded calls."""
    one_proxy.wait_idle()
    one_proxy.remove_faults()
    one_proxy.clear()
    return one_proxy
