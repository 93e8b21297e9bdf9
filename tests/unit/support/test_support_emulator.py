"""The emulator of the tests: a life that ends with its owner, an account that can be emptied, an environment that
leads nowhere else.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml
from support import emulator as module
from support.emulator import ATTACH_VARIABLE, SECRET_KEY, Emulator, EmulatorError
from support.playbook import ROOT


def test_reset_empties_the_account(aws):
    aws.client("ssm").put_parameter(Name="/a", Value="v", Type="String")
    aws.reset()
    assert aws.client("ssm").describe_parameters()["Parameters"] == []
    assert aws.account_id == "123456789012"
    assert not aws.is_localstack


def test_an_attached_emulator_is_used_and_not_ended(own_moto, monkeypatch):
    monkeypatch.setenv(ATTACH_VARIABLE, own_moto.endpoint_url + "/")
    with Emulator.start() as attached:
        assert attached.endpoint_url == own_moto.endpoint_url
    assert own_moto.client("sts").get_caller_identity()


def test_a_reset_that_does_nothing_is_an_error(own_moto):
    other = Emulator(own_moto.endpoint_url)
    other.__dict__["is_localstack"] = True  # the open edition has no such address either
    with pytest.raises(EmulatorError, match="cannot be emptied"):
        other.reset()


def test_the_server_ends_when_its_owner_is_killed():
    """The owner gets no chance to clean up."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from support.emulator import Emulator\n"
        "running = Emulator.start_own()\n"
        "print(running._process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    tests = str(Path(module.__file__).parents[1])
    owner = subprocess.Popen(
        [sys.executable, "-c", code, tests], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    server = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.communicate()
    psutil.wait_procs([server], timeout=30)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_a_server_that_does_not_start_says_why():
    with pytest.raises(EmulatorError, match="exit code"):
        Emulator.start_own(env={"PYTHONHOME": "/nowhere"})


def test_the_environment_leads_to_the_emulator_alone(own_moto):
    environment = own_moto.environment("http://127.0.0.1:1")
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "ap-northeast-2"
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_molecule_has_the_secret_that_is_part_of_no_name(own_moto):
    molecule = yaml.safe_load((ROOT / ".config" / "molecule" / "config.yml").read_text())["ansible"]["env"]
    assert molecule["AWS_SECRET_ACCESS_KEY"] == own_moto.environment()["AWS_SECRET_ACCESS_KEY"] == SECRET_KEY
    assert len(SECRET_KEY) == 40, "as long as AWS's own, which no name contains"
