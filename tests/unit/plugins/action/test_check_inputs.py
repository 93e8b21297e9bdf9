"""The action check_inputs with Ansible's own templates and loader, in this process: no playbook is run."""

from __future__ import annotations

import re
import textwrap
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.connectly.shared_infrastructure.plugins.action.check_inputs import ActionModule, _load
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils import _origins
from support.playbook import ROOT

SITE = {"role": "shared_infrastructure", "specification": str(ROOT / "playbooks/parts/argument_specs.yml")}
DEPLOYMENT = """
    shared_infrastructure_deployment: acme-dev
    shared_infrastructure_environment: dev
    shared_infrastructure_region: ap-northeast-2
    shared_infrastructure_ssm_prefix: /acme/dev
    shared_infrastructure_required_tags: []
    kms_deployment: "{{ shared_infrastructure_deployment }}"
    kms_tags: "{{ shared_infrastructure_tags | default({}) }}"
    kms_alias: "{{ shared_infrastructure_deployment }}-{{ shared_infrastructure_environment }}"
    ecs_deployment: "{{ shared_infrastructure_deployment }}"
    ecs_tags: "{{ shared_infrastructure_tags | default({}) }}"
    ecs_name: acme
"""
SET_FOR_ALL = {
    "shared_infrastructure_deployment": ["kms_deployment", "ecs_deployment"],
    "shared_infrastructure_tags": ["kms_tags", "ecs_tags"],
}


@pytest.fixture
def check(tmp_path):
    """Run the action with these variables, as YAML, and these options; the result and its message in parts."""

    def run(variables: str, inventory: dict | None = None, **options):
        path = tmp_path / "hosts.yml"
        path.write_text(textwrap.dedent(variables).lstrip())
        loader = DataLoader()
        known = {
            **_load(loader, str(path)),
            "ansible_inventory_sources": [str(path)],
            "inventory_hostname": "acme",
            "hostvars": {"acme": inventory or {}},
        }
        task = SimpleNamespace(args=options, async_val=0, check_mode=False, action="check_inputs")
        connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=str(tmp_path)))
        action = ActionModule(task, connection, None, loader, Templar(loader, variables=known), None)
        result = action.run(task_vars=known)
        message = result.get("msg", "")
        assert bool(message) == bool(result.get("failed")) and "\n" not in message
        assert not message or message.startswith("Bad input, nothing was changed: ")
        parts = message.removeprefix("Bad input, nothing was changed: ").split(" | ") if message else []
        result["parts"] = [re.sub(r" \((set|missing) in [^)]*\)", "", part) for part in parts]
        return result

    return run


ALIAS = {"type": "kms_alias", "layer": "kms", "variable": "kms_alias", "names": ["alias/acme-dev-dev"]}
CLUSTER = {"type": "ecs_cluster", "layer": "ecs", "variable": "ecs_name", "names": ["acme"]}


def test_right_inputs_of_several_roles_and_only_the_names_of_them_in_the_result(check):
    result = check(DEPLOYMENT, **SITE, roles=["kms", "ecs"], near_misses_of=["kms"], set_for_all_layers=SET_FOR_ALL)
    assert result == {"parts": [], "names": [ALIAS, CLUSTER]}


def test_a_layer_that_is_not_checked_wants_no_name(check):
    assert check(DEPLOYMENT, **SITE, roles=["ecs"])["names"] == [CLUSTER]


def test_a_layer_alone_wants_its_own_names(check):
    assert check("{ecs_deployment: acme-dev, ecs_name: acme}", role="ecs")["names"] == [CLUSTER]


def test_wrong_inputs_have_no_names(check):
    assert "names" not in check("{ecs_deployment: acme-dev, ecs_name: 'a b'}", role="ecs")


def test_all_findings_of_all_roles_come_in_one_message(check):
    variables = """
        shared_infrastructure_region: seoul
        kms_rotation_period_days: 30
        ecs_container_insights: off
        network_deployment: acme
        network_name: acme
        network_tiers: [{key: a, type: public}, {key: b, type: privat}]
        netwrok_vpc_cidr: 10.0.0.0/16
    """
    result = check(
        DEPLOYMENT + textwrap.indent(textwrap.dedent(variables), "    "),
        **SITE,
        roles=["kms", "network", "ecs"],
        near_misses_of=["kms", "network", "ecs"],
    )
    assert result["parts"] == [
        "shared_infrastructure_region is 'seoul'; a region is written like ap-northeast-2",
        "netwrok_vpc_cidr is not a variable of this collection; did you mean network_vpc_cidr?",
        "kms_rotation_period_days is 30; allowed are 90 to 2560 days",
        "network_tiers[1].type is 'privat'; must be one of public, private, isolated",
        "ecs_container_insights is False; must be one of disabled, enabled, enhanced, but YAML reads this as a boolean "
        "(no, off, yes and on are booleans); put it in quotes",
    ]


