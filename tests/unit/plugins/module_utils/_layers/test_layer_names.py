# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guard asks for the names that the layers then use."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.names import ADAPTERS
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.data import names as data_names
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.layers import (
    DEFAULT_LAYERS,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import CONTRACT

ROOT = Path(__file__).resolve().parents[5]
LAYERS = "ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers"
ACCOUNT = SimpleNamespace(partition="aws", account_id="123456789012")
# What the playbooks set.
KEY_ARN = "arn:aws:kms:::key/known-after-apply.main"
WIRED = {
    "network_flow_logs_kms_key_arn": KEY_ARN,
    "storage_kms_key_arn": KEY_ARN,
    "data_subnet_ids": ["subnet-known-after-apply.a", "subnet-known-after-apply.b"],
}


def variables_of(inventory):
    """Those of the deployment, computed as a playbook would."""
    loader = DataLoader()
    manager = InventoryManager(loader, sources=[str(ROOT / "inventories" / inventory)])
    (host,) = manager.get_hosts("shared_infrastructure")
    variables = VariableManager(loader, manager).get_vars(host=host)
    templar = Templar(loader, variables)
    layers = tuple(f"{layer}_" for layer in CONTRACT.layers)
    return {name: templar.template(value) for name, value in variables.items() if name.startswith(layers)}


def params_of(layer, variables):
    """The options of the layer's module, as its role would give them."""
    specification = yaml.safe_load((ROOT / "roles" / layer / "meta" / "argument_specs.yml").read_text())
    options = specification["argument_specs"]["main"]["options"]
    given = {f"{layer}_deployment": "acme", **WIRED, **variables}
    result = ArgumentSpecValidator(options).validate({name: given[name] for name in options if name in given})
    assert not result.error_messages
    return {name.removeprefix(f"{layer}_"): value for name, value in result.validated_parameters.items()}


def by_type(pairs):
    found = {}
    for kind, name in pairs:
        found.setdefault(kind, []).append(name)
    return {kind: sorted(names) for kind, names in found.items()}


@pytest.mark.parametrize(
    ("inventory", "layers"),
    [
        ("dev", DEFAULT_LAYERS),
        ("prod", DEFAULT_LAYERS),
        ("wealist_prod", ("kms", "network", "storage", "registry", "data")),
    ],
)
def test_the_wanted_names_are_those_of_the_desired_resources(inventory, layers):
    variables = variables_of(inventory)
    asked, used, types = [], [], set()
    for layer in layers:
        params = params_of(layer, variables)
        names, desired, arguments = (
            importlib.import_module(f"{LAYERS}.{layer}.{room}") for room in ("names", "desired", "arguments")
        )
        for entry in names.wanted(params):
            assert entry["variable"] in arguments.ARGUMENTS
            asked += [(entry["type"], name) for name in entry["names"]]
        resources = desired.resources({**params, "region": "ap-northeast-2"}, {}, ACCOUNT)
        named = [resource for resource in resources if resource.type in ADAPTERS]
        used += [(item.type, item.properties.get("name") or item.properties["identifier"]) for item in named]
        types |= {resource.type for resource in named}
    assert by_type(asked) == by_type(used)
    assert {"kms_alias", "s3_bucket", "rds_subnet_group", "elasticache_subnet_group"} <= types


DATA = {
    "name": "acme",
    "rds_engine": "mysql",
    "rds_engine_version": "8.4",
    "redis_engine": "redis",
    "redis_engine_version": "7.1",
    "rds_enabled": True,
    "redis_enabled": True,
    **dict.fromkeys(
        [
            *("rds_identifier", "rds_subnet_group_name", "rds_parameter_group_name", "rds_final_snapshot_identifier"),
            *("redis_identifier", "elasticache_subnet_group_name", "redis_parameter_group_name"),
            *("redis_final_snapshot_name", "redis_auth_token_secret_name"),
            *("rds_skip_final_snapshot", "redis_skip_final_snapshot"),
        ],
        "",
    ),
}


def data_wanted(**options):
    return {entry["type"]: (entry["variable"], *entry["names"]) for entry in data_names.wanted({**DATA, **options})}


def test_a_name_that_is_empty_follows_from_the_layers_and_is_said_to_come_from_there():
    assert data_wanted() == {
        "rds_subnet_group": ("name", "acme"),
        "elasticache_subnet_group": ("name", "acme"),
        "rds_instance": ("name", "acme-mysql"),
        "elasticache_replication_group": ("name", "acme-redis"),
    }


def test_a_name_of_its_own_is_said_to_come_from_its_option():
    assert data_wanted(rds_identifier="orders")["rds_instance"] == ("rds_identifier", "orders")


def test_what_is_switched_off_wants_no_name():
    assert set(data_wanted(rds_enabled=False, redis_enabled=False)) == {"rds_subnet_group", "elasticache_subnet_group"}
