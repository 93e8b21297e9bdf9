"""Ansible masks a secret wherever a module returns it.

A masked name is never published, and one that version 0.1.0 published is repaired.
"""

from __future__ import annotations

import json

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm import (
    manifest as manifests,
)
from helpers.site import messages
from support.emulator import SECRET_KEY
from support.spread import every_case

PREFIX, BUCKET, KEY = "/connectly-shared/test", "test-connectly", "connectly-shared/test/terraform.tfstate"
TEST = {"shared_infrastructure_environment": "test", "shared_infrastructure_layers": ["kms", "ecs"]}
NAME, MASKED = "connectly-shared-test", "connectly-shared-********"


def parameters(account):
    pages = account.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=PREFIX, Recursive=True)
    return {item["Name"].removeprefix(f"{PREFIX}/"): item["Value"] for page in pages for item in page["Parameters"]}


def state(account):
    return json.loads(account.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read())


def damage(account):
    """What version 0.1.0 left with the secret "test": masked parameters, a manifest whose digest is that of masked
    values, a masked state.
    """
    for path, text in parameters(account).items():
        masked = text.replace(NAME, MASKED)
        if path == "manifest":
            document = json.loads(masked)
            outputs = {name: item for part in document["layers"].values() for name, item in part["outputs"].items()}
            masked = json.dumps({**document, "digest": manifests.digest(outputs)})
        account.client("ssm").put_parameter(Name=f"{PREFIX}/{path}", Value=masked, Overwrite=True)
    body = json.dumps(state(account)).replace(NAME, MASKED).encode()
    account.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=body)


def test_a_secret_that_is_part_of_a_name_publishes_nothing(account, proxy, run_playbook):
    for arguments in ((), ("--check",)):
        refused = run_playbook(
            "site.yml", "dev", "-vvv", *arguments, extra_vars=TEST, env={"AWS_SECRET_ACCESS_KEY": "test"}
        )
        assert parameters(account) == {}, "rc 0, and SSM held connectly-shared-********"
        refused.assert_failed(
            "is part of shared_infrastructure_deployment (set in inventories/dev/group_vars/all/deployment.yml:"
        )
        (message,) = messages(refused)
        assert (
            "ecs_name" in message
            and "kms_alias" in message
            and "use credentials whose secret is part of no name" in message
        )
        assert "\n" not in message and "test" not in message
    assert proxy.writes() == []


@every_case
def test_what_was_published_masked_is_repaired(account, run_playbook):
    run_playbook("site.yml", "dev", extra_vars=TEST).assert_ok()
    good, good_state = parameters(account), state(account)
    damage(account)
    assert MASKED in parameters(account)["ecs/cluster/name"] and MASKED in parameters(account)["manifest"]
    assert MASKED in state(account)["outputs"]["ecs_cluster_name"]["value"]

    read = run_playbook("playbooks/show_outputs.yml", "dev", extra_vars={**TEST, "name": "ecs_cluster_name"})
    read.assert_failed(f"output ecs_cluster_name under {PREFIX} is damaged: it holds ********")
    alone = run_playbook("playbooks/kms.yml", "dev", extra_vars=TEST)
    alone.assert_failed("build and publish its layer again (site.yml) to repair it")

    planned = run_playbook("site.yml", "dev", "--check", extra_vars=TEST).assert_ok()
    assert planned.changed
    repaired = run_playbook("site.yml", "dev", "-vvv", extra_vars=TEST).assert_ok()
    assert SECRET_KEY not in repaired.stdout + repaired.stderr
    now = parameters(account)
    assert {path: text for path, text in now.items() if path != "manifest"} == {
        path: text for path, text in good.items() if path != "manifest"
    }
    assert manifests.parse(now).outputs == manifests.parse(good).outputs
    assert state(account)["outputs"] == good_state["outputs"]
    assert run_playbook("site.yml", "dev", extra_vars=TEST).assert_ok().changed == 0
