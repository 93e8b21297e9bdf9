"""The story of a publisher: planned, published, found again, changed, limited to a layer, throttled, killed, removed.

Read through plain boto3.
"""

from __future__ import annotations

import json

import pytest
from support.answers import Answer
from support.faults import Action, Fault, answer_error, drop_answer, match, throttle
from support.module import ModuleFailed, run_module

PREFIX = "/connectly-shared/dev"
OUTPUTS = {
    "vpc_id": "vpc-1",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "nat_public_ips": ["198.51.100.1"],
    "kms_key_id": "1234abcd",
    "ecr_repository_urls": {"api": "1.dkr.ecr/api", "web": "1.dkr.ecr/web"},
}
OPTIONS = {"deployment": "connectly-dev", "prefix": PREFIX, "tags": {"Team": "platform"}, "outputs": OUTPUTS}
NETWORK = {name: OUTPUTS[name] for name in ("vpc_id", "private_subnet_ids", "nat_public_ips")}


def publish(account, check=False, **options):
    return run_module("ssm_outputs", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def read(account, **options):
    return run_module("ssm_outputs_info", {"prefix": PREFIX, **options}, account.proxy.endpoint_url)


def stored(account, prefix=PREFIX):
    """What plain boto3 sees: {path below the prefix: (type, value)}."""
    pages = (
        account.client("ssm")
        .get_paginator("get_parameters_by_path")
        .paginate(Path=prefix, Recursive=True, WithDecryption=True)
    )
    return {
        item["Name"].removeprefix(prefix + "/"): (item["Type"], item["Value"])
        for page in pages
        for item in page["Parameters"]
    }


def tags(account, path):
    found = account.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=f"{PREFIX}/{path}")[
        "TagList"
    ]
    return {item["Key"]: item["Value"] for item in found}


def manifest(account):
    return json.loads(stored(account)["manifest"][1])


def touched(result):
    return [(item["action"], item["key"]) for item in result["actions"]]


def test_story(account):
    planned = publish(account, check=True)
    assert planned["changed"] and account.proxy.writes() == [] and stored(account) == {}

    made = publish(account)
    assert touched(made) == touched(planned) and made["outputs"] == OUTPUTS
    found = stored(account)
    assert found["vpc/id"] == ("String", "vpc-1")
    assert found["subnets/private/ids"] == ("StringList", "subnet-1,subnet-2")
    assert json.loads(found["ecr/repository-urls"][1]) == OUTPUTS["ecr_repository_urls"]
    assert tags(account, "kms/key/id") == {
        "Team": "platform",
        "connectly:deployment": "connectly-dev",
        "connectly:layer": "kms",
        "connectly:key": "kms/key/id",
    }
    assert account.proxy.writes()[-1].params["Name"] == f"{PREFIX}/manifest", "the manifest is written last"

    account.proxy.clear()
    again = publish(account, source_commit="another")
    assert not again["changed"] and account.proxy.writes() == [] and again["diff"] == []

    more = {**OUTPUTS, "private_subnet_ids": ["subnet-1", "subnet-2", "subnet-3"]}
    changed = publish(account, outputs=more, tags={"Team": "platform", "CostCenter": "1"}, source_commit="abc")
    assert stored(account)["subnets/private/ids"][1] == "subnet-1,subnet-2,subnet-3"
    assert tags(account, "vpc/id")["CostCenter"] == "1" and tags(account, "manifest")["CostCenter"] == "1"
    assert changed["resources"]["ssm_manifest"]["manifest"]["source_commit"] == "abc"
    assert not publish(account, outputs=more, tags={"Team": "platform", "CostCenter": "1"})["changed"]

    assert read(account)["outputs"] == more

    assert publish(account, state="absent", check=True)["changed"] and len(stored(account)) == 6
    assert publish(account, state="absent")["changed"] and stored(account) == {}
    assert not publish(account, state="absent")["changed"]


def test_manifest_holds_the_whole_set(account):
    made = publish(account, source_commit="abc")
    found = manifest(account)
    assert (found["source_commit"], found["deployment"], found["contract_version"]) == ("abc", "connectly-dev", "1.0")
    assert {layer: sorted(part["outputs"]) for layer, part in found["layers"].items()} == {
        "kms": ["kms_key_id"],
        "network": sorted(NETWORK),
        "registry": ["ecr_repository_urls"],
    }
    assert found["layers"]["network"]["outputs"]["private_subnet_ids"] == {
        "type": "list",
        "value": ["subnet-1", "subnet-2"],
    }
    assert made["resources"]["ssm_manifest"]["manifest"]["digest"] == found["digest"]


