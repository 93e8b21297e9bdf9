"""The emulated AWS of a test process: a moto of its own on a free port, or the one that TEST_EMULATOR_URL names.

TEST_EMULATOR_URL=http://127.0.0.1:4566 attaches to a running LocalStack or moto instead. Such an emulator is shared:
run without xdist then, and know that reset() empties it.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
import requests
from botocore.config import Config

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

from emulator import SECRET_KEY

REGION = "ap-northeast-2"
ATTACH_VARIABLE = "TEST_EMULATOR_URL"
MOTO_RESET = "/moto-api/reset"
# LocalStack answers 200 to moto's address as well, and forgets nothing. Its open edition has no reset; a plugin may add
# this one.
LOCALSTACK_RESET = "/_localstack/state/reset"
STOP_SECONDS = 10
# No test starts an instance, and moto reads its 560 machine images anew after each reset: half a second of a unit test.
WITHOUT_IMAGES = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}


class EmulatorError(RuntimeError):
    """The emulator did not start or did not do as told."""


class Emulator:
    """A running emulator: `endpoint_url`, `region`, clients, and the environment that makes other programs use it."""

    def __init__(self, endpoint_url: str, region: str = REGION, process: subprocess.Popen | None = None) -> None:
        self.endpoint_url = endpoint_url.rstrip("/")
        self.region = region
        self._process = process

    @classmethod
    def start(cls, region: str = REGION, env: dict[str, str] | None = None) -> Emulator:
        """A moto of our own (`env`: its settings, MOTO_IAM_LOAD_MANAGED_POLICIES say), or the one at
        TEST_EMULATOR_URL.
        """
        if os.environ.get(ATTACH_VARIABLE):
            return cls(os.environ[ATTACH_VARIABLE], region)
        return cls.start_own(region, env)

    @classmethod
    def start_own(cls, region: str = REGION, env: dict[str, str] | None = None) -> Emulator:
        """A moto of our own, whatever the environment says."""
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("moto_process.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **WITHOUT_IMAGES, **(env or {})},
            )
            # The line comes when the server listens; if it dies instead, the read ends with nothing.
            line = process.stdout.readline()
            if not line:
                process.wait()
                log.seek(0)
                raise EmulatorError(f"moto did not start (exit code {process.returncode}):\n{log.read()}")
        return cls(f"http://127.0.0.1:{json.loads(line)['port']}", region, process)

    def stop(self) -> None:
        """Ends the process that start() began; leaves an attached emulator alone."""
        if not self._process:
            return
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def reset(self) -> None:
        """Empties the account; an error where the emulator cannot."""
        path = LOCALSTACK_RESET if self.is_localstack else MOTO_RESET
        answer = requests.post(self.endpoint_url + path, timeout=60)
        if answer.status_code != 200:
            raise EmulatorError(f"{self.endpoint_url} cannot be emptied: {path} answers {answer.status_code}")

    @functools.cached_property
    def is_localstack(self) -> bool:
        """True for LocalStack, told by its health page."""
        return requests.get(f"{self.endpoint_url}/_localstack/health", timeout=10).status_code == 200

    @functools.cached_property
    def account_id(self) -> str:
        """Twelve digits, from STS: emulators differ."""
        return self.client("sts").get_caller_identity()["Account"]

    def client(
        self, service: str, endpoint_url: str | None = None, region: str | None = None, config: Config | None = None
    ):
        """A boto3 client; `endpoint_url` leads it through a proxy, `config` sets its retries."""
        return _client(service, endpoint_url or self.endpoint_url, region or self.region, config)

    def client_of(self, account_id: str, service: str, region: str | None = None):
        """A boto3 client of another account, as moto keeps accounts apart: by the role that was assumed."""
        role = self.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account_id}:role/neighbour", RoleSessionName="neighbour"
        )["Credentials"]
        session = boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
        return session.client(service, endpoint_url=self.endpoint_url, region_name=region or self.region)

    def environment(self, endpoint_url: str | None = None) -> dict[str, str]:
        """What a program must have in its environment to reach the emulator and nothing else, as boto3, the CLI and
        Terraform read it.
        """
        return {
            "AWS_ENDPOINT_URL": endpoint_url or self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            # A developer's own profiles must play no part.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


@functools.cache
def _session() -> boto3.Session:
    """One session: loading the service models is the slow part of a client."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key=SECRET_KEY, region_name=REGION)


@functools.lru_cache(maxsize=256)
def _client(service: str, endpoint_url: str, region: str, config: Config | None):
    return _session().client(service, endpoint_url=endpoint_url, region_name=region, config=config)
