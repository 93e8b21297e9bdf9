"""A run that leaves the guard out, whatever way, is refused by the first task that would write; nothing is made."""

from __future__ import annotations

import sys

import pytest
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.layers import (
    LAYER_NAMES,
)
from helpers.inventories import dev_with
from helpers.site import messages
from support.playbook import ROOT
from support.spread import every_case, spread

REFUSAL = (
    "The guard has not passed in this run for deployment connectly-dev in region ap-northeast-2. Nothing was changed; "
    "run "
)
WRONG_ACCOUNT = {"shared_infrastructure_account_id": '"999999999999"'}
STATE = {
    "shared_infrastructure_state_bucket": "dev-connectly",
    "shared_infrastructure_state_key": "connectly-shared/dev/terraform.tfstate",
}
CACHE = {"data_redis_enabled": True}
ROTATION = "playbooks/rotate_redis_auth_token.yml"

ENTRIES = {
    "start at a layer": ("site.yml", "--start-at-task", "Key and alias"),
    "start at the publisher": ("site.yml", "--start-at-task", "Publish"),
    "start at the Terraform state": ("site.yml", "--start-at-task", "Publish the Terraform state"),
    "start after the account": ("playbooks/network.yml", "--start-at-task", "VPC*"),
    "skip what runs always": ("site.yml", "--skip-tags", "always"),
    "skip what runs always, without the localhost": ("site.yml", "--skip-tags", "always", "--limit", "connectly-dev"),
    "one tag, and skip what runs always": ("playbooks/site.yml", "--tags", "network", "--skip-tags", "always"),
    "start at the rotation": (ROTATION, "--start-at-task", "Rotate"),
    "rotate, and skip what runs always": (ROTATION, "--skip-tags", "always"),
    **{f"the part of {layer} itself": ("playbooks/parts/layer.yml", "-e", f"__layer={layer}") for layer in LAYER_NAMES},
    "the publisher's part itself": ("playbooks/parts/publish.yml",),
    "in check mode": ("site.yml", "--start-at-task", "Key and alias", "--check", "--diff"),
}
# One of each way in: a layer, the publisher, tags, another playbook, a file of playbooks/parts.
IN_MAKE_TEST = (
    *("start at a layer", "start at the publisher", "skip what runs always", "start at the rotation"),
    *("the part of network itself", "in check mode"),
)


def assert_refused(site, result, says=REFUSAL) -> str:
    """One line, a failed run, and an account that nobody wrote to."""
    assert result.rc != 0, f"rc 0; written: {site.writes()}"
    assert site.writes() == []
    (message,) = messages(result)
    assert message.startswith(says) and "\n" not in message, message
    assert len([line for line in result.output.splitlines() if line.startswith("[ERROR]")]) == 1, result.output
    return message


def assert_nothing_exists(site) -> None:
    assert site.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"] == []
    assert [key for key in site.client("kms").list_aliases()["Aliases"] if "connectly" in key["AliasName"]] == []
    assert site.client("s3").list_buckets()["Buckets"] == []
    assert site.client("ssm").describe_parameters()["Parameters"] == []
    assert site.snapshot("connectly-dev") == {}


def refused_and_empty(site, folder, entry, account):
    inventory = dev_with(folder, {**STATE, **CACHE, **account, "shared_infrastructure_layers": list(LAYER_NAMES)})
    playbook, *arguments = ENTRIES[entry]
    assert_refused(site, site.run(playbook, inventory, *arguments))
    assert_nothing_exists(site)


@pytest.mark.parametrize("entry", spread(ENTRIES, IN_MAKE_TEST))
def test_a_run_without_its_guard_makes_nothing_in_a_wrong_account(site, tmp_path, entry):
    refused_and_empty(site, tmp_path / "dev", entry, WRONG_ACCOUNT)


@pytest.mark.parametrize(
    "entry",
    spread(["start at a layer", "skip what runs always", "the part of network itself"], ["skip what runs always"]),
)
def test_a_run_without_its_guard_makes_nothing_in_the_right_account(site, tmp_path, entry):
    refused_and_empty(site, tmp_path / "dev", entry, {})


def test_a_guard_that_is_not_told_the_names_does_not_pass(site, tmp_path):
    start = ("--start-at-task", "Check account, region, availability zones and names")
    assert_refused(site, site.run("site.yml", dev_with(tmp_path / "dev", {}), *start))
    assert site.proxy.calls == []


