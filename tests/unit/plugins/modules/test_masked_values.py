"""What Ansible masked, or would mask, in the result of a module: refused where it is published, repaired where it
was.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import (
    is_masked,
    would_be_masked,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.protection import (
    losses,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm import (
    manifest as manifests,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    comparison,
    document,
)
from support.module import ModuleFailed, run_module

PREFIX = "/connectly-shared/dev"
NAMES = {"ecs_cluster_name": "connectly-quiet", "ecs_cluster_id": "arn:aws:ecs:::cluster/connectly-quiet"}
MASKED = {name: value.replace("quiet", "********") for name, value in NAMES.items()}
BACKEND = {"bucket": "dev-connectly", "key": "connectly-shared/dev/terraform.tfstate", "lock_timeout": 0}


def publish(account, outputs, module="ssm_outputs", **options):
    where = BACKEND if module == "terraform_state_outputs" else {"prefix": PREFIX}
    return run_module(
        module, {"deployment": "connectly-dev", **where, "outputs": outputs, **options}, account.proxy.endpoint_url
    )


def refused(account, text, *arguments, **options):
    account.proxy.clear()
    with pytest.raises(ModuleFailed, match=text) as failure:
        publish(account, *arguments, **options)
    assert account.proxy.writes() == [] and "\n" not in failure.value.result["msg"]
    return failure.value.result["msg"]


def damage(account, *paths):
    """Mask published parameters, and the manifest with a digest that fits, as version 0.1.0 did."""
    ssm = account.client("ssm")
    for path in (*paths, "manifest"):
        text = ssm.get_parameter(Name=f"{PREFIX}/{path}")["Parameter"]["Value"].replace("quiet", "********")
        if path == "manifest":
            whole = json.loads(text)
            outputs = manifests.flat({layer: part["outputs"] for layer, part in whole["layers"].items()})
            text = json.dumps({**whole, "digest": manifests.digest(outputs)})
        ssm.put_parameter(Name=f"{PREFIX}/{path}", Value=text, Overwrite=True)


def manifest(account):
    return manifests.parse(
        {"manifest": account.client("ssm").get_parameter(Name=f"{PREFIX}/manifest")["Parameter"]["Value"]}
    )


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("connectly-shared-********", True),
        ("VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", True),
        (["a", "arn:aws:ecs:::cluster/********"], True),
        ({"********": "a"}, True),
        ({"a": {"b": ["********"]}}, True),
        ("arn:aws:s3:::bucket/*", False),
        ([{"a": None, "b": 3, "c": True}], False),
    ],
)
def test_what_has_been_masked(value, masked):
    assert is_masked(value) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("connectly-quiet", True),
        ("quiet", True),
        ({"a": ["x", "quiet"]}, True),
        (("quiet",), True),
        (1234, False),
        ("", False),
        (("a",), False),
    ],
)
def test_what_would_be_masked(value, masked):
    assert would_be_masked(value, {"quiet"}) == masked


@pytest.mark.parametrize("module", ["ssm_outputs", "terraform_state_outputs"])
def test_a_masked_value_is_not_published(account, module):
    message = refused(account, "outputs.ecs_cluster_name has been masked", MASKED, module)
    assert "outputs.ecs_cluster_id has been masked; Ansible wrote ******** there in place of a secret" in message
    assert account.proxy.calls == [], "AWS was asked although the input is known to be wrong"
    refused(
        account,
        "outputs.ecs_cluster_name has been masked",
        {"ecs_cluster_name": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
        module,
    )


def test_a_masked_parameter_of_another_team_is_not_published(account):
    for value in ({"value": "api-********"}, {"secret_value": "********", "type": "SecureString"}):
        refused(account, r"parameters\[0\].*value has been masked", {}, parameters=[{"path": "api/token", **value}])


@pytest.mark.parametrize("module", ["ssm_outputs", "terraform_state_outputs"])
@pytest.mark.parametrize("option", ["secret_key", "session_token"])
def test_credentials_whose_secret_is_part_of_a_value_publish_nothing(account, module, option):
    message = refused(
        account,
        "Refused, nothing was changed: a secret.* is part of output ecs_cluster_name, output ecs_cluster_id",
        NAMES,
        module,
        **{option: "quiet"},
    )
    assert "quiet" not in message


def test_a_secret_that_is_another_parameter_hides_no_output(account):
    token = {"path": "api/token", "type": "SecureString", "secret_value": "quiet", "layer": "ecs"}
    refused(account, "is part of output ecs_cluster_name", NAMES, parameters=[token])


def test_a_layer_is_not_built_whose_names_would_be_masked(account):
    with pytest.raises(
        ModuleFailed, match=r"Refused, nothing was changed: a secret.* is part of output ecs_cluster_name"
    ) as failure:
        run_module(
            "ecs_cluster",
            {"deployment": "acme-dev", "name": "acme-quiet", "secret_key": "quiet"},
            account.proxy.endpoint_url,
        )
    assert account.proxy.writes() == [] and not failure.value.result["changed"]


def test_an_id_that_aws_chooses_is_not_handed_on_masked(account):
    options = {"deployment": "acme-dev", "alias": "acme"}
    # The third group of every random UUID begins with 4, which no plan can know.
    with pytest.raises(
        ModuleFailed, match=r"All was applied, but nothing of it is handed on: a secret.* is part of output kms_key_id"
    ) as failure:
        run_module("kms_key", {**options, "secret_key": "-4"}, account.proxy.endpoint_url)
    assert failure.value.result["changed"] and "outputs" not in failure.value.result
    again = run_module("kms_key", options, account.proxy.endpoint_url)
    assert not again["changed"] and not is_masked(again["outputs"])


def test_readers_get_no_masked_value(account):
    publish(account, {**NAMES, "vpc_id": "vpc-1"})

    def read(**options):
        return run_module("ssm_outputs_info", {"prefix": PREFIX, **options}, account.proxy.endpoint_url)

    with pytest.raises(ModuleFailed, match=r"a secret.* is part of output ecs_cluster_id, output ecs_cluster_name"):
        read(secret_key="quiet")
    damage(account, "ecs/cluster/name", "ecs/cluster/id")
    for require in ("auto", "false"):
        with pytest.raises(
            ModuleFailed, match=f"output ecs_cluster_id, ecs_cluster_name under {PREFIX} is damaged: it holds"
        ):
            read(require_manifest=require)
    assert read(names=["vpc_id"])["outputs"] == {"vpc_id": "vpc-1"}, "what is good can be read"


@pytest.mark.parametrize("overwrite", [True, False])
def test_the_next_publication_repairs_what_was_masked(account, overwrite):
    publish(account, NAMES)
    damage(account, "ecs/cluster/name", "ecs/cluster/id")
    publish(account, {"vpc_id": "vpc-1"})
    assert set(manifest(account).outputs) == {"vpc_id"}, "the other layer's masked values are not written again"
    assert publish(account, NAMES, overwrite=overwrite)["changed"]
    assert {name: item["value"] for name, item in manifest(account).outputs.items()} == {**NAMES, "vpc_id": "vpc-1"}
    assert (
        account.client("ssm").get_parameter(Name=f"{PREFIX}/ecs/cluster/name")["Parameter"]["Value"]
        == "connectly-quiet"
    )
    assert not publish(account, NAMES)["changed"]
    refused(account, "consumers hold the value of output ecs_cluster_name", {**NAMES, "ecs_cluster_name": "other"})


def test_a_masked_value_is_nothing_that_consumers_hold():
    assert losses(MASKED, NAMES, []) == losses(MASKED, {}, []) == []
    state = document.Document(document.typed(MASKED), serial=1, lineage="x")
    found = comparison.differences(state, NAMES, allow_changes=frozenset(), overwrite=False)
    assert [(item.path, item.after, item.refusal) for item in found] == [
        (f"outputs.{name}", NAMES[name], "") for name in sorted(NAMES)
    ]
