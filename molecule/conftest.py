"""Fixtures for the tests of the scenarios: what is in the account, and what the check on the empty account
announced.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import account as reader
import pytest


@pytest.fixture(scope="session")
def deployment() -> str:
    return os.environ["SCENARIO_DEPLOYMENT"]


@pytest.fixture(scope="session")
def client():
    """client("ec2") is a boto3 client of the scenario's AWS."""
    return reader.emulator().client


@pytest.fixture(scope="session")
def account_id() -> str:
    return reader.emulator().account_id


@pytest.fixture(scope="session")
def whole_account(deployment) -> dict[str, dict]:
    """{"<type> <key>": data} of everything that the scenario's readers see; see shared/verification/account.py."""
    return reader.read_account(deployment, os.environ.get("SCENARIO_READERS", "").split())


@pytest.fixture(scope="session")
def account(whole_account, deployment) -> dict[str, dict]:
    """What carries the deployment's tag."""
    return {name: data for name, data in whole_account.items() if reader.belongs(data, deployment)}


@pytest.fixture(scope="session")
def of_type(account):
    """of_type("subnet") is {key: data}."""

    def select(kind: str) -> dict[str, dict]:
        return {name.partition(" ")[2]: data for name, data in account.items() if name.partition(" ")[0] == kind}

    return select


@pytest.fixture(scope="session")
def plan():
    """plan("empty") is the list of actions that the check on the empty account announced, plan("converged") that on
    the converged one.
    """

    def load(state: str) -> list[dict]:
        file = Path(os.environ["SCENARIO_FILES"]) / f"plan-{state}.json"
        if not file.exists():
            pytest.skip(f"no check on the {state} account has run yet")
        return json.loads(file.read_text())

    return load
