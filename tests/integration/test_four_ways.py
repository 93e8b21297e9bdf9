"""Every output of the contract, read four ways from one publication, is the same:

AWS CLI, Terraform, lookup, ssm_outputs_info.
"""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    CONTRACT,
)
from support.emulator import Emulator
from support.module import run_module
from support.playbook import program, run_environment
from support.requires import requires_terraform

PREFIX = "/acme/dev"
BUCKET, KEY, TABLE = "acme-state", "acme/dev/terraform.tfstate", "acme-lock"
SAMPLES = {
    "string": lambda name: f"{name}-value-0123",
    "list": lambda name: [f"{name}-a", f"{name}-b", f"{name}-c"],
    "map": lambda name: {"prod/api": f"{name}/api", "prod/web": f"{name}/web"},
    "number": lambda name: 42,
    "bool": lambda name: True,
}
OUTPUTS = {output.name: SAMPLES[output.type](output.name.replace("_", "-")) for output in CONTRACT.outputs.values()}


@pytest.fixture(scope="module")
def published():
    """A moto with the whole contract published as the outputs role does it."""
    with Emulator.start_own() as emulator:
        common = {"deployment": "acme-dev", "outputs": OUTPUTS}
        run_module("ssm_outputs", {**common, "prefix": PREFIX}, emulator.endpoint_url)
        run_module(
            "terraform_state_outputs",
            {**common, "bucket": BUCKET, "key": KEY, "lock_table": TABLE},
            emulator.endpoint_url,
        )
        yield emulator


def test_ssm_outputs_info(published):
    assert run_module("ssm_outputs_info", {"prefix": PREFIX}, published.endpoint_url)["outputs"] == OUTPUTS


def test_the_aws_cli(published):
    command = [program("aws"), "ssm", "get-parameters-by-path", "--path", PREFIX, "--recursive", "--output", "json"]
    answer = subprocess.run(
        command, env=run_environment(published.environment()), capture_output=True, text=True, check=True
    )
    values = {
        item["Name"].removeprefix(f"{PREFIX}/"): item["Value"] for item in json.loads(answer.stdout)["Parameters"]
    }
    for output in CONTRACT.outputs.values():
        text = values[output.path]
        # What consumers do with the text: split(",", value) for lists, jsondecode(value) for maps.
        read = text.split(",") if output.type == "list" else json.loads(text) if output.type == "map" else text
        assert read == OUTPUTS[output.name], output.path


def test_the_lookup(published, run_playbook, tmp_path):
    names = {
        name: f"{{{{ lookup('connectly.shared_infrastructure.output', '{name}', prefix='{PREFIX}') }}}}"
        for name in OUTPUTS
    }
    names["everything"] = f"{{{{ lookup('connectly.shared_infrastructure.output', '*', prefix='{PREFIX}') }}}}"
    task = {"name": "Read", "ansible.builtin.debug": {"msg": names}}
    (tmp_path / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8"
    )
    result = (
        run_playbook(tmp_path / "play.yml", None, env=published.environment()).assert_ok().one("Read").result["msg"]
    )
    assert result.pop("everything") == OUTPUTS
    assert result == OUTPUTS


@requires_terraform
def test_terraform(published, tmp_path):
    config = f"""
data "terraform_remote_state" "shared" {{
  backend = "s3"
  config = {{
    bucket                      = "{BUCKET}"
    key                         = "{KEY}"
    region                      = "ap-northeast-2"
    dynamodb_table              = "{TABLE}"
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
  }}
}}

output "everything" {{
  value = data.terraform_remote_state.shared.outputs
}}
"""
    (tmp_path / "main.tf").write_text(config, encoding="utf-8")
    environment = {**run_environment(published.environment()), "PATH": os.environ["PATH"], "TF_IN_AUTOMATION": "1"}
    for command in (["init", "-input=false"], ["apply", "-input=false", "-auto-approve"]):
        done = subprocess.run(
            ["terraform", *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    answer = subprocess.run(
        ["terraform", "output", "-json", "everything"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout) == OUTPUTS
