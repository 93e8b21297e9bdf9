"""An environment holds what its lock names: one of an older version is made anew, and of the package `ansible` two
collections are taken.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest
import setup_venv
from base_collections import extract_collections
from common import StepError

LEFT_BEHIND = "lib/python3.11/site-packages/left_behind.py"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "ansible-12.3.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "amazon/aws/COPYING",
            "amazon/aws/MANIFEST.json",
            "amazon/aws/plugins/modules/new.py",
            "amazon/aws_other/x.py",
            "awx/awx/x.py",
        ):
            archive.writestr(f"ansible_collections/{name}", "")
        archive.writestr("ansible-12.3.0.dist-info/METADATA", "")
    return path


def test_a_collection_is_taken_whole_and_alone(wheel, tmp_path):
    site_packages = tmp_path / "site-packages"
    old = site_packages / "ansible_collections/amazon/aws/plugins/modules/old.py"
    old.parent.mkdir(parents=True)
    old.touch()
    extract_collections(wheel, ["amazon.aws"], site_packages)
    files = {
        str(path.relative_to(site_packages / "ansible_collections"))
        for path in site_packages.rglob("*")
        if path.is_file()
    }
    assert files == {"amazon/aws/COPYING", "amazon/aws/MANIFEST.json", "amazon/aws/plugins/modules/new.py"}


def test_a_package_without_the_collection_is_an_error_that_names_both(wheel, tmp_path):
    with pytest.raises(StepError, match=r"ansible-12\.3\.0.* does not contain the collection community\.aws"):
        extract_collections(wheel, ["community.aws"], tmp_path)


@pytest.fixture
def environment(tmp_path, monkeypatch) -> Path:
    """An environment beside the real locks, in which nothing is really installed."""
    environment = tmp_path / ".venv"

    def make_venv(folder: Path, _python: str) -> None:
        for path in (*folder.glob(".installed-*"), folder / LEFT_BEHIND):
            path.unlink(missing_ok=True)

    for name, replacement in (("ROOT", tmp_path), ("make_venv", make_venv)):
        monkeypatch.setattr(setup_venv, name, replacement)
    for name in ("run_logged", "install_collections"):
        monkeypatch.setattr(setup_venv, name, lambda *_arguments, **_options: None)
    (environment / LEFT_BEHIND).parent.mkdir(parents=True)
    (environment / LEFT_BEHIND).touch()
    (environment / "bin").mkdir()
    (environment / "bin" / "python").symlink_to(sys.executable)
    return environment


@pytest.mark.parametrize("name", ["runtime", "test"])
def test_an_environment_of_an_older_version_is_made_anew(environment, name):
    (environment / f".installed-{name}").write_text("the hash of a lock of an older version")
    setup_venv.create_environment(environment, sys.executable, "demo")
    assert not (environment / LEFT_BEHIND).exists(), "what an older version installed is still there"
    assert list(setup_venv.stamps(environment)) == ["demo"]


def test_the_tests_build_on_the_environment_of_the_demo(environment):
    setup_venv.create_environment(environment, sys.executable, "demo")
    setup_venv.create_environment(environment, sys.executable, "test")
    assert (environment / LEFT_BEHIND).exists()
    assert set(setup_venv.stamps(environment)) == {"demo", "test"}
