"""The guard refuses to let an older version of the collection write than the one that published last."""

from __future__ import annotations

import functools

import pytest
from support.manifests import rewrite_manifest
from support.module import ModuleFailed, run_module

PREFIX = "/acme/dev"
OUTPUTS = {"vpc_id": "vpc-1"}


def guard(account, check=False):
    # As inventories like to write it.
    options = {"deployment": "acme-dev", "ssm_prefix": f"{PREFIX}/"}
    return run_module("deployment_guard", options, account.proxy.endpoint_url, check=check)


@pytest.fixture
def published(account):
    """Rewrites fields of a manifest that this version published."""
    options = {"deployment": "acme-dev", "prefix": PREFIX, "outputs": OUTPUTS}
    run_module("ssm_outputs", options, account.endpoint_url)
    return functools.partial(rewrite_manifest, account.client("ssm"), PREFIX)


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_a_newer_version_is_not_undone(account, published, check):
    published(collection_version="99.0.0-dev")
    with pytest.raises(
        ModuleFailed,
        match=r"^Nothing was changed: /acme/dev/manifest was written by version 99\.0\.0-dev of .*, and this is the "
        r"older \d+\.\d+\.\d+\S*; upgrade to 99\.0\.0-dev or newer \(docs/upgrading\.md\)$",
    ):
        guard(account, check)


@pytest.mark.parametrize("fields", [{"collection_version": "0.0.1"}, {"collection_version": "banana"}, {}], ids=str)
def test_others_pass_without_a_call_more(account, published, fields):
    published(**fields)
    assert guard(account)["published"] == {"network": OUTPUTS}
    assert account.proxy.count("ssm") == 1


def test_a_manifest_that_is_damaged_is_repaired_by_publishing_and_stops_nobody(account, published):
    account.client("ssm").put_parameter(Name=f"{PREFIX}/manifest", Value="[" * 4000, Overwrite=True)
    assert guard(account)["published"] == {"network": OUTPUTS}
