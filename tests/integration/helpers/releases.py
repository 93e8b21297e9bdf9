"""The last release as a tree of its own: which one that is, and its commit, stand in the project's files."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from ansible.utils.version import SemanticVersion
from support.playbook import ROOT

COMMITS = ROOT / "tests" / "upgrade.yml"
NOTES = ROOT / "docs" / "upgrading.md"
COLLECTION = Path("ansible_collections", "connectly", "shared_infrastructure")


def commits() -> dict[str, str]:
    """By version, the oldest first: the commit of each release that is recorded."""
    recorded = yaml.safe_load(COMMITS.read_text(encoding="utf-8"))["releases"]
    return {version: recorded[version] for version in sorted(recorded, key=SemanticVersion)}


def unrecorded() -> list[str]:
    """Releases after the last recorded one, but for the one that this checkout is: its commit is not made yet."""
    last = SemanticVersion(list(commits())[-1])
    released = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]
    this = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    return [version for version in released if SemanticVersion(version) > last and version != this]


def check_out(version: str, folder: Path) -> Path:
    """The tree of a release, as a collection that Ansible finds below `folder`; skips where this clone lacks it."""
    commit = commits()[version]
    tree = folder / COLLECTION
    tree.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(_archive(version, commit))) as archive:
        archive.extractall(tree, filter="data")
    return tree


def _archive(version: str, commit: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        pytest.skip(f"git is not on the PATH: it gives the tree of release {version}")
    # Not a repository that the project merely lies in, nor one that a hook of git names.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_CEILING_DIRECTORIES"] = str(ROOT.parent)
    run = subprocess.run(
        [git, "-C", str(ROOT), "archive", "--format=tar", commit], capture_output=True, env=environment, check=False
    )
    if run.returncode:
        reason = run.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        pytest.skip(
            f"this checkout has no commit {commit[:7]}, which is release {version} (a shallow clone has not, "
            f"`git fetch --unshallow` gets it): {reason}"
        )
    return run.stdout


def noted(version: str) -> set[str]:
    """What the notes say that the first plan after an upgrade from a release shows, as "type property"."""
    text = NOTES.read_text(encoding="utf-8")
    sections = dict(zip(*[iter(re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:])] * 2, strict=True))
    rows = sections["From every version"] + sections[f"From {version}"]
    return {
        f"{kind} {name}" for kind, name in re.findall(r"^\| `([a-z0-9_]+)` \| `([a-z0-9_]+)` \|", rows, re.MULTILINE)
    }
