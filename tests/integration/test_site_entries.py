"""Whatever the entry, the effective variables are the same; a layer alone takes what it needs out of the published
outputs.
"""

from __future__ import annotations

import json
import subprocess

import pytest
from helpers.inventories import dev_with
from helpers.site import empty_site
from support.playbook import ROOT, program, run_environment
from support.spread import every_case

PREFIXES = (
    "shared_infrastructure_",
    "kms_",
    "network_",
    "storage_",
    "registry_",
    "ecs_",
    "data_",
    "outputs_",
    "connectly_",
    "ansible_connection",
)
MODULES = "connectly.shared_infrastructure."
# What says how a module was called rather than what for.
CALL = ("progress_file",)


@pytest.fixture(scope="module")
def site(emulator):
    """connectly's dev, built."""
    with empty_site(emulator) as running:
        running.run("site.yml", "dev").assert_ok()
        yield running


def inventory_variables(*arguments: str, cwd=ROOT) -> dict:
    """The variables of connectly-dev as ansible-inventory shows them."""
    command = [program("ansible-inventory"), "--list", *arguments]
    shown = subprocess.run(command, cwd=cwd, env=run_environment(cwd=cwd), capture_output=True, text=True, check=True)
    return json.loads(shown.stdout)["_meta"]["hostvars"]["connectly-dev"]


def effective(result) -> dict:
    """{module and task: the arguments that it was called with}, of a run."""
    calls = {}
    for task in result.select(action=MODULES):
        arguments = task.result.get("invocation", {}).get("module_args")
        if arguments:
            calls[task.task] = {name: value for name, value in arguments.items() if name not in CALL}
    return calls


def test_the_inventory_is_the_same_by_either_name(tmp_path):
    by_link = inventory_variables("-i", "dev")
    assert (
        by_link
        == inventory_variables("-i", "inventories/dev")
        == inventory_variables("-i", "inventories/dev/hosts.yml")
    )
    assert by_link == inventory_variables("-i", str(ROOT / "dev"), cwd=tmp_path)
    # From the inventory's file, the organisation's, the profile's and everybody's.
    for name in ("network_vpc_cidr", "kms_alias", "ecs_container_insights", "shared_infrastructure_region"):
        assert name in by_link


def test_a_playbook_sees_what_ansible_inventory_shows(site, tmp_path):
    """Also in the folder playbooks/, beside which there are no group_vars, and in a play of another folder."""
    shown = {name for name in inventory_variables("-i", "dev") if name.startswith(PREFIXES)}
    names = json.dumps(sorted(shown))
    task = {
        "name": "Show",
        "ansible.builtin.debug": {"msg": "{{ dict(__names | zip(__names | map('extract', vars))) }}"},
    }
    play = [
        {
            "hosts": "shared_infrastructure",
            "gather_facts": False,
            "vars": {"__names": json.loads(names)},
            "tasks": [task],
        }
    ]
    seen = []
    for inventory in ("dev", "inventories/dev"):
        path = tmp_path / "show.yml"
        path.write_text(json.dumps(play))
        seen.append(site.run(path, inventory).assert_ok().one("Show").result["msg"])
    assert seen[0] == seen[1] and set(seen[0]) == shown
    assert seen[0]["kms_alias"] == "connectly-shared-dev" and seen[0]["network_availability_zones"] == [
        "ap-northeast-2a",
        "ap-northeast-2b",
    ]


def test_every_entry_calls_the_modules_with_the_same_arguments(site):
    """The whole site, its playbook, one tag and one layer's playbook: what the network and the guard get does not
    differ.
    """
    whole = effective(site.run("site.yml", "dev", "--check").assert_ok())
    network = next(name for name in whole if "VPC, subnets" in name)
    guard = next(name for name in whole if "Check account" in name)
    assert whole[network]["vpc_cidr"] == "10.0.0.0/16" and whole[network]["tags"]["Team"] == "platform-infrastructure"
    for playbook, inventory, *arguments in (
        ("playbooks/site.yml", "inventories/dev", "--tags", "network"),
        ("playbooks/network.yml", "dev"),
    ):
        other = effective(site.run(playbook, inventory, "--check", *arguments).assert_ok())
        assert other[network] == whole[network], playbook
        assert other[guard] == whole[guard], playbook
        assert len(other) < len(whole)


