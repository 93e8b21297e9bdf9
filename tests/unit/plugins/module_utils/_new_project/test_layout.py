"""Which templates go where, and with which values: what Terraform reads comes from the contract."""

from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._new_project import layout
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    CONTRACT,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    TYPES as CONTRACT_TYPES,
)
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._project_templates import render
from support.playbook import ROOT

PLACES = yaml.safe_load((ROOT / "roles/new_project/defaults/main.yml").read_text())["new_project_places"]


def params(**changes):
    base = {
        "project": "user-service",
        "team": "backend",
        "org": "connectly",
        "environments": ["dev"],
        "data_source": "ssm",
    }
    return {**base, "variants": ["terraform", "ansible"], "places": PLACES, **changes}


def test_trees_of_each_environment():
    found = [(tree.source, tree.target) for tree in layout.trees(params(environments=["dev", "prod"]))]
    assert found == [
        ("project", ""),
        ("environment", "environments/dev"),
        ("terraform", "environments/dev"),
        ("terraform_ecs", "environments/dev"),
        ("ansible", "environments/dev/ansible"),
        ("environment", "environments/prod"),
        ("terraform", "environments/prod"),
        ("terraform_ecs", "environments/prod"),
        ("ansible", "environments/prod/ansible"),
    ]


def test_variants():
    assert [tree.source for tree in layout.trees(params(variants=["ansible"]))] == ["project", "environment", "ansible"]


def test_without_a_cluster_nothing_of_it_is_read():
    (values,) = {
        id(tree.values): tree.values for tree in layout.trees(params(org="wealist", environments=["prod"]))[1:]
    }.values()
    assert not values["has_ecs"]
    assert {output["name"] for output in values["used"]} == {"vpc_id", "vpc_cidr", "private_subnet_ids", "kms_key_arn"}
    assert values["state_key"] == "prod/user-service/terraform.tfstate"


def regions(**changes):
    """The region that each generated Terraform file of dev names."""
    place = {**PLACES[0], **changes}
    written = render(
        ROOT / "roles/new_project/templates", layout.trees(params(places=[place], data_source="remote_state"))
    )
    files = {name: f"environments/dev/{name}.tf" for name in ("backend", "data", "versions")}
    return {name: re.findall(r'region +(?:= |=)"(.*)"', written[path]) for name, path in files.items()}


def test_terraform_looks_for_states_where_their_bucket_is():
    assert regions() == {name: ["ap-northeast-2"] for name in ("backend", "data", "versions")}
    assert regions(state_region="us-east-1") == {
        "backend": ["us-east-1"],
        "data": ["us-east-1"],
        "versions": ["ap-northeast-2"],
    }


def test_paths_and_types_are_those_of_the_contract():
    used = {output["name"]: output for output in layout.trees(params())[1].values["used"]}
    assert used["private_subnet_ids"]["path"] == CONTRACT.outputs["private_subnet_ids"].path
    assert (
        used["private_subnet_ids"]["expression"]
        == 'split(",", data.aws_ssm_parameter.shared["private_subnet_ids"].insecure_value)'
    )
    assert used["vpc_id"]["expression"] == 'data.aws_ssm_parameter.shared["vpc_id"].insecure_value'


@pytest.mark.parametrize("name", [*layout.USED, *layout.USED_WITH_ECS, *layout.USED_WITHOUT_ECS])
def test_outputs_that_are_used_exist(name):
    assert name in CONTRACT.outputs


def test_every_type_of_the_contract_can_be_read():
    assert set(layout.SSM_EXPRESSIONS) == set(CONTRACT_TYPES)
