"""See that the molecule scenarios can fail: `try_breaks.py [part of a break's name]`.

Makes each mistake of molecule/breaks.yml in a copy of the project, runs its scenario there on moto, and looks for what
should have been printed. About half a minute each, so no part of `make test`: for whoever changes the scenarios.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from common import CACHE, ROOT, VENV, StepError, copy_checkout, main, say
from emulator import client_settings, free_port
from run_tests import test_environment
from setup_venv import COLLECTION


def copy_project(collections: Path) -> Path:
    """The project as it stands, as a collection that goes before the environment's own."""
    project = copy_checkout(collections.joinpath("ansible_collections", *COLLECTION))
    (project / ".venv").symlink_to(VENV)
    # Molecule looks for its configuration at the root of a repository.
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    return project


def run_scenario(project: Path, collections: Path, scenario: str) -> str:
    port = free_port()
    environment = test_environment() | client_settings(port) | {
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "EMULATOR": "moto",
        "MOLECULE_COMMAND_BORDERS": "false",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(collections / "ephemeral"),
        "COLUMNS": "2000",
    }  # fmt: skip
    command = [str(VENV / "bin" / "molecule"), "test", "-s", scenario]
    run = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return f"rc={run.returncode}\n{run.stdout}{run.stderr}"


def try_break(entry: dict[str, str]) -> bool:
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"), prefix="break-") as folder:
        project = copy_project(Path(folder))
        file = project / entry["file"]
        text = file.read_text()
        if text.count(entry["find"]) != 1:
            raise StepError(
                f"{entry['name']}: {entry['file']} holds {entry['find']!r} {text.count(entry['find'])} times; "
                "it must be once"
            )
        file.write_text(text.replace(entry["find"], entry["replace"]))
        output = run_scenario(project, Path(folder), entry["scenario"])
    # Ansible folds long lines.
    caught = not output.startswith("rc=0") and "".join(entry["caught"].split()) in "".join(output.split())
    if not caught:
        log = CACHE / "logs" / f"break-{entry['name'].replace(' ', '-')}.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(output)
        say(f"    not caught as expected, see {log.relative_to(ROOT)}")
    return caught


def body() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    entries = [
        entry for entry in yaml.safe_load((ROOT / "molecule" / "breaks.yml").read_text()) if wanted in entry["name"]
    ]
    missed = 0
    for entry in entries:
        started = time.monotonic()
        caught = try_break(entry)
        missed += not caught
        say(
            f"{'caught' if caught else 'MISSED'}  {entry['scenario']:18} {entry['name']} "
            f"({time.monotonic() - started:.0f} s)"
        )
    say(f"{len(entries) - missed} of {len(entries)} caught")
    return 1 if missed or not entries else 0


if __name__ == "__main__":
    main(body)
