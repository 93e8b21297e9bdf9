"""Whatever an ansible-core changes of what running a module inside its worker relies on, a task comes to the same, in a
process of its own.

On ansible-core 2.21 every module wrote to AWS and then failed: "'UnifiedTaskResult' object has no attribute 'pop'".
"""

from __future__ import annotations

import ast
import json
import os
import sys
from pathlib import Path

import pytest
import yaml
from helpers.site import empty_site
from support.playbook import CALLBACKS

BREAKING = Path(__file__).with_name("callback_plugins")
AS_IT_IS = "as it is"
AFTER_MAIN = "_parse_returned_data: fails after main()"
IN_CHECK_MODE = "_update_module_args: without effect"
OWN_PROCESS = "Using module file"  # what ansible-core says of one with -vvv


def breaks() -> list[str]:
    """The names in the plugin, read without running it: it belongs into Ansible."""
    tree = ast.parse((BREAKING / "broken_core.py").read_text())
    found = next(node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "BREAKS")
    return [key.value for key in found.keys]


BREAKS = breaks()


def task(number: int, name: str) -> dict:
    options = {"deployment": f"case-{number:02}", "alias": f"case-{number:02}"}
    broken = {} if name == AS_IT_IS else {"broken": name}
    check = {"check_mode": True} if name == IN_CHECK_MODE else {}
    environment = {"AWS_REGION": "eu-west-1"}
    return {
        "name": name,
        "connectly.shared_infrastructure.kms_key": options,
        "environment": environment,
        "vars": broken,
        "ignore_errors": True,
        **check,
    }


@pytest.fixture(scope="module")
def run(emulator, tmp_path_factory):
    """One run with a task for each change, each with a deployment of its own."""
    tasks = [task(number, name) for number, name in enumerate([AS_IT_IS, *BREAKS])]
    interpreter = {"ansible_python_interpreter": sys.executable}
    play = {
        "name": "Play",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": interpreter,
        "tasks": tasks,
    }
    path = tmp_path_factory.mktemp("play") / "play.yml"
    path.write_text(yaml.safe_dump([play]), encoding="utf-8")
    with empty_site(emulator) as site:
        plugins = {"ANSIBLE_CALLBACK_PLUGINS": os.pathsep.join(map(str, (CALLBACKS, BREAKING)))}
        result = site.run(path, "localhost,", "-vvv", env=plugins)
        yield result, site.proxy.writes()


def shown(run, name: str) -> str:
    """What the run shows of one task."""
    return run.stdout.partition(f"TASK [{name}]")[2].partition("TASK [")[0]


def plain(result: dict) -> dict:
    """What was done and shown, without the name of the deployment."""
    deployment = result["invocation"]["module_args"]["deployment"]
    kept = {name: result[name] for name in ("changed", "summary", "diff")}
    return {"names": sorted(result), **json.loads(json.dumps(kept).replace(deployment, "case"))}


def test_as_it_is_the_module_runs_in_the_worker(run):
    result, _ = run
    assert OWN_PROCESS not in shown(result, AS_IT_IS)


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_not_known_is_not_used(run, name):
    result, writes = run
    done, as_it_is = result.one(name), result.one(AS_IT_IS)
    assert done.status == "ok", done.result.get("msg")
    assert plain(done.result) == plain(as_it_is.result)
    assert "logs.eu-west-1.amazonaws.com" in json.dumps(done.result["diff"])
    assert (OWN_PROCESS in shown(result, name)) == (name != AFTER_MAIN)
    deployment = done.result["invocation"]["module_args"]["deployment"]
    created = [call for call in writes if call.name == "kms:CreateKey" and deployment in json.dumps(call.params)]
    assert len(created) == (name != IN_CHECK_MODE)


def test_nothing_is_said_about_it(run):
    result, _ = run
    assert "WARNING" not in result.assert_ok().output
