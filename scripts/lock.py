"""`make lock`: renew every lock file in requirements/ (exact versions with hashes, for every supported Python)."""

from __future__ import annotations

import os
import subprocess
import sys

from common import CACHE, ROOT, StepError, main, say
from setup_venv import create_environment, pip_settings

# Lock file, oldest Python, options. Each of the three that share .venv takes the versions of the one below it.
LOCKS: tuple[tuple[str, str, list[str]], ...] = (
    ("locktool", "3.11", []),
    ("controller", "3.11", []),
    ("demo", "3.11", ["--constraints", "requirements/controller.lock"]),
    ("test", "3.11", ["--constraints", "requirements/demo.lock"]),
    ("collections", "3.11", ["--no-deps"]),
    ("policies", "3.11", []),
    ("localstack", "3.12", ["--project", "emulators/localstack_bridge"]),
)


def index_environment() -> dict[str, str]:
    """uv does not read pip's settings: hand it the index that the user configured for pip, unless uv has its own."""
    environment = dict(os.environ)
    settings = pip_settings()
    for pip_name, uv_name in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        if pip_name in settings:
            environment.setdefault(uv_name, settings[pip_name])
    return environment


def body() -> None:
    tool = CACHE / "locktool"
    create_environment(tool, sys.executable, "locktool")
    for name, oldest_python, options in LOCKS:
        say(f"  requirements/{name}.lock ...")
        command = [
            str(tool / "bin" / "uv"), "pip", "compile", f"requirements/{name}.in", "-o", f"requirements/{name}.lock",
            "--universal", "--python-version", oldest_python, "--generate-hashes", "--upgrade", "--quiet",
            "--no-emit-index-url", "--no-annotate", "--custom-compile-command", "make lock", *options,
        ]  # fmt: skip
        if subprocess.run(command, cwd=ROOT, env=index_environment(), check=False).returncode:
            raise StepError(f"requirements/{name}.in has no solution; nothing was written for it")


main(body)