def test_one_layer_leaves_the_parts_of_others(account):
    publish(account, source_commit="first")
    before = manifest(account)
    publish(account, outputs={**NETWORK, "vpc_cidr": "10.0.0.0/16"}, layers=["network"], source_commit="second")
    after = manifest(account)
    assert after["layers"]["kms"] == before["layers"]["kms"] and after["layers"]["network"]["source_commit"] == "second"
    assert stored(account)["kms/key/id"][1] == "1234abcd" and read(account)["outputs"] == {
        **OUTPUTS,
        "vpc_cidr": "10.0.0.0/16",
    }

    publish(account, state="absent", layers=["network"])
    assert sorted(stored(account)) == ["ecr/repository-urls", "kms/key/id", "manifest"]
    assert sorted(read(account)["outputs"]) == ["ecr_repository_urls", "kms_key_id"]


def test_purge_is_limited_to_the_layer_and_can_be_off(account):
    publish(account, parameters=[{"path": "team/a", "value": "1"}, {"path": "team/b", "value": "2"}])
    kept = publish(account, outputs={}, parameters=[{"path": "team/a", "value": "1"}], purge=False)
    assert not kept["changed"] and [item["reason"] for item in kept["actions"]] == [
        "ours, but no longer declared; kept, since purge is off"
    ]
    assert touched(publish(account, outputs={}, parameters=[{"path": "team/a", "value": "1"}])) == [
        ("delete", "team/b")
    ]
    assert stored(account)["vpc/id"][1] == "vpc-1", "another layer's"


def test_foreign_parameters_survive_and_block(account):
    ssm = account.client("ssm")
    ssm.put_parameter(Name=f"{PREFIX}/other/team", Value="x", Type="String")
    ssm.put_parameter(Name=f"{PREFIX}/vpc/id", Value="vpc-0", Type="String")
    with pytest.raises(
        ModuleFailed, match=r"vpc/id .*exists, but it carries no connectly:deployment tag; not taken over"
    ) as failure:
        publish(account)
    assert not failure.value.result["changed"] and account.proxy.writes() == []
    ssm.delete_parameter(Name=f"{PREFIX}/vpc/id")
    made = publish(account)
    assert ("report", f"{PREFIX}/other/team") in touched(made)
    with pytest.raises(ModuleFailed, match="it belongs to deployment connectly-dev, layer kms; not taken over"):
        publish(account, deployment="another")
    publish(account, deployment="another", outputs={}, state="absent")
    publish(account, state="absent")
    assert stored(account) == {"other/team": ("String", "x")}


def test_secrets_stay_hidden(account):
    def secret(value):
        return {
            "outputs": {},
            "parameters": [
                {"path": "token", "secret_value": value, "type": "SecureString", "kms_key_id": "alias/aws/ssm"}
            ],
        }

    results = [publish(account, check=True, **secret("hunter2-one")), publish(account, **secret("hunter2-one"))]
    assert stored(account)["token"] == ("SecureString", "hunter2-one")
    results.append(publish(account, **secret("hunter2-one")))
    assert not results[-1]["changed"]
    results.append(publish(account, check=True, **secret("hunter2-two")))
    results.append(publish(account, **secret("hunter2-two")))
    assert stored(account)["token"][1] == "hunter2-two"
    assert (results[-1]["actions"][0]["before"], results[-1]["actions"][0]["after"]) == (
        {"value": "(hidden)"},
        {"value": "(hidden, differs)"},
    )
    results.append(read(account))
    assert results[-1]["parameters"]["token"]["value"] == "(hidden)"
    another = {"path": "another", "secret_value": "x1x1x1", "type": "SecureString"}
    results.append(publish(account, check=True, outputs={}, parameters=[another]))
    assert touched(results[-1]) == [("create", "another"), ("delete", "token")]
    for result in results:
        assert "hunter2" not in json.dumps(result)
    assert read(account, decrypt=True)["parameters"]["token"]["value"] == "hunter2-two"


def test_secrets_are_not_logged_with_the_arguments(account):
    result = publish(
        account, outputs={}, parameters=[{"path": "token", "secret_value": "hunter2", "type": "SecureString"}]
    )
    assert "hunter2" not in json.dumps(result["invocation"])


