"""Run `ansible-test sanity` on a copy of the collection (called by run_tests.py, with .venv's Python).

ansible-test wants a git checkout inside a real ansible_collections tree, with the collections that ours builds on
beside it. It also wants to download a pip bootstrap script, so its home is a private folder that holds a stand-in for
it.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import yaml
from common import CACHE, ROOT, StepError, copy_checkout, main
from setup_venv import COLLECTION, LEVELS, pip_settings

SANITY = CACHE / "sanity"
COLLECTIONS = SANITY / "ansible_collections"
TREE = COLLECTIONS.joinpath(*COLLECTION)
HOME = SANITY / "home"
# ansible-test's own settings are needed although build_ignore keeps tests/ out of the built collection.
ALWAYS_COPIED = ("tests/config.yml", "tests/sanity/*")

GET_PIP = '''\
"""Stands in for the bootstrap script that ansible-test would download: the same pip, without a download of its own."""
import subprocess
import sys

arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *arguments]))
'''


def is_copied(path: str, ignored: list[str]) -> bool:
    if any(fnmatch.fnmatch(path, pattern) for pattern in ALWAYS_COPIED):
        return True
    parts = Path(path).parts
    prefixes = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return not any(fnmatch.fnmatch(prefix, pattern) for prefix in prefixes for pattern in ignored)


def copy_collection() -> None:
    ignored = yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    shutil.rmtree(TREE, ignore_errors=True)
    copy_checkout(TREE, lambda path: is_copied(path, ignored))
    for arguments in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=TREE, check=True, capture_output=True)


def link_base_collections() -> None:
    installed = Path(sysconfig.get_path("purelib")) / "ansible_collections"
    for name in LEVELS["controller"]:
        folder = name.replace(".", "/")
        link = COLLECTIONS / folder
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(installed / folder)


def prepare_home() -> None:
    bootstrap = HOME / ".ansible" / "test" / "cache" / "get_pip_24_2.py"
    bootstrap.parent.mkdir(parents=True, exist_ok=True)
    bootstrap.write_text(GET_PIP)
    # ansible-test passes on no PIP_* variable, and the user's pip.conf is not in this home.
    lines = [f"{name} = {value.replace(chr(10), chr(10) + '    ')}" for name, value in pip_settings().items()]
    pip_conf = HOME / ".config" / "pip" / "pip.conf"
    pip_conf.parent.mkdir(parents=True, exist_ok=True)
    # Quiet: a dozen small environments are filled the first time; errors are still shown.
    pip_conf.write_text("\n".join(["[global]", *lines, "quiet = 2", ""]))


def body() -> int:
    ansible_test = Path(sys.executable).parent / "ansible-test"
    if not ansible_test.exists():
        raise StepError("there is no ansible-test in this environment: run `make venv`")
    copy_collection()
    link_base_collections()
    prepare_home()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [
        str(ansible_test),
        "sanity",
        "--local",
        "--requirements",
        "--python",
        version,
        "--color",
        "no",
        *sys.argv[1:],
    ]
    environment = os.environ | {"HOME": str(HOME)}
    environment.pop("XDG_CONFIG_HOME", None)
    return subprocess.run(command, cwd=TREE, env=environment, check=False).returncode


main(body)
