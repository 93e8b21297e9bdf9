"""Create or renew a virtual environment from a lock file: `setup_venv.py controller|demo|test|localstack`.

`controller` (what a run needs), `demo` and `test` share .venv, each with all of the one before; LocalStack has an
environment of its own, on Python 3.12 or 3.13. A stamp in each environment holds the hash of what was installed, so
that a second run costs nothing.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from base_collections import install_collections
from common import CACHE, ROOT, VENV, StepError, exclusive, find_python, main, python_version, run_logged, say

COLLECTION = ("connectly", "shared_infrastructure")
REQUIREMENTS = ROOT / "requirements"
# What shares .venv, the smallest first, with the collections that it needs; the benchmark is written with
# community.aws.
LEVELS = {"controller": ("amazon.aws",), "demo": ("amazon.aws",), "test": ("amazon.aws", "community.aws")}
COLLECTIONS_LOCK = REQUIREMENTS / "collections.lock"
LOCALSTACK_VENV = CACHE / "localstack" / "venv"
LOCALSTACK_BRIDGE = ROOT / "emulators" / "localstack_bridge"
LOCALSTACK_PYTHONS = [(3, 13), (3, 12)]
STAMP = ".installed-"
NO_LOCALSTACK_PYTHON = "LocalStack needs Python 3.12 or 3.13, and none was found on the PATH or among pyenv's versions"


def pip_settings(python: str = sys.executable) -> dict[str, str]:
    """The user's pip settings, from files and PIP_* variables, by bare name."""
    listing = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    pairs = (line.partition("=") for line in listing.stdout.splitlines() if "=" in line)
    return {name.rpartition(".")[2]: ast.literal_eval(value) for name, _, value in pairs}


def content_digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def lock_digest(name: str) -> str | None:
    """What an environment's stamp must hold; None for a lock that exists no more."""
    locks = [REQUIREMENTS / f"{name}.lock", *([COLLECTIONS_LOCK] if name in LEVELS else [])]
    return content_digest(*locks) if locks[0].exists() else None


def stamps(environment: Path) -> dict[str, str]:
    return {path.name.removeprefix(STAMP): path.read_text() for path in environment.glob(f"{STAMP}*")}


def holds_other_versions(environment: Path) -> bool:
    """Something was installed from a lock that has changed since: what is no longer wanted of it would stay."""
    return any(digest != lock_digest(name) for name, digest in stamps(environment).items())


def create_environment(environment: Path, python: str, name: str) -> None:
    """Make the environment if it is missing or outdated, and install requirements/<name>.lock into it."""
    lock_file, digest = REQUIREMENTS / f"{name}.lock", lock_digest(name)
    if digest is None:
        raise StepError(f"there is no {lock_file.relative_to(ROOT)}")
    with exclusive(environment.name):
        if stamps(environment).get(name) == digest:
            return
        interpreter = str(environment / "bin" / "python")
        if python_version(interpreter) is None or holds_other_versions(environment):
            make_venv(environment, python)
        # Python compiles what is imported; all of it would take longer than the rest of the installation.
        run_logged(
            f"Installing requirements/{name}.lock into {environment.relative_to(ROOT)}",
            [interpreter, "-m", "pip", "install", "--require-hashes", "--no-compile", "--no-input",
             "--progress-bar", "off", "-r", str(lock_file)],
            CACHE / "logs" / f"pip-{name}.log",
        )  # fmt: skip
        if name in LEVELS:
            install_collections(
                interpreter,
                ["--require-hashes", "-r", str(COLLECTIONS_LOCK)],
                LEVELS[name],
                site_packages_of(environment),
            )
        (environment / f"{STAMP}{name}").write_text(digest)


def site_packages_of(environment: Path) -> Path:
    return next((environment / "lib").glob("python3.*/site-packages"))


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


def link_collection(folder: Path) -> None:
    """Let this checkout be found by its collection name in a folder of Python's search path."""
    link = folder.joinpath("ansible_collections", *COLLECTION)
    link.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(ROOT, link.parent)
    if not link.is_symlink() or os.readlink(link) != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def set_up_main(name: str) -> None:
    levels = list(LEVELS)
    # A lock holds everything that the ones before it hold, in the same versions.
    supersets = levels[levels.index(name) + 1 :]
    if not any(stamps(VENV).get(superset) == lock_digest(superset) for superset in supersets):
        create_environment(VENV, sys.executable, name)
    link_collection(site_packages_of(VENV))


def set_up_localstack() -> Path:
    """Return the environment's Python, with the bridge plugin installed."""
    python = find_python(LOCALSTACK_PYTHONS)
    if python is None:
        raise StepError(NO_LOCALSTACK_PYTHON)
    create_environment(LOCALSTACK_VENV, python, "localstack")
    stamp = LOCALSTACK_VENV / ".bridge"
    digest = content_digest(*sorted(LOCALSTACK_BRIDGE.rglob("*.py")), LOCALSTACK_BRIDGE / "pyproject.toml")
    interpreter = LOCALSTACK_VENV / "bin" / "python"
    with exclusive("localstack-bridge"):
        if not stamp.exists() or stamp.read_text() != digest:
            source = CACHE / "localstack" / "bridge-source"  # a copy, since building leaves files in the source
            shutil.rmtree(source, ignore_errors=True)
            shutil.copytree(LOCALSTACK_BRIDGE, source)
            run_logged(
                "Installing the LocalStack bridge",
                [str(interpreter), "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index",
                 "--force-reinstall", str(source)],
                CACHE / "logs" / "pip-bridge.log",
            )  # fmt: skip
            stamp.write_text(digest)
    return interpreter


def body() -> None:
    wanted = sys.argv[1:]
    if wanted == ["localstack"]:
        set_up_localstack()
    elif len(wanted) == 1 and wanted[0] in LEVELS:
        set_up_main(wanted[0])
    else:
        raise StepError(f"usage: setup_venv.py {'|'.join(LEVELS)}|localstack")


if __name__ == "__main__":
    main(body)
