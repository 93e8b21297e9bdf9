"""What readers get: complete sets, also from a large manifest, while somebody publishes, and after a publisher was
killed.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    CONTRACT,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.manifest import build
from support.faults import Fault, answer_error, call
from support.module import ModuleFailed, run_module

PREFIX = "/wealist/prod"
OUTPUTS = {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1"], "rds_endpoint": "a:5432"}
LARGE = {
    f"repository-{number}": f"1.dkr.ecr.ap-northeast-2.amazonaws.com/prod/repository-{number}" for number in range(105)
}


def publish(account, outputs=OUTPUTS, endpoint_url=None, **options):
    parameters = {"deployment": "wealist-prod", "prefix": PREFIX, "outputs": outputs, **options}
    return run_module("ssm_outputs", parameters, endpoint_url or account.proxy.endpoint_url)


def read(account, **options):
    return run_module("ssm_outputs_info", {"prefix": PREFIX, **options}, account.proxy.endpoint_url)


def large(size, **more):
    return {**OUTPUTS, "ecr_repository_urls": dict(list(LARGE.items())[:size]), **more}


def names(account):
    pages = account.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=PREFIX, Recursive=True)
    return [item["Name"].removeprefix(PREFIX + "/") for page in pages for item in page["Parameters"]]


def test_everything_that_is_told(account):
    publish(account, source_commit="abc")
    account.client("ssm").put_parameter(Name=f"{PREFIX}/other", Value="x", Type="String")
    found = read(account)
    assert not found["changed"] and found["outputs"] == OUTPUTS
    assert found["layers"] == {
        "network": {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1"]},
        "data": {"rds_endpoint": "a:5432"},
    }
    assert (found["manifest"]["source_commit"], found["manifest"]["deployment"]) == ("abc", "wealist-prod")
    assert found["consistent"] and found["differing"] == []
    assert found["parameters"]["other"] == {"name": f"{PREFIX}/other", "type": "String", "value": "x", "version": 1}
    assert "kms_key_id" in found["missing"] and "vpc_id" not in found["missing"]


def test_named_outputs(account):
    publish(account)
    found = read(account, names=["vpc_id", "kms_key_id"])
    assert (found["outputs"], found["layers"], found["missing"]) == (
        {"vpc_id": "vpc-1"},
        {"network": {"vpc_id": "vpc-1"}},
        ["kms_key_id"],
    )
    with pytest.raises(
        ModuleFailed, match="names holds vcp_id, which is no output of the contract; did you mean vpc_id"
    ):
        read(account, names=["vcp_id"])


def test_nothing_is_published(account):
    found = read(account)
    assert (found["outputs"], found["manifest"], found["parameters"]) == ({}, None, {})
    with pytest.raises(ModuleFailed, match="prefix is 'dev'"):
        run_module("ssm_outputs_info", {"prefix": "dev"}, account.endpoint_url)


def test_without_a_manifest_the_parameters_are_typed_by_the_contract(account):
    publish(account, {**OUTPUTS, "ecr_repository_urls": {"a": "b"}}, manifest=False)
    assert "manifest" not in names(account)
    assert read(account)["outputs"] == {**OUTPUTS, "ecr_repository_urls": {"a": "b"}}
    with pytest.raises(
        ModuleFailed, match="there is no complete set under /wealist/prod: /wealist/prod/manifest does not exist"
    ):
        read(account, require_manifest=True)
    account.client("ssm").put_parameter(
        Name=f"{PREFIX}/ecr/repository-urls", Value="not JSON", Type="String", Overwrite=True
    )
    with pytest.raises(
        ModuleFailed, match="/wealist/prod/ecr/repository-urls does not hold a map, which output ecr_repository_urls is"
    ):
        read(account)


def test_a_manifest_that_exists_is_kept_right_whatever_is_asked(account):
    publish(account)
    publish(account, {"kms_key_id": "1"}, manifest=False)
    assert read(account, require_manifest=True)["outputs"] == {**OUTPUTS, "kms_key_id": "1"}


def test_a_change_by_hand_is_told_and_does_not_reach_readers_of_the_manifest(account):
    publish(account)
    account.client("ssm").put_parameter(Name=f"{PREFIX}/rds/endpoint", Value="b:5432", Type="String", Overwrite=True)
    found = read(account)
    assert found["outputs"] == OUTPUTS and (found["consistent"], found["differing"]) == (False, ["rds_endpoint"])
    assert any("rds_endpoint differ from the manifest" in str(warning) for warning in found["warnings"])
    assert read(account, require_manifest=False)["outputs"]["rds_endpoint"] == "b:5432"


def test_a_reader_between_two_pages_of_a_publication_gets_one_set(account):
    old, new = (
        large(8),
        large(
            8,
            vpc_cidr="10.0.0.0/16",
            kms_key_id="1",
            kms_key_arn="a",
            s3_bucket_name="b",
            redis_endpoint="c",
            internet_gateway_id="i",
        ),
    )
    new["private_subnet_ids"] = ["subnet-1", "subnet-2"]
    publish(account, {**new, "private_subnet_ids": ["subnet-1"]})
    account.proxy.add(
        Fault("ssm:GetParametersByPath", call(lambda: publish(account, new, account.endpoint_url)), times=1, skip=1)
    )
    found = read(account)
    assert found["outputs"] == new and found["consistent"], "read again until it is one"
    assert old.keys() < new.keys()


def test_a_large_set(account):
    publish(account, large(105))
    parts = [name for name in names(account) if name.startswith("manifest/")]
    head = account.client("ssm").get_parameter(Name=f"{PREFIX}/manifest")["Parameter"]["Value"]
    assert len(parts) >= 2 and json.loads(head)["parts"]["count"] == len(parts)
    assert read(account)["outputs"] == large(105) and read(account)["consistent"]
    account.proxy.clear()
    assert not publish(account, large(105))["changed"] and account.proxy.writes() == []
    publish(account, large(104), allow_changes=["ecr_repository_urls"])
    after = [name for name in names(account) if name.startswith("manifest/")]
    assert after and not set(after) & set(parts), "the old parts are gone"
    publish(account, large(1), allow_changes=["ecr_repository_urls"])
    assert [name for name in names(account) if name.startswith("manifest")] == ["manifest"]
    publish(account, {}, state="absent")
    assert names(account) == []


def test_a_commit_alone_changes_nothing_where_it_would_split_the_manifest(account):
    size = next(size for size in range(80, 105) if _is_split(large(size), "c" * 200))
    assert not _is_split(large(size), "")
    publish(account, large(size))
    assert not publish(account, large(size), source_commit="c" * 200)["changed"]


def _is_split(outputs, commit):
    parts = {}
    for name, value in outputs.items():
        output = CONTRACT.outputs[name]
        parts.setdefault(output.layer, {})[name] = {"type": output.type, "value": value}
    return bool(build(parts, None, "wealist-prod", commit, "2025-01-01T00:00:00Z").parts)


@pytest.mark.parametrize("writes", range(1, 9))
def test_a_killed_publisher_of_a_large_set_leaves_a_complete_one(account, writes):
    """Its writes: one value, three parts, the manifest, and the removal of the three old parts."""
    old, new = large(105), large(105, rds_endpoint="b:5432")
    publish(account, old)
    account.proxy.add(Fault("writes", answer_error("AccessDeniedException"), times=None, skip=writes))
    killed = False
    try:
        publish(account, new, allow_changes=["rds_endpoint"])
    except ModuleFailed:
        killed = True
    account.proxy.remove_faults()
    assert killed == (writes < 8), "the story covers every write"
    assert read(account)["outputs"] == (old if writes < 5 else new)
    publish(account, new, allow_changes=["rds_endpoint"])
    assert read(account)["outputs"] == new and read(account)["consistent"]
    assert len([name for name in names(account) if name.startswith("manifest/")]) == 3