@pytest.mark.skipif(_origins.Origin is None, reason="ansible-core remembers places since 2.19")
def test_findings_name_file_and_line(check, tmp_path):
    result = check(
        """
        network_deployment: acme
        network_name: acme
        network_nat_gateway_mode: many
        network_tiers:
          - {key: a, type: public, prefix_length: 24, index: 0}
          - key: b
            prefix_length: none
        """,
        role="network",
    )
    hosts = tmp_path / "hosts.yml"
    assert result["msg"].split(": ", 1)[1].split(" | ") == [
        f"network_tiers[1].prefix_length is 'none' (set in {hosts}:7:20); must be an integer, not a string",
        f"network_tiers[1].type is required (missing in {hosts}:6:5); must be one of public, private, isolated",
        f"network_nat_gateway_mode is 'many' (set in {hosts}:3:27); must be one of none, single, per_az",
    ]


def test_roles_are_checked_with_their_defaults(check):
    """data_rds_max_allocated_storage is 100 by default."""
    variables = """
        data_deployment: acme
        data_name: acme
        data_subnet_ids: [subnet-0a1b2c3d, subnet-4e5f6071]
        data_rds_allocated_storage: "{{ 50 * 2 }}"
    """
    expected = "data_rds_max_allocated_storage is 100; allowed are 0 (no autoscaling) or 110"
    (found,) = check(DEPLOYMENT + textwrap.indent(textwrap.dedent(variables), "    "), **SITE, roles=["data"])["parts"]
    assert found.startswith(expected)


def test_a_variable_that_sets_those_of_all_roles_is_named_itself_and_once(check):
    tags = "    shared_infrastructure_tags: {'aws:x': y}\n"
    result = check(DEPLOYMENT + tags, **SITE, roles=["kms", "ecs"], set_for_all_layers=SET_FOR_ALL)
    assert result["parts"] == [
        "shared_infrastructure_tags.aws:x is 'aws:x'; the prefixes aws: and connectly: are reserved"
    ]


def test_what_follows_from_a_missing_variable_is_not_said(check):
    without = DEPLOYMENT.replace("    shared_infrastructure_deployment: acme-dev\n", "")
    result = check(without, **SITE, roles=["kms", "ecs"], set_for_all_layers=SET_FOR_ALL)
    assert result["parts"] == ["shared_infrastructure_deployment is required; must be a string"]


def test_a_variable_that_cannot_be_computed(check):
    result = check(DEPLOYMENT + '    kms_description: "{{ nobody }}\'s"\n', **SITE, roles=["kms"])
    (found,) = result["parts"]
    assert found.startswith("kms_description cannot be computed; ") and "'nobody' is undefined" in found


def test_wrong_layers_are_a_finding_and_no_fault_of_the_task(check):
    layers = "    shared_infrastructure_layers: [kms, netwrok]\n"
    assert check(DEPLOYMENT + layers, **SITE, roles=["kms", "netwrok", {"a": 1}])["parts"] == [
        "shared_infrastructure_layers[1] is 'netwrok'; must be one of kms, network, storage, registry, ecs, data"
    ]


def test_what_the_playbooks_set_is_not_read_from_the_inventory(check):
    result = check(DEPLOYMENT, inventory={"kms_tags": {}}, **SITE, roles=["kms"], set_for_all_layers=SET_FOR_ALL)
    assert result["parts"] == [
        "kms_tags is not read from the inventory; the playbooks set it for all layers; set shared_infrastructure_tags"
    ]


def test_a_secret_is_in_no_message(check):
    result = check(
        """
        outputs_deployment: acme
        outputs_prefix: /acme
        outputs_parameters: [{path: a, type: SecureString, secret_value: 4711}]
        """,
        role="outputs",
    )
    assert result["parts"][0].startswith("outputs_parameters[0].secret_value is not valid; must be a string, but YAML")
    assert "4711" not in str(result)


def test_another_entry_point(check):
    assert check("outputs_prefix: acme", role="outputs", entry_point="load")["parts"][0].startswith("outputs_prefix is")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "check_inputs: role is required; must be a string"),
        ({"role": "kms", "entry_pont": "x"}, "entry_pont is not an option; did you mean entry_point?"),
        ({"role": "kms", "roles": "network"}, "check_inputs: roles is 'network'; must be a list, not a string"),
        ({"role": "netwrok"}, "check_inputs: this collection has no role netwrok"),
        ({"role": "outputs", "entry_point": "laod"}, "no argument spec for the entry point laod of outputs"),
    ],
)
def test_wrong_options_of_the_task(check, options, says):
    with pytest.raises(AnsibleActionFail, match=re.escape(says)):
        check(DEPLOYMENT, **options)


def test_a_role_that_does_not_exist(check):
    with pytest.raises(AnsibleActionFail, match="check_inputs: this collection has no role netwrok"):
        check("kms_deployment: acme\nkms_alias: acme", role="kms", roles=["netwrok"])
