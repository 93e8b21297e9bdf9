"""What contributors are given calls the Makefile and nothing beside it, and each set of requirements holds the one
below it.
"""

from __future__ import annotations

import itertools
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from support.playbook import ROOT

LOCKS = ("controller", "demo", "test")
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def targets() -> set[str]:
    names = re.findall(r"^([a-z][a-z -]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return {target for line in names for target in line.split()}


def steps() -> list[str]:
    """Every command of the workflow, with each value of its job's matrix."""
    commands = []
    for job in yaml.safe_load(WORKFLOW.read_text())["jobs"].values():
        values = job.get("strategy", {}).get("matrix", {}).get("part", [""])
        runs = [step["run"] for step in job["steps"] if "run" in step]
        commands += [run.replace("${{ matrix.part }}", value) for run in runs for value in values]
    return commands


def hooks() -> list[str]:
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [entry["repo"] for entry in configuration["repos"]] == ["local"], (
        "a hook of another repository would be downloaded"
    )
    return [hook["entry"] for entry in configuration["repos"] for hook in entry["hooks"]]


@pytest.mark.parametrize("command", [*steps(), *hooks()])
def test_contributors_run_targets_of_the_makefile(command):
    program, target, *_arguments = command.split()
    assert program == "make" and target in targets(), f"{command}: the Makefile has no such target"


def test_the_public_workflow_runs_every_part_of_the_suite():
    listed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "make test " in listed and "make test-all " in listed
    assert {command.split()[1] for command in steps()} == {
        "lint",
        "unit",
        "sanity",
        "integration",
        "molecule",
        "matrix",
    }


@pytest.mark.parametrize(
    "form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.name
)
def test_issue_forms_are_yaml_with_a_body(form):
    content = yaml.safe_load(form.read_text())
    assert form.name == "config.yml" or {"name", "description", "body"} <= set(content)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / "requirements" / f"{name}.lock").read_text()))


def test_each_set_of_requirements_holds_the_one_below_it():
    for below, above in itertools.pairwise(LOCKS):
        missing = {name: version for name, version in pins(below).items() if pins(above).get(name) != version}
        assert not missing, f"requirements/{above}.lock has other versions than {below}.lock"


def test_a_controller_needs_what_an_execution_environment_takes():
    wanted = (ROOT / "requirements" / "controller.in").read_text()
    assert "-r ../meta/requirements.txt" in wanted
    listed = {
        re.split(r"[<>=~! ]", line)[0]
        for line in Path(ROOT, "meta", "requirements.txt").read_text().splitlines()
        if line[:1].isalpha()
    }
    assert listed <= set(pins("controller"))


def test_the_package_of_all_collections_is_installed_nowhere():
    for name in LOCKS:
        assert "ansible" not in pins(name), f"requirements/{name}.lock installs 500 MB of collections that nothing uses"
