"""What a publisher refuses before its first write, and how the allow list lets it through."""

from __future__ import annotations

import json
from functools import partial

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.apply import apply_plan
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.observing import observe_all
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.rendering import (
    refusal_message,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.declarations import (
    OUTPUTS as DECLARATIONS,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    Contract,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm import (
    manifest_parameter,
    parameter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.parameter import (
    ParameterAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.publication import (
    Publication,
)
from support.answers import Answer
from support.faults import Action, Fault, answer_error, call, drop_request, match
from support.manifests import rewrite_manifest
from support.module import ModuleFailed, run_module

PREFIX = "/connectly-shared/dev"
LISTS = [{"path": "hosts", "value": ["a", "b"], "type": "StringList"}]
OF_HOSTS = match("ssm", "PutParameter", where=lambda call: call.params["Name"].endswith("/hosts"))
OUTPUTS = {
    "vpc_id": "vpc-1",
    "nat_public_ips": ["198.51.100.1", "198.51.100.2"],
    "rds_master_user_secret_arn": "arn:aws:secretsmanager:ap-northeast-2:1:secret:a",
    "ecr_repository_urls": {"api": "1.dkr.ecr/api"},
}


def publish(account, outputs=OUTPUTS, check=False, **options):
    parameters = {"deployment": "connectly-dev", "prefix": PREFIX, "outputs": outputs, **options}
    return run_module("ssm_outputs", parameters, account.proxy.endpoint_url, check=check)


def refused(account, text, outputs=OUTPUTS, **options):
    """Publishing fails with this text, in check mode as well, and writes nothing."""
    account.proxy.clear()
    for check in (True, False):
        with pytest.raises(ModuleFailed, match=text) as failure:
            publish(account, outputs, check=check, **options)
        assert not failure.value.result["changed"]
    assert account.proxy.writes() == []


def value(account, path):
    return account.client("ssm").get_parameter(Name=f"{PREFIX}/{path}")["Parameter"]["Value"]


@pytest.mark.parametrize("manifest", [True, False])
@pytest.mark.parametrize(
    ("name", "new", "path", "text"),
    [
        ("vpc_id", "vpc-2", "vpc/id", "vpc-2"),
        ("nat_public_ips", ["198.51.100.1"], "nat-gateways/public-ips", "198.51.100.1"),
        ("ecr_repository_urls", {"api": "2.dkr.ecr/api"}, "ecr/repository-urls", '{"api":"2.dkr.ecr/api"}'),
    ],
)
def test_what_consumers_hold_is_kept(account, manifest, name, new, path, text):
    publish(account, manifest=manifest)
    changed = {**OUTPUTS, name: new}
    refused(
        account,
        f"Refused, nothing was changed: .*consumers hold the value of output {name}; name it in allow_changes",
        changed,
        manifest=manifest,
    )
    publish(account, changed, allow_changes=[name], manifest=manifest)
    assert value(account, path) == text
    assert not publish(account, changed, manifest=manifest)["changed"]


def test_additions_and_other_values_change_freely(account):
    publish(account)
    more = {
        **OUTPUTS,
        "nat_public_ips": ["198.51.100.2", "198.51.100.1", "198.51.100.3"],
        "rds_master_user_secret_arn": "arn:aws:secretsmanager:ap-northeast-2:1:secret:b",
        "ecr_repository_urls": {"api": "1.dkr.ecr/api", "web": "1.dkr.ecr/web"},
        "kms_key_id": "1234",
    }
    assert publish(account, more)["changed"]
    assert value(account, "rds/master-user-secret/arn").endswith(":b")


def test_nothing_disappears(account):
    publish(account)
    fewer = {name: item for name, item in OUTPUTS.items() if name != "rds_master_user_secret_arn"}
    layers = ["network", "data", "registry"]
    refused(
        account,
        "output rds_master_user_secret_arn is published and would disappear; name it in allow_changes",
        fewer,
        layers=layers,
    )
    assert not publish(account, fewer)["changed"], "without a word on the layer its part stays"
    assert not publish(account, fewer, layers=layers, purge=False)["changed"]
    publish(account, fewer, layers=layers, allow_changes=["rds_master_user_secret_arn"])
    with pytest.raises(account.client("ssm").exceptions.ParameterNotFound):
        value(account, "rds/master-user-secret/arn")


def test_what_somebody_deleted_does_not_disappear_from_the_manifest_either(account):
    publish(account)
    account.client("ssm").delete_parameter(Name=f"{PREFIX}/vpc/id")
    fewer = {name: item for name, item in OUTPUTS.items() if name != "vpc_id"}
    refused(account, "output vpc_id is published and would disappear", fewer, layers=["network", "data", "registry"])
    refused(account, "consumers hold the value of output vpc_id", {**OUTPUTS, "vpc_id": "vpc-2"})
    publish(account)
    assert value(account, "vpc/id") == "vpc-1"


def test_what_somebody_changed_by_hand_is_repaired(account):
    publish(account)
    account.client("ssm").put_parameter(Name=f"{PREFIX}/vpc/id", Value="vpc-wrong", Type="String", Overwrite=True)
    publish(account)
    assert value(account, "vpc/id") == "vpc-1"


def test_a_damaged_manifest_is_made_anew(account):
    publish(account)
    document = json.loads(value(account, "manifest"))
    document["layers"]["network"]["outputs"]["vpc_id"]["value"] = "vpc-2"
    account.client("ssm").put_parameter(
        Name=f"{PREFIX}/manifest", Value=json.dumps(document), Type="String", Overwrite=True
    )
    with pytest.raises(
        ModuleFailed, match=r"manifest is damaged .its digest is not that of its values.; publish again to repair it"
    ):
        run_module("ssm_outputs_info", {"prefix": PREFIX}, account.endpoint_url)
    assert publish(account, {"vpc_id": "vpc-1", "nat_public_ips": OUTPUTS["nat_public_ips"]})["warnings"]
    assert run_module("ssm_outputs_info", {"prefix": PREFIX}, account.endpoint_url)["outputs"] == OUTPUTS


@pytest.mark.parametrize("fields", [{"collection_version": "99.0.0-dev"}, {"format": 2}], ids=["version", "format"])
@pytest.mark.parametrize("options", [{}, {"manifest": False}, {"state": "absent"}], ids=str)
def test_where_a_newer_version_published_nothing_is_written(account, fields, options):
    publish(account)
    # Nothing that this version could read, and would otherwise make anew.
    rewrite_manifest(account.client("ssm"), PREFIX, **fields, layers="of another form")
    text = "Refused, nothing was changed: /connectly-shared/dev/manifest was written .*; upgrade"
    refused(account, text, {**OUTPUTS, "kms_key_id": "1234"}, **options)


def test_readers_read_what_a_newer_version_published_as_long_as_they_can(account):
    publish(account)
    rewrite_manifest(account.client("ssm"), PREFIX, collection_version="99.0.0", format=2, novelty=[5])
    assert run_module("ssm_outputs_info", {"prefix": PREFIX}, account.endpoint_url)["outputs"] == OUTPUTS
    rewrite_manifest(account.client("ssm"), PREFIX, layers="of another form")
    with pytest.raises(
        ModuleFailed, match=r"older .*; upgrade to 99.0.0 or newer .*, or read with require_manifest false"
    ):
        run_module("ssm_outputs_info", {"prefix": PREFIX}, account.endpoint_url)
    as_they_stand = {"prefix": PREFIX, "require_manifest": "false"}
    assert run_module("ssm_outputs_info", as_they_stand, account.endpoint_url)["outputs"] == OUTPUTS


@pytest.mark.parametrize("wrote", ["0.0.1", "banana", None])
def test_the_manifest_names_who_published_last_also_where_no_output_changes(account, wrote):
    """Otherwise the older version would not know that a newer one has been at work."""
    publish(account, source_commit="first")
    before = json.loads(value(account, "manifest"))
    rewrite_manifest(account.client("ssm"), PREFIX, collection_version=wrote)
    account.proxy.clear()
    planned = publish(account, check=True, source_commit="second")
    assert [action["after"] for action in planned["actions"]] == [{"collection_version": before["collection_version"]}]
    published = publish(account, source_commit="second")
    assert [call.params["Name"] for call in account.proxy.writes()] == [f"{PREFIX}/manifest"]
    assert json.loads(value(account, "manifest")) == before, "values, time and commit are as they were"
    warning = f"{PREFIX}/manifest names version {wrote!r}, which is not one; it counts as an older one"
    assert (warning in str(published.get("warnings", "")).replace("\\'", "'")) == (wrote != "0.0.1")
    assert not publish(account)["changed"]


def test_the_type_of_an_output_is_kept(account):
    """As after an upgrade to a collection whose contract says list where it said string."""
    publish(account)
    contract = Contract([{**item, "type": "list"} if item["name"] == "vpc_id" else item for item in DECLARATIONS])
    new = {**OUTPUTS, "vpc_id": ["vpc-1"]}

    def plan(*allowed):
        defaults = {
            "parameters": [],
            "layers": None,
            "purge": True,
            "overwrite": True,
            "manifest": True,
            "state": "present",
        }
        given = {
            "deployment": "connectly-dev",
            "prefix": PREFIX,
            "outputs": new,
            "allow_changes": allowed,
            "identity_tag_prefix": "connectly:",
        }
        params = {**defaults, **given}
        clients = Clients(lambda service, config: account.client(service, config=config))
        publication = Publication(params, clients, {}, contract)
        adapters = [ParameterAdapter(publication), manifest_parameter.ManifestParameterAdapter(publication)]
        wanted = publication.resources()
        return make_plan(adapters, wanted, observe_all(adapters, wanted))

    assert "consumers of vpc_id expect the type that is published; name it in allow_changes" in refusal_message(
        plan().actions
    )
    apply_plan(plan("vpc_id"), wait_seconds=1)
    stored = account.client("ssm").get_parameter(Name=f"{PREFIX}/vpc/id")["Parameter"]
    assert (stored["Type"], stored["Value"]) == ("StringList", "vpc-1")
    assert plan().changes == []


def test_the_type_of_a_parameter_is_kept(account):
    publish(account, {}, parameters=[{"path": "hosts", "value": "a"}])
    refused(account, "consumers of hosts expect the type that is published", {}, parameters=LISTS)
    publish(account, {}, parameters=LISTS, allow_changes=["hosts"])
    assert value(account, "hosts") == "a,b"


def test_a_parameter_that_ssm_still_knows_after_its_deletion_is_waited_for(account):
    publish(account, {}, parameters=[{"path": "hosts", "value": "a"}])
    known = account.proxy.add(Fault(OF_HOSTS, answer_error("ParameterAlreadyExists"), times=2))
    publish(account, {}, parameters=LISTS, allow_changes=["hosts"])
    assert known.hits == 2 and value(account, "hosts") == "a,b"


def test_after_a_lost_answer_the_deleted_parameter_is_not_taken_for_the_new_one(account, monkeypatch):
    monkeypatch.setattr(parameter, "create_once", partial(parameter.create_once, window_seconds=0))
    publish(account, {}, parameters=[{"path": "hosts", "value": "a"}])

    async def still_there(_call):
        return Answer(200, b"{}", {"Content-Type": "application/x-amz-json-1.1"})

    account.proxy.add(
        Fault("ssm:DeleteParameter", Action("deleted later", before=still_there)),
        Fault(OF_HOSTS, drop_request()),
        Fault(
            OF_HOSTS, call(lambda: account.client("ssm").delete_parameter(Name=f"{PREFIX}/hosts"), when="after"), skip=1
        ),
    )
    publish(account, {}, parameters=LISTS, allow_changes=["hosts"])
    assert value(account, "hosts") == "a,b" and account.proxy.count("ssm", "GetParameter") == 1


def test_without_overwrite_only_what_is_missing_is_written(account):
    publish(account, {"vpc_id": "vpc-1"})
    publish(account, {"vpc_id": "vpc-1", "kms_key_id": "1"}, overwrite=False)
    publish(account, {"rds_master_user_secret_arn": "a"})
    refused(account, "overwrite is off", {"rds_master_user_secret_arn": "b"}, overwrite=False)


def test_unknown_ids_are_planned_and_never_published(account):
    outputs = {"vpc_id": "vpc-known-after-apply.main", "private_subnet_ids": ["subnet-known-after-apply.a", "subnet-1"]}
    assert publish(account, outputs, check=True)["summary"]["create"] == 3
    with pytest.raises(
        ModuleFailed,
        match=r"outputs.vpc_id is 'vpc-known-after-apply.main'; it is known only after .* outputs.private_subnet_ids",
    ):
        publish(account, outputs)
    assert account.proxy.writes() == []


def test_absent_removes_what_is_protected(account):
    publish(account)
    assert publish(account, {}, state="absent")["summary"]["delete"] == 5


def test_two_deployments_do_not_see_each_other(account):
    publish(account)
    other = {"deployment": "wealist-prod", "prefix": "/wealist/prod"}
    publish(account, {"vpc_id": "vpc-9"}, **other)
    publish(account, {}, state="absent", **other)
    assert value(account, "vpc/id") == "vpc-1"
    assert not publish(account)["changed"]
