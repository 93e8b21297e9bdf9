"""Apply one inventory to the running emulator and show what it published (called by `make demo`, with .venv's Python)."""

from __future__ import annotations

import argparse
import os
import subprocess

import boto3
from common import ROOT, VENV, StepError, main, say
from emulator import client_environment, client_settings

VALUE_WIDTH = 100


def apply_site(environment_name: str, environment: dict[str, str]) -> None:
    command = ["ansible-playbook", "site.yml", "-i", f"inventories/{environment_name}"]
    say(f"\n$ {' '.join(command)}")
    if subprocess.run([str(VENV / "bin" / command[0]), *command[1:]], cwd=ROOT, env=environment, check=False).returncode:
        raise StepError("the site run failed: its messages are above")


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
    port_option = "" if port == 4566 else f" EMULATOR_PORT={port}"
    other = "dev" if environment_name == "prod" else "prod"
    say(f"""
{environment_name} is up on {client_settings(port)["AWS_ENDPOINT_URL"]}.

  Look at it:     . .venv/bin/activate && eval "$(make -s demo-env{port_option})"
                  aws ssm get-parameters-by-path --path {prefix} --recursive --query 'Parameters[].[Name,Value]' --output table
                  aws ec2 describe-vpcs
  Run it again:   ansible-playbook site.yml -i {environment_name}          (add --check --diff to see the plan)
  Apply {other}:   make demo ENV={other}{port_option}
  Stop:           make demo-stop{port_option}""")


def body() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--prefix", help="where the deployment publishes")
    options = parser.parse_args()
    environment = client_environment(options.port)
    os.environ.clear()
    os.environ.update(environment)
    apply_site(options.env, environment)
    prefix = options.prefix or f"/connectly-shared/{options.env}"
    parameters = published_parameters(prefix)
    if not parameters:
        raise StepError(f"the run succeeded, but published nothing under {prefix}")
    show_outputs(parameters)
    show_next_steps(options.env, prefix, options.port)


main(body)
