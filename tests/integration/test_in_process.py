"""A module gives the same result inside Ansible's worker and in a process of its own, and its long waits are shown.

Every module that talks to AWS also runs once in a process of its own, where it has what Ansible packed and no more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml
from helpers.site import empty_site
from support.emulator import Emulator
from support.playbook import ROOT

COLLECTION = "connectly.shared_infrastructure"
OWN_PROCESS = "Using module file"  # what ansible-core says of one with -vvv

KEY = {
    "name": "Key",
    "connectly.shared_infrastructure.kms_key": {"deployment": "acme-dev", "alias": "acme"},
    "register": "result",
}
NETWORK = {
    "deployment": "acme-dev",
    "name": "acme",
    "vpc_cidr": "10.8.0.0/16",
    "availability_zones": ["ap-northeast-2a"],
    "tiers": [{"key": "public", "type": "public", "prefix_length": 24, "index": 0}],
    "nat_gateway_mode": "single",
    "security_groups": [],
}
STATE = {"bucket": "acme-state", "lock_table": "acme-lock"}
# Their actions do everything; the modules hold the documentation.
ON_THE_CONTROLLER = {"check_inputs", "project_files"}
ALONE = {
    "data_stores": {
        "deployment": "acme-dev",
        "name": "acme",
        "subnet_ids": ["subnet-known-after-apply.private/a", "subnet-known-after-apply.private/b"],
        "kms_key_arn": "arn:aws:kms:ap-northeast-2:123456789012:key/known-after-apply.main",
        "rds_enabled": True,
        "rds_security_group_ids": ["sg-known-after-apply.rds"],
        "redis_enabled": True,
        "redis_security_group_ids": ["sg-known-after-apply.elasticache"],
    },
    "deployment_guard": {"deployment": "acme-dev", "ssm_prefix": "/acme/dev", "state_backend": STATE},
    "ecr_repositories": {"deployment": "acme-dev", "repositories": [{"name": "api"}]},
    "ecs_cluster": {"deployment": "acme-dev", "name": "acme"},
    "elasticache_auth_token_rotation": {"deployment": "acme-dev", "replication_group_id": "acme"},
    "kms_key": {"deployment": "acme-dev", "alias": "acme"},
    "network": NETWORK,
    "s3_buckets": {"deployment": "acme-dev", "buckets": [{"key": "logs", "name": "acme-logs", "encryption": "AES256"}]},
    "ssm_outputs": {"deployment": "acme-dev", "prefix": "/acme/dev", "outputs": {"vpc_id": "vpc-1"}},
    "ssm_outputs_info": {"prefix": "/acme/dev"},
    "terraform_state_outputs": {"deployment": "acme-dev", "key": "a.tfstate", "outputs": {"vpc_id": "vpc-1"}, **STATE},
    "terraform_state_unlock": {"state_keys": ["a.tfstate"], **STATE},
}
"""The options of each, in check mode on an empty account."""
ANSWERS = {
    "elasticache_auth_token_rotation": "there is no replication group acme",
    "terraform_state_unlock": "ResourceNotFoundException) when calling the GetItem operation",
}
"""What those say, after AWS was asked, that fail on an empty account."""


def play(tmp_path: Path, *tasks: dict, defaults: dict | None = None, **variables) -> Path:
    path = tmp_path / "play.yml"
    content = {
        "name": "Play",
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars": variables,
        "module_defaults": defaults or {},
        "tasks": list(tasks),
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
    network = {"name": "Network", "connectly.shared_infrastructure.network": NETWORK}
    with Emulator.start_own(env={"EMULATED_NAT_GATEWAY_SECONDS": "9"}) as slow:
        result = run_playbook(
            play(tmp_path, network, ansible_python_interpreter=sys.executable), None, env=slow.environment()
        ).assert_ok()
    assert "waiting for nat_gateway ap-northeast-2a to be ready" in result.stdout


def test_a_module_whose_action_plugin_is_shared_gets_the_defaults_of_its_own_name_and_of_its_groups(
    run_playbook, proxy, tmp_path
):
    """And runs in the worker. The defaults of the module that the action plugin is named for are not its own."""
    defaults = {
        f"group/{COLLECTION}.aws": {"region": "eu-west-1"},
        f"group/{COLLECTION}.guarded": {
            "guard": {"deployment": "acme-dev", "region": "eu-west-1", "account_id": "123456789012"}
        },
        f"{COLLECTION}.ecs_cluster": {"name": "by-default"},
        f"{COLLECTION}.kms_key": {"alias": "not-for-a-cluster"},
    }
    task = {"name": "Cluster", f"{COLLECTION}.ecs_cluster": {"deployment": "acme-dev"}, "check_mode": True}
    path = play(tmp_path, task, defaults=defaults, ansible_python_interpreter=sys.executable)
    result = run_playbook(path, None, "-vvv").assert_ok()
    arguments = result.one("Cluster", action="ecs_cluster").result["invocation"]["module_args"]
    assert (arguments["region"], arguments["name"], "alias" in arguments) == ("eu-west-1", "by-default", False)
    assert arguments["guard"]["deployment"] == "acme-dev"
    assert OWN_PROCESS not in result.stdout


@pytest.fixture(scope="module")
def alone(emulator, tmp_path_factory):
    """One run of all modules, each in a process of its own."""
    tasks = [
        {"name": f"{module} alone", f"{COLLECTION}.{module}": options, "check_mode": True, "ignore_errors": True}
        for module, options in ALONE.items()
    ]
    folder = tmp_path_factory.mktemp("alone")
    with empty_site(emulator) as site:
        result = site.run(play(folder, *tasks, ansible_python_interpreter=own_process(folder)), "localhost,", "-vvv")
        assert not site.writes(), "\n".join(site.writes())
    assert result.stdout.count(OWN_PROCESS) == len(ALONE), result.explain()
    return result


def test_every_module_that_talks_to_aws_has_run_alone():
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py")}
    assert ALONE.keys() == modules - ON_THE_CONTROLLER, "give a new module its options in ALONE"


@pytest.mark.parametrize("module", ALONE)
def test_everything_that_a_module_needs_is_packed_with_it(alone, module):
    task = alone.one(f"{module} alone")
    message = str(task.result.get("msg"))
    if module in ANSWERS:
        assert ANSWERS[module] in message
    else:
        assert task.status == "ok", message