def test_a_lock_is_not_cleared_without_the_guard(site, tmp_path):
    inventory = dev_with(tmp_path / "dev", {**STATE, **WRONG_ACCOUNT})
    result = site.run(
        "playbooks/unlock.yml",
        inventory,
        "--start-at-task",
        "Clear the lock",
        "-e",
        "lock_id=9b76d0d7-ed29-af14-64bb-53d296c60eb7",
    )
    assert_refused(site, result, "The guard has not passed in this run for region ap-northeast-2. Nothing was changed")
    assert site.proxy.calls == []


def test_a_module_in_a_process_of_its_own_refuses_as_well(site, tmp_path):
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    inventory = dev_with(tmp_path / "dev", WRONG_ACCOUNT)
    result = site.run(
        "site.yml", inventory, "--start-at-task", "Key and alias", "-e", f"ansible_python_interpreter={wrapper}"
    )
    assert_refused(site, result)
    assert site.proxy.calls == []


def test_a_guard_that_failed_has_not_passed(site, tmp_path):
    """A play that goes on after the guard failed, as a clumsy playbook of somebody's may, with our layer behind it."""
    guard = {
        "connectly.shared_infrastructure.deployment_guard": {
            "deployment": "connectly-dev",
            "account_id": "999999999999",
        }
    }
    play = {
        "name": "A guard that is ignored",
        "hosts": "shared_infrastructure",
        "gather_facts": False,
        "environment": {"AWS_REGION": site.emulator.region},
        "tasks": [{"name": "Guard", **guard, "register": "__guard", "ignore_errors": True}],
    }
    path = tmp_path / "clumsy.yml"
    layer = {"import_playbook": str(ROOT / "playbooks" / "parts" / "layer.yml"), "vars": {"__layer": "kms"}}
    path.write_text(yaml.safe_dump([play, {"name": "KMS", **layer}]))
    result = site.run(path, "dev")
    assert result.rc != 0 and site.writes() == []
    assert messages(result)[-1].startswith(REFUSAL)


def test_localhost_left_out_is_guarded_all_the_same(site, tmp_path):
    """As AWX runs it: --limit names the deployment alone."""
    inventory = dev_with(tmp_path / "dev", WRONG_ACCOUNT)
    result = site.run("site.yml", inventory, "--limit", "connectly-dev")
    assert "use those of 999999999999" in assert_refused(site, result, "Nothing was changed")
    assert_nothing_exists(site)


@pytest.mark.parametrize(
    ("playbook", "limit"),
    [
        ("site.yml", "connectly-dev"),
        pytest.param("site.yml", "connectly-dev,localhost", marks=every_case),
        pytest.param("playbooks/network.yml", "all:!localhost", marks=every_case),
        ("playbooks/unlock.yml", "connectly-dev"),
    ],
)
def test_two_deployments_are_counted_whatever_the_limit(site, playbook, limit):
    result = site.run(playbook, ["dev", "prod"], "--limit", limit)
    assert_refused(site, result, "The inventory ")
    assert (
        "holds 2 deployments in the group shared_infrastructure (connectly-dev, connectly-prod)" in messages(result)[0]
    )
    assert site.proxy.calls == []


def test_two_deployments_are_refused_without_the_count_too(site):
    """--start-at-task in the middle of the guard leaves out what counts them."""
    task = "Check account, region, availability zones and names"
    result = site.run("site.yml", ["dev", "prod"], "--limit", "connectly-dev", "--start-at-task", task)
    assert_refused(site, result)


@pytest.mark.parametrize(
    "entry",
    [
        ("playbooks/kms.yml",),
        pytest.param(("site.yml", "--tags", "network"), marks=every_case),
        ("site.yml", "--limit", "connectly-dev"),
        pytest.param(("playbooks/site.yml",), marks=every_case),
    ],
    ids=["a layer's playbook", "a tag", "a limit", "the site"],
)
def test_a_run_with_its_guard_builds_as_ever(site, entry):
    """Runs last: each builds on what the one before it made. What is converged asks for no account beside the guard."""
    playbook, *arguments = entry
    site.run(playbook, "dev", *arguments).assert_ok()
    again = site.run(playbook, "dev", *arguments).assert_ok()
    assert again.changed == 0 and site.writes() == []
