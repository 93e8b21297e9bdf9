"""A module gives the same result inside Ansible's worker and in a process of its own, and its long waits are shown."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml
from support.emulator import Emulator

KEY = {
    "name": "Key",
    "connectly.shared_infrastructure.kms_key": {"deployment": "acme-dev", "alias": "acme"},
    "register": "result",
}


def play(tmp_path: Path, task: dict, **variables) -> Path:
    path = tmp_path / "play.yml"
    content = {
        "name": "Play",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": variables,
        "tasks": [task],
    }
    path.write_text(yaml.safe_dump([content]), encoding="utf-8")
    return path


def own_process(tmp_path: Path) -> str:
    """Another name of the same Python: to Ansible another interpreter, in which the module gets a process of its
    own.
    """
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    return str(wrapper)


def test_both_ways_give_the_same(account, proxy, run_playbook, tmp_path):
    inside = run_playbook(play(tmp_path, KEY, ansible_python_interpreter=sys.executable), None).assert_ok()
    made = inside.one("Key").result
    account.reset()
    outside = run_playbook(play(tmp_path, KEY, ansible_python_interpreter=own_process(tmp_path)), None).assert_ok()
    other = outside.one("Key").result
    assert made["changed"] and [item["type"] for item in made["actions"]] == ["kms_key", "kms_alias"]
    assert made.keys() == other.keys()
    assert made["summary"] == other["summary"] and made["diff"] == other["diff"]
    assert made["invocation"]["module_args"].keys() == other["invocation"]["module_args"].keys()


def test_check_mode_and_environment_arrive(account, proxy, run_playbook, tmp_path):
    task = {**KEY, "check_mode": True, "environment": {"AWS_REGION": "eu-west-1"}}
    result = (
        run_playbook(play(tmp_path, task, ansible_python_interpreter=sys.executable), None)
        .assert_ok()
        .one("Key")
        .result
    )
    assert result["changed"] and proxy.writes() == []
    assert "logs.eu-west-1.amazonaws.com" in str(result["diff"])


def test_a_failure_is_one_line_without_a_traceback(account, run_playbook, tmp_path):
    task = {**KEY, "connectly.shared_infrastructure.kms_key": {"deployment": "acme-dev", "alias": "alias/acme"}}
    result = run_playbook(play(tmp_path, task, ansible_python_interpreter=sys.executable), None)
    result.assert_failed("leave out the prefix alias/")
    assert "Traceback" not in result.stdout + result.stderr


def test_a_long_wait_is_shown(run_playbook, tmp_path):
    options = {
        "deployment": "acme-dev",
        "name": "acme",
        "vpc_cidr": "10.8.0.0/16",
        "availability_zones": ["ap-northeast-2a"],
        "tiers": [{"key": "public", "type": "public", "prefix_length": 24, "index": 0}],
        "nat_gateway_mode": "single",
        "security_groups": [],
    }
    network = {"name": "Network", "connectly.shared_infrastructure.network": options}
    with Emulator.start_own(env={"EMULATED_NAT_GATEWAY_SECONDS": "9"}) as slow:
        result = run_playbook(
            play(tmp_path, network, ansible_python_interpreter=sys.executable), None, env=slow.environment()
        ).assert_ok()
    assert "waiting for nat_gateway ap-northeast-2a to be ready" in result.stdout
