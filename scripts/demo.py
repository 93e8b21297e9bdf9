"""Apply one inventory to the running emulator and show what it published (called by `make demo`, with .venv's
Python).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess

import boto3
from common import ROOT, VENV, StepError, main, say
from emulator import answering_kind, client_environment, client_settings

VALUE_WIDTH = 100
PREFIX_VARIABLE = "shared_infrastructure_ssm_prefix"


def ansible(program: str, *arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([str(VENV / "bin" / program), *arguments], cwd=ROOT, check=False, **options)


def apply_site(inventory: str) -> None:
    say(f"\n$ ansible-playbook site.yml -i {inventory}")
    if ansible("ansible-playbook", "site.yml", "-i", inventory).returncode:
        raise StepError("the site run failed: its messages are above")


def published_prefix(inventory: str) -> str:
    """Where the inventory publishes its outputs, as Ansible sees it."""
    message = f"msg=prefix:{{{{ {PREFIX_VARIABLE} }}}}:"
    command = ("all", "-i", inventory, "--playbook-dir", ".", "-m", "ansible.builtin.debug", "-a", message)
    answer = ansible("ansible", *command, capture_output=True, text=True)
    found = re.search(r"prefix:(/[^:]+):", answer.stdout)
    if not found:
        raise StepError(f"{inventory} has no {PREFIX_VARIABLE}:\n{answer.stdout}{answer.stderr}")
    return found.group(1)


def published_parameters(prefix: str) -> dict[str, str]:
    """Everything below the prefix, read plainly, as any consumer would."""
    pages = boto3.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=prefix, Recursive=True)
    return {parameter["Name"]: parameter["Value"] for page in pages for parameter in page["Parameters"]}


def show_outputs(parameters: dict[str, str]) -> None:
    width = max(map(len, parameters))
    say(f"\n{'SSM parameter':{width}}  value\n{'-' * width}  {'-' * 40}")
    for name, value in sorted(parameters.items()):
        say(f"{name:{width}}  {value if len(value) <= VALUE_WIDTH else value[: VALUE_WIDTH - 3] + '...'}")


def show_next_steps(environment_name: str, prefix: str, port: int) -> None:
    options = "" if port == 4566 else f" EMULATOR_PORT={port}"
    same_emulator = "" if answering_kind(port) == "moto" else " EMULATOR=localstack"
    other = "dev" if environment_name == "prod" else "prod"
    say(f"""
{environment_name} is up on {client_settings(port)["AWS_ENDPOINT_URL"]}.

  Look at it:     . .venv/bin/activate && eval "$(make -s demo-env{options})"
                  aws ssm get-parameters-by-path --path {prefix} --recursive \\
                    --query 'Parameters[].[Name,Value]' --output table
                  aws ec2 describe-vpcs
  Run it again:   ansible-playbook site.yml -i {environment_name}          (add --check --diff to see the plan)
  {f"Apply {other}:":15} make demo ENV={other}{same_emulator}{options}
  Stop:           make demo-stop{options}""")


def body() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    # Ansible and boto3 below must reach the emulator and nothing else.
    environment = client_environment(options.port)
    os.environ.clear()
    os.environ.update(environment)
    inventory = f"inventories/{options.env}"
    apply_site(inventory)
    prefix = published_prefix(inventory)
    parameters = published_parameters(prefix)
    if not parameters:
        raise StepError(f"the run succeeded, but published nothing under {prefix}")
    show_outputs(parameters)
    show_next_steps(options.env, prefix, options.port)


main(body)