def test_tier_follows_size_and_never_goes_back(account):
    def tiers():
        return {
            item["Name"].rpartition("/")[2]: item["Tier"]
            for item in account.client("ssm").describe_parameters()["Parameters"]
        }

    publish(
        account, outputs={}, parameters=[{"path": "small", "value": "x" * 4096}, {"path": "large", "value": "é" * 2049}]
    )
    assert tiers() == {"small": "Standard", "large": "Advanced"}
    assert not publish(
        account, outputs={}, parameters=[{"path": "small", "value": "x" * 4096}, {"path": "large", "value": "é" * 2049}]
    )["changed"]
    publish(account, outputs={}, parameters=[{"path": "small", "value": "x" * 4097}, {"path": "large", "value": "x"}])
    assert tiers() == {"small": "Advanced", "large": "Advanced"}, "AWS refuses to lower the tier"
    account.proxy.clear()
    with pytest.raises(ModuleFailed, match=r"parameters\[0\] has 8193 bytes; SSM allows 8192 bytes"):
        publish(account, outputs={}, parameters=[{"path": "small", "value": "x" * 8193}])
    assert account.proxy.calls == []


def test_200_parameters_are_read_in_pages(account):
    many = [{"path": f"item/{number}", "value": str(number)} for number in range(200)]
    publish(account, outputs={}, parameters=many)
    account.proxy.clear()
    assert not publish(account, outputs={}, parameters=many)["changed"]
    assert account.proxy.count("ssm", "GetParametersByPath") <= 21  # moto ends with an empty page
    # AWS shows the tags of 100 parameters on a page, moto those of 25.
    assert len(account.proxy.calls) <= 21 + 10, [str(call) for call in account.proxy.calls]
    account.proxy.clear()
    assert len(read(account)["parameters"]) == 200
    assert len(account.proxy.calls) == account.proxy.count("ssm", "GetParametersByPath") <= 21


def test_without_the_tagging_service_ownership_is_still_known(account):
    publish(account)
    account.proxy.add(Fault("resourcegroupstaggingapi:*", answer_error("AccessDeniedException"), times=None))
    assert not publish(account)["changed"]
    assert touched(publish(account, outputs=NETWORK, layers=["network", "kms"], allow_changes=["kms_key_id"])) == [
        ("update", "manifest"),
        ("delete", "kms/key/id"),
    ]


def test_tags_that_the_tagging_service_does_not_show_yet_are_asked_of_ssm(account):
    publish(account)
    empty = json.dumps({"ResourceTagMappingList": [], "PaginationToken": ""})
    account.proxy.add(Fault("resourcegroupstaggingapi:*", _answer(empty), times=None))
    assert not publish(account)["changed"]


def _answer(body):
    async def stage(_call):
        return Answer(200, body.encode(), {"Content-Type": "application/x-amz-json-1.1"})

    return Action("answer", before=stage)


def test_throttling_is_waited_out(account, monkeypatch):
    monkeypatch.setattr(
        "ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.pacing.FIRST_INTERVAL_SECONDS",
        0.01,
    )
    account.proxy.add(Fault("ssm:PutParameter", throttle(), times=3, skip=1))
    publish(account)
    assert len(stored(account)) == 6 and account.proxy.count("ssm", "PutParameter") == 9


def test_a_lost_answer_is_no_failure(account):
    account.proxy.add(Fault(match("ssm", "PutParameter"), drop_answer(), times=1, skip=1))
    publish(account)
    assert len(stored(account)) == 6 and not publish(account)["changed"]


@pytest.mark.parametrize("writes", range(6))
def test_a_killed_publisher_leaves_a_complete_set(account, writes):
    """After each number of writes: readers have the complete old or the complete new set, and the next run repairs
    it.
    """
    old = {**OUTPUTS, "rds_endpoint": "old:5432"}
    new = {
        **OUTPUTS,
        "private_subnet_ids": ["subnet-1", "subnet-2", "subnet-3"],
        "vpc_cidr": "10.0.0.0/16",
        "kms_key_id": "5678",
    }
    options = {
        "outputs": new,
        "layers": ["network", "kms", "registry", "data"],
        "allow_changes": ["kms_key_id", "rds_endpoint"],
    }
    publish(account, outputs=old)
    account.proxy.add(Fault("writes", answer_error("AccessDeniedException"), times=None, skip=writes))
    killed = writes < 5  # three values, the manifest, one removal
    if killed:
        with pytest.raises(ModuleFailed) as failure:
            publish(account, **options)
        assert failure.value.result["changed"] == (writes > 0)
    else:
        publish(account, **options)
    account.proxy.remove_faults()
    seen = read(account)
    assert seen["outputs"] == (old if writes < 4 else new)
    assert seen["consistent"] == (writes in (0, 5)) and (seen["differing"] == []) == seen["consistent"]
    assert publish(account, **options)["changed"] == killed
    seen = read(account)
    assert seen["outputs"] == new and seen["consistent"] and "rds/endpoint" not in stored(account)
