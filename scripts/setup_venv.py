"""Create or renew a virtual environment from a lock file: `setup_venv.py runtime|test|localstack`.

`runtime` (what `make demo` needs) and `test` share .venv; LocalStack has an environment of its own, on Python 3.12 or
3.13. A stamp beside each environment holds the hash of what was installed, so that a second run costs nothing.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from common import CACHE, ROOT, VENV, StepError, exclusive, find_python, main, python_version, run_logged, say

COLLECTION = ("connectly", "shared_infrastructure")
LOCALSTACK_VENV = CACHE / "localstack" / "venv"
LOCALSTACK_BRIDGE = ROOT / "emulators" / "localstack_bridge"
LOCALSTACK_PYTHONS = [(3, 13), (3, 12)]
NO_LOCALSTACK_PYTHON = "LocalStack needs Python 3.12 or 3.13, and none was found on the PATH or among pyenv's versions"


def pip_settings(python: str = sys.executable) -> dict[str, str]:
    """The user's pip settings, from files and PIP_* variables, by bare name."""
    listing = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    pairs = (line.partition("=") for line in listing.stdout.splitlines() if "=" in line)
    return {name.rpartition(".")[2]: ast.literal_eval(value) for name, _, value in pairs}


def stamp_is_current(environment: Path, name: str, digest: str) -> bool:
    stamp = environment / f".installed-{name}"
    return stamp.exists() and stamp.read_text() == digest


def content_digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def create_environment(environment: Path, python: str, name: str) -> None:
    """Make the environment if it is missing and install requirements/<name>.lock into it."""
    lock_file = ROOT / "requirements" / f"{name}.lock"
    digest = content_digest(lock_file)
    with exclusive(environment.name):
        if stamp_is_current(environment, name, digest):
            return
        interpreter = environment / "bin" / "python"
        if python_version(str(interpreter)) is None:
            make_venv(environment, python)
        run_logged(
            f"Installing requirements/{name}.lock into {environment.relative_to(ROOT)} (a few minutes the first time)",
            [str(interpreter), "-m", "pip", "install", "--require-hashes", "--no-input", "--progress-bar", "off",
             "-r", str(lock_file)],
            CACHE / "logs" / f"pip-{name}.log",
        )  # fmt: skip
        (environment / f".installed-{name}").write_text(digest)


def make_venv(environment: Path, python: str) -> None:
    say(f"  Creating {environment.relative_to(ROOT)} with {python} ...")
    environment.parent.mkdir(parents=True, exist_ok=True)
    result = subprocess.run(
        [python, "-m", "venv", "--clear", str(environment)], capture_output=True, text=True, check=False
    )
    if result.returncode:
        shutil.rmtree(environment, ignore_errors=True)
        hint = "on Debian and Ubuntu: apt install python3-venv\n" if "ensurepip" in result.stdout else ""
        raise StepError(f"{python} cannot make a virtual environment\n{hint}{result.stdout}{result.stderr}")


def link_collection() -> None:
    """Let Ansible find this checkout by its collection name, beside the collections that the venv brings."""
    site_packages = next((VENV / "lib").glob("python3.*/site-packages"))
    link = site_packages.joinpath("ansible_collections", *COLLECTION)
    link.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(ROOT, link.parent)
    if not link.is_symlink() or os.readlink(link) != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def set_up_main(name: str) -> None:
    # The test lock holds everything that the runtime lock holds, in the same versions.
    superset_is_there = stamp_is_current(VENV, "test", content_digest(ROOT / "requirements" / "test.lock"))
    if not superset_is_there:
        create_environment(VENV, sys.executable, name)
    link_collection()


def set_up_localstack() -> Path:
    """Return the environment's Python, with the bridge plugin installed."""
    python = find_python(LOCALSTACK_PYTHONS)
    if python is None:
        raise StepError(NO_LOCALSTACK_PYTHON)
    create_environment(LOCALSTACK_VENV, python, "localstack")
    digest = content_digest(*sorted(LOCALSTACK_BRIDGE.rglob("*.py")), LOCALSTACK_BRIDGE / "pyproject.toml")
    interpreter = LOCALSTACK_VENV / "bin" / "python"
    with exclusive("localstack-bridge"):
        if not stamp_is_current(LOCALSTACK_VENV, "bridge", digest):
            source = CACHE / "localstack" / "bridge-source"  # a copy, since building leaves files in the source
            shutil.rmtree(source, ignore_errors=True)
            shutil.copytree(LOCALSTACK_BRIDGE, source)
            run_logged(
                "Installing the LocalStack bridge",
                [str(interpreter), "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index",
                 "--force-reinstall", str(source)],
                CACHE / "logs" / "pip-bridge.log",
            )  # fmt: skip
            (LOCALSTACK_VENV / ".installed-bridge").write_text(digest)
    return interpreter


def body() -> None:
    wanted = sys.argv[1:]
    if wanted == ["localstack"]:
        set_up_localstack()
    elif len(wanted) == 1 and wanted[0] in ("runtime", "test"):
        set_up_main(wanted[0])
    else:
        raise StepError("usage: setup_venv.py runtime|test|localstack")


if __name__ == "__main__":
    main(body)
