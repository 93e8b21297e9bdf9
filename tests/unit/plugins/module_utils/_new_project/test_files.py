"""What happens to each file of a project, whatever was made of it: created, updated, left."""

from __future__ import annotations

import json
import stat

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._new_project import files

OLD = {"README.md": "old\n", "environments/dev/main.tf": "old\n"}
NEW = {"README.md": "new\n", "environments/dev/main.tf": "new\n"}
FOLDERS = ("", "environments/dev")


def run(root, wanted):
    """({path: action kind}, whether anything was written)"""
    recorded = files.read_manifest(root)
    actions = files.plan(root, wanted, recorded, FOLDERS)
    written = files.apply(root, wanted, recorded, actions)
    return {action.path: action.kind for action in actions}, written


def recorded(root):
    return json.loads((root / files.MANIFEST).read_text())["files"]


def test_created_found_again_updated(tmp_path):
    assert run(tmp_path, OLD) == (dict.fromkeys(OLD, "create"), True)
    assert run(tmp_path, OLD) == ({}, False)
    assert run(tmp_path, NEW) == (dict.fromkeys(OLD, "update"), True)
    assert (tmp_path / "environments/dev/main.tf").read_text() == "new\n"
    assert run(tmp_path, NEW) == ({}, False)


def test_planning_writes_nothing(tmp_path):
    actions = files.plan(tmp_path / "project", OLD, {}, FOLDERS)
    assert [action.status for action in actions] == ["planned", "planned"]
    assert list(tmp_path.iterdir()) == []


def test_changed_file_is_left_for_ever_and_named(tmp_path):
    run(tmp_path, OLD)
    (tmp_path / "README.md").write_text("mine\n")
    assert run(tmp_path, OLD) == ({"README.md": "keep"}, False)
    for _ in range(2):
        kinds, _written = run(tmp_path, NEW)
        assert kinds["README.md"] == "keep"
        assert (tmp_path / "README.md").read_text() == "mine\n"
    actions = files.plan(tmp_path, NEW, files.read_manifest(tmp_path), FOLDERS)
    assert "-mine\n+new\n" in actions[0].as_dict()["difference"]
    assert "new version was not written" in actions[0].reason


def test_what_was_taken_over_by_hand_is_ours_again(tmp_path):
    run(tmp_path, OLD)
    (tmp_path / "README.md").write_text("mine\n")
    run(tmp_path, NEW)
    (tmp_path / "README.md").write_text("new\n")
    assert run(tmp_path, NEW) == ({}, True)
    assert recorded(tmp_path)["README.md"] == files.checksum(b"new\n")
    assert run(tmp_path, OLD)[0]["README.md"] == "update"


def test_foreign_file_is_left_and_not_recorded(tmp_path):
    (tmp_path / "README.md").write_text("mine\n")
    assert run(tmp_path, OLD)[0] == {"README.md": "keep", "environments/dev/main.tf": "create"}
    assert "README.md" not in recorded(tmp_path)


def test_killed_before_the_manifest(tmp_path):
    """Files that a killed run wrote are found as wanted and recorded by the next."""
    (tmp_path / "README.md").write_text("old\n")
    assert run(tmp_path, OLD)[0] == {"environments/dev/main.tf": "create"}
    assert set(recorded(tmp_path)) == set(OLD)


def test_failure_half_way_records_what_was_written(tmp_path, monkeypatch):
    real = files.write

    def write(path, text):
        if path.name == "main.tf":
            raise files.FilesError("disk full")
        real(path, text)

    monkeypatch.setattr(files, "write", write)
    actions = files.plan(tmp_path, OLD, {}, FOLDERS)
    with pytest.raises(files.FilesError):
        files.apply(tmp_path, OLD, {}, actions)
    assert [action.status for action in actions] == ["done", "failed"]
    assert set(recorded(tmp_path)) == {"README.md"}


def test_removed_file_is_written_again(tmp_path):
    run(tmp_path, OLD)
    (tmp_path / "README.md").unlink()
    assert run(tmp_path, OLD) == ({"README.md": "create"}, True)


def test_what_is_no_longer_generated_is_reported_and_stays(tmp_path):
    run(tmp_path, {**OLD, "environments/dev/gone.tf": "x", "environments/prod/main.tf": "x"})
    assert run(tmp_path, OLD) == ({"environments/dev/gone.tf": "report"}, False)
    assert (tmp_path / "environments/dev/gone.tf").exists()


def test_links_and_folders_in_the_way_are_left(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("theirs")
    root = tmp_path / "project"
    (root / "environments").mkdir(parents=True)
    (root / "environments/dev").symlink_to(outside)
    (root / "README.md").symlink_to(outside / "file")
    assert run(root, OLD)[0] == dict.fromkeys(OLD, "keep")
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"file": "theirs"}

    (root / "README.md").unlink()
    (root / "README.md").mkdir()
    assert run(root, OLD)[0] == dict.fromkeys(OLD, "keep")


@pytest.mark.parametrize("content", ["<<<<<<< HEAD\n", "[]", '{"files": []}', '{"files": {"a": 1}}'])
def test_damaged_manifest_stops_everything(tmp_path, content):
    (tmp_path / files.MANIFEST).write_text(content)
    with pytest.raises(files.FilesError, match="nothing was written"):
        files.read_manifest(tmp_path)


def test_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "project").write_text("")
    with pytest.raises(files.FilesError, match="cannot be a folder"):
        files.read_manifest(tmp_path / "project")


def test_mode_of_an_updated_file_is_kept(tmp_path):
    run(tmp_path, OLD)
    (tmp_path / "README.md").chmod(0o640)
    run(tmp_path, NEW)
    assert stat.S_IMODE((tmp_path / "README.md").stat().st_mode) == 0o640


def test_no_temporary_files_stay(tmp_path):
    run(tmp_path, OLD)
    run(tmp_path, NEW)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"README.md", "main.tf", files.MANIFEST}