@pytest.mark.parametrize(
    "entry",
    [
        ("playbooks/data.yml", "inventories/dev"),
        pytest.param(("site.yml", "dev", "--tags", "data"), marks=every_case),
    ],
    ids=["playbook", "tag"],
)
def test_a_layer_alone_takes_the_others_outputs_from_ssm(site, entry):
    """A change of the data layer alone: its subnets and groups are those that the network published."""
    before = site.snapshot()
    result = site.run(*entry).assert_ok()
    assert result.changed == 0 and site.writes() == [] and site.snapshot() == before
    (arguments,) = [arguments for name, arguments in effective(result).items() if "Databases and caches" in name]
    published = {
        name: site.client("ssm").get_parameter(Name=f"/connectly-shared/dev/{name}")["Parameter"]["Value"]
        for name in ("subnets/private/ids", "kms/key/arn", "security-groups/rds/id")
    }
    assert sorted(arguments["subnet_ids"]) == sorted(published["subnets/private/ids"].split(","))
    assert arguments["kms_key_arn"] == published["kms/key/arn"]
    assert not site.proxy.select("ec2:DescribeVpcs"), "the network layer was asked, although it did not run"


def test_the_network_is_built_alone_where_the_key_is_published(site):
    """With flow logs, which are encrypted with the key that the kms layer published.

    Runs after those that need dev whole.
    """
    site.emulator.reset()
    site.run("playbooks/kms.yml", "dev").assert_ok()
    key = site.client("ssm").get_parameter(Name="/connectly-shared/dev/kms/key/arn")["Parameter"]["Value"]
    site.run("site.yml", "dev", "--tags", "network", extra_vars={"network_flow_logs_enabled": True}).assert_ok()
    (group,) = site.client("logs").describe_log_groups()["logGroups"]
    assert group["kmsKeyId"] == key
    vpc = site.client("ssm").get_parameter(Name="/connectly-shared/dev/vpc/id")["Parameter"]["Value"]
    assert vpc in [found["VpcId"] for found in site.client("ec2").describe_vpcs()["Vpcs"]]
    held = site.snapshot("connectly-dev")
    assert {name.split("/")[1] for name in held["ssm_parameter"]} == {"kms", "network"}
    assert list(held["ssm_manifest"]) == ["connectly-dev/outputs/manifest"]


def test_the_inventory_may_name_subnets_and_keys_of_single_layers(site, tmp_path):
    """Although the playbooks wire them; a date beside them, which is no plain text, changes nothing."""
    key = f"arn:aws:kms:{site.emulator.region}:123456789012:key/mine"
    given = {"data_subnet_ids": ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"], "ecs_kms_key_arn": key}
    inventory = dev_with(tmp_path / "dev", {**given, "connectly_since": "2026-01-01"})
    calls = effective(site.run("site.yml", inventory, "--check"))
    (data,) = (arguments for name, arguments in calls.items() if "subnet_ids" in arguments)
    (ecs,) = (arguments for name, arguments in calls.items() if "execute_command_logging" in arguments)
    assert (data["subnet_ids"], ecs["kms_key_arn"]) == (given["data_subnet_ids"], given["ecs_kms_key_arn"])
    assert data["kms_key_arn"] != ecs["kms_key_arn"]


def test_the_network_alone_says_what_is_missing(site):
    """Without a key that was published, a real run names the layer to apply first; nothing is written."""
    site.emulator.reset()
    result = site.run("playbooks/network.yml", "dev", extra_vars={"network_flow_logs_enabled": True})
    assert result.rc != 0 and site.writes() == []
    (message,) = [str(task.result["msg"]) for task in result.failed_tasks]
    assert (
        "(kms_key_arn arn:aws:kms:::key/known-after-apply.main); apply the layer that provides it" in message
        and "\n" not in message
    )
