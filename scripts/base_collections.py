"""The collections that ours builds on, taken out of the PyPI package `ansible`: Galaxy is not asked, and the 470 MB of
others stay away.

A wheel is a zip file. It is downloaded by pip, so that the user's index and the hashes of a lock count, and thrown away
afterwards.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

from common import CACHE, StepError, run_logged


def install_collections(python: str, requirement: list[str], names: Iterable[str], site_packages: Path) -> None:
    """Put the collections (`amazon.aws`) of a package `ansible` where Ansible looks in an environment.

    `requirement` is what pip takes: `["--require-hashes", "-r", "file.lock"]`, or `["ansible==12.3.0"]`.
    """
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="collections-") as folder:
        extract_collections(download_wheel(python, requirement, Path(folder)), names, site_packages)


def download_wheel(python: str, requirement: list[str], folder: Path) -> Path:
    run_logged(
        "Downloading the package that holds the collections",
        [python, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-input", "--progress-bar", "off",
         "--dest", str(folder), *requirement],
        CACHE / "logs" / "pip-collections.log",
    )  # fmt: skip
    return next(folder.glob("ansible-*.whl"))


def extract_collections(wheel: Path, names: Iterable[str], site_packages: Path) -> None:
    """Each collection whole, with its licence and manifest, in place of one that is there already."""
    with zipfile.ZipFile(wheel) as archive:
        members = archive.namelist()
        for name in names:
            folder = "ansible_collections/" + name.replace(".", "/")
            wanted = [member for member in members if member.startswith(f"{folder}/")]
            if not wanted:
                raise StepError(f"{wheel.name} does not contain the collection {name}")
            shutil.rmtree(site_packages / folder, ignore_errors=True)
            archive.extractall(site_packages, wanted)
