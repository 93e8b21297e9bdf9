"""The contract is what spec and consumers know, its values survive the way through SSM, and its page says the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.declarations import (
    OUTPUTS,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.layers import (
    LAYER_NAMES,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    CONTRACT,
    TYPES,
    Contract,
    did_you_mean,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.values import (
    decode,
    encode,
    ssm_type,
    value_problem,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.version import (
    COLLECTION_VERSION,
)

ROOT = Path(__file__).resolve().parents[6]

# What existing consumers read. A change here breaks them; additions to the contract need no line here.
PUBLISHED = """
vpc_id vpc/id string network
vpc_cidr vpc/cidr string network
public_subnet_ids subnets/public/ids list network
private_subnet_ids subnets/private/ids list network
database_subnet_ids subnets/database/ids list network
internet_gateway_id internet-gateway/id string network
nat_gateway_ids nat-gateways/ids list network
nat_public_ips nat-gateways/public-ips list network
alb_security_group_id security-groups/alb/id string network
ecs_tasks_security_group_id security-groups/ecs-tasks/id string network
rds_security_group_id security-groups/rds/id string network
elasticache_security_group_id security-groups/elasticache/id string network
ecs_cluster_id ecs/cluster/id string ecs
ecs_cluster_arn ecs/cluster/arn string ecs
ecs_cluster_name ecs/cluster/name string ecs
rds_subnet_group_name rds/subnet-group/name string data
rds_subnet_group_id rds/subnet-group/id string data
elasticache_subnet_group_name elasticache/subnet-group/name string data
rds_endpoint rds/endpoint string data
rds_master_user_secret_arn rds/master-user-secret/arn string data
redis_endpoint redis/endpoint string data
redis_auth_token_secret_arn redis/auth-token-secret/arn string data
logs_bucket_id s3/logs/id string storage
logs_bucket_arn s3/logs/arn string storage
alb_logs_bucket_id s3/alb-logs/id string storage
backup_bucket_id s3/backup/id string storage
backup_bucket_arn s3/backup/arn string storage
s3_bucket_name s3/storage/name string storage
ecr_repository_urls ecr/repository-urls map registry
kms_key_id kms/key/id string kms
kms_key_arn kms/key/arn string kms
"""


@pytest.mark.parametrize("line", PUBLISHED.split("\n")[1:-1])
def test_what_consumers_read_stays(line):
    name, path, kind, layer = line.split()
    output = CONTRACT.outputs[name]
    assert (output.path, output.type, output.layer) == (path, kind, layer)


@pytest.mark.parametrize(
    "name",
    [
        "vpc_id",
        "private_subnet_ids",
        "ecs_cluster_arn",
        "kms_key_id",
        "logs_bucket_id",
        "nat_public_ips",
        "nat_gateway_ids",
    ],
)
def test_ids_and_addresses_are_identity(name):
    assert CONTRACT.outputs[name].identity


@pytest.mark.parametrize("output", CONTRACT.outputs.values(), ids=lambda output: output.name)
def test_entries_are_well_formed(output):
    assert output.type in TYPES and re.fullmatch(r"[a-z0-9_]+", output.name)
    assert re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)+", output.path) and not output.path.startswith("manifest/")
    assert output.description.endswith(".") and re.fullmatch(r"\d+\.\d+\.\d+", output.since)
    if output.deprecated:
        assert {"since", "removal"} <= set(output.deprecated) <= {"since", "removal", "replacement"}
        assert output.deprecated.get("replacement", output.name) in CONTRACT.outputs


def test_layers_are_the_roles_that_have_outputs():
    assert set(CONTRACT.layers) == set(LAYER_NAMES)
    specs = yaml.safe_load((ROOT / "roles/outputs/meta/argument_specs.yml").read_text())["argument_specs"]
    for entry in ("main", "load"):
        assert sorted(specs[entry]["options"]["outputs_load_layers"]["choices"]) == sorted(CONTRACT.layers)


def test_names_and_paths_are_unique():
    with pytest.raises(ValueError):
        Contract([*OUTPUTS, {**OUTPUTS[0], "name": "another"}])


def test_the_version_is_the_collection_s():
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == COLLECTION_VERSION


def test_the_reference_page_is_rendered_from_the_contract():
    run = subprocess.run(
        [sys.executable, "scripts/render_contract.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    page = (ROOT / "docs/reference/outputs.md").read_text()
    assert all(f"`{output.name}` | `{output.path}` | {output.type}" in page for output in CONTRACT.outputs.values())


def test_a_stale_page_is_found(tmp_path):
    """The check compares with the file, so a changed description fails it."""
    for part in ("scripts/render_contract.py", "scripts/common.py", "docs/reference/outputs.md"):
        target = tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((ROOT / part).read_text())
    contract = tmp_path / "plugins/module_utils/_publishing/contract"
    contract.mkdir(parents=True)
    for source in (ROOT / "plugins/module_utils/_publishing/contract").glob("*.py"):
        (contract / source.name).write_text(source.read_text().replace("The VPC's id.", "Another text."))
    run = subprocess.run(
        [sys.executable, "scripts/render_contract.py", "--check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1 and "+| `vpc_id` | `vpc/id` | string | yes | 0.1.0 | Another text. |" in run.stderr


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", "a,b", "a,b"),
        ("list", ["a", "b"], "a,b"),
        ("list", ["a"], "a"),
        ("map", {"b": "2", "a": "é"}, '{"a":"\\u00e9","b":"2"}'),
        ("number", 5, "5"),
        ("number", 0, "0"),
        ("number", 1.5, "1.5"),
        ("bool", True, "true"),
        ("bool", False, "false"),
    ],
)
def test_values_survive_the_round_trip(kind, value, text):
    assert value_problem(kind, value) == ""
    assert encode(kind, value) == text
    back = decode(kind, text)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("string", "", "empty"),
        ("string", None, "empty"),
        ("string", ["a"], "a text is allowed, not a list"),
        ("string", 5, "a text is allowed, not a number"),
        ("list", [], "empty"),
        ("list", "a,b", "a list of texts is allowed, not a text"),
        ("list", ["a,b"], "comma"),
        ("list", ["a", ""], "not empty"),
        ("list", [1], "texts"),
        ("map", {}, "empty"),
        ("map", {"a": 1}, "texts"),
        ("map", ["a"], "a dictionary of texts is allowed, not a list"),
        ("number", "5", "a number is allowed, not a text"),
        ("number", True, "a number is allowed, not a boolean"),
        ("bool", "true", "true or false is allowed, not a text"),
    ],
)
def test_wrong_values_are_named(kind, value, problem):
    assert problem in value_problem(kind, value)


@pytest.mark.parametrize(("kind", "text"), [("map", "["), ("map", "[]"), ("number", "x"), ("bool", "1")])
def test_texts_of_another_type_are_not_decoded(kind, text):
    with pytest.raises(ValueError):
        decode(kind, text)


def test_a_list_is_a_string_list():
    assert [ssm_type(kind) for kind in TYPES] == ["String", "StringList", "String", "String", "String"]


def test_the_closest_match():
    assert did_you_mean("vcp_id", CONTRACT.outputs) == "did you mean vpc_id?"
    assert did_you_mean("zzz", ["a", "b"]) == "there are a, b"


def test_deprecation_names_the_versions_and_the_replacement():
    entry = {**OUTPUTS[0], "deprecated": {"since": "0.2.0", "removal": "1.0.0", "replacement": "main_vpc_id"}}
    text = Contract([entry]).outputs["vpc_id"].deprecation
    assert text == "output vpc_id is deprecated since 0.2.0 and goes with 1.0.0; use main_vpc_id"
    assert Contract(OUTPUTS).outputs["vpc_id"].deprecation == ""
