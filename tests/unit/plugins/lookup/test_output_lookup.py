"""The lookup and playbooks/show_outputs.yml: typed, read once in a run, and clear about what is missing."""

from __future__ import annotations

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible_collections.amazon.aws.plugins.doc_fragments import assume_role, common, region
from ansible_collections.connectly.shared_infrastructure.plugins.lookup import output as lookup_module
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.declarations import (
    OUTPUTS as DECLARATIONS,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    Contract,
)
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._run_cache import RunCache
from support.emulator import SECRET_KEY, Emulator
from support.faults import Fault, answer_error
from support.module import run_module
from support.playbook import run_playbook
from support.proxy import RecordingProxy

NAME = "connectly.shared_infrastructure.output"
DEV = {
    "vpc_id": "vpc-1",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "ecr_repository_urls": {"api": "1.dkr.ecr/api"},
}


@pytest.fixture(scope="module")
def published():
    """dev with a manifest, prod without one, and another team's."""
    with Emulator.start() as emulator:
        sets = [
            {"deployment": "connectly-dev", "prefix": "/connectly-shared/dev", "outputs": DEV},
            {
                "deployment": "connectly-prod",
                "prefix": "/connectly-shared/prod",
                "outputs": {"vpc_id": "vpc-2", "backup_bucket_id": "b"},
                "manifest": False,
            },
            {
                "deployment": "wealist-prod",
                "prefix": "/wealist/prod",
                "outputs": {"vpc_id": "vpc-3", "database_subnet_ids": ["subnet-9"]},
            },
        ]
        for parameters in sets:
            run_module("ssm_outputs", parameters, emulator.endpoint_url)
        yield emulator


@pytest.fixture
def proxy(published, tmp_path, monkeypatch):
    # What Ansible's loader does with the documentation; the loader itself cannot start once ansible_collections has
    # been imported.
    options = yaml.safe_load(lookup_module.DOCUMENTATION)["options"]
    for fragment in (assume_role, common, region):
        for name, option in yaml.safe_load(fragment.ModuleDocFragment.PLUGINS)["options"].items():
            options[name] = {**option, **options.get(name, {})}
    constants.config.initialize_plugin_configuration_definitions("lookup", NAME, options)
    monkeypatch.setattr(lookup_module.LookupModule, "_load_name", NAME, raising=False)
    monkeypatch.setattr(lookup_module, "CACHE", RunCache("test", str(tmp_path)))
    with RecordingProxy(published.endpoint_url) as running:
        yield running


def lookup(proxy, *terms, variables=None, **options):
    plugin = lookup_module.LookupModule()
    connection = {
        "endpoint_url": proxy.endpoint_url,
        "region": "ap-northeast-2",
        "access_key": "test",
        "secret_key": SECRET_KEY,
    }
    return plugin.run(list(terms), variables or {}, **connection, **options)


def test_typed_values_in_the_order_of_the_terms(proxy):
    terms = ("private_subnet_ids", "vpc_id", "ecr_repository_urls")
    assert lookup(proxy, *terms, environment="dev") == [DEV["private_subnet_ids"], "vpc-1", DEV["ecr_repository_urls"]]
    assert lookup(proxy, *terms, environment="dev", text=True) == [
        "subnet-1,subnet-2",
        "vpc-1",
        '{"api":"1.dkr.ecr/api"}',
    ]
    assert lookup(proxy, "*", environment="dev") == [DEV]
    assert lookup(proxy, "*", environment="prod") == [{"vpc_id": "vpc-2", "backup_bucket_id": "b"}], (
        "without a manifest"
    )


def test_where_to_read(proxy):
    variables = {"shared_infrastructure_ssm_prefix": "/wealist/prod"}
    assert lookup(proxy, "vpc_id", variables=variables) == ["vpc-3"], "the inventory's own deployment"
    assert lookup(proxy, "vpc_id", variables=variables, environment="prod") == ["vpc-2"], (
        "a named environment comes first"
    )
    assert lookup(proxy, "vpc_id", variables=variables, prefix="/connectly-shared/dev/") == ["vpc-1"]
    assert lookup(proxy, "vpc_id", root="/wealist", environment="prod") == ["vpc-3"]
    with pytest.raises(AnsibleLookupError, match="give environment='dev' or prefix="):
        lookup(proxy, "vpc_id")
    with pytest.raises(AnsibleLookupError, match="prefix is 'dev'; a prefix begins with a slash"):
        lookup(proxy, "vpc_id", prefix="dev")


@pytest.mark.parametrize(
    ("term", "where", "message"),
    [
        ("vcp_id", "dev", "vcp_id is no output of the contract; did you mean vpc_id?"),
        (
            "public_subnet_ids",
            "dev",
            (
                "not published under /connectly-shared/dev; the closest that is published is private_subnet_ids; "
                "no environment beside"
            ),
        ),
        ("backup_bucket_id", "dev", "backup_bucket_id is published under /connectly-shared/prod"),
        (
            "vpc_id",
            "prd",
            (
                "no outputs are published under /connectly-shared/prd; vpc_id is published under "
                "/connectly-shared/dev, /connectly-shared/prod"
            ),
        ),
    ],
)
def test_a_missing_output_is_explained(proxy, term, where, message):
    with pytest.raises(AnsibleLookupError) as failure:
        lookup(proxy, term, environment=where)
    assert message in str(failure.value)


def test_a_default_is_for_outputs_that_a_deployment_does_not_have(proxy):
    assert lookup(proxy, "database_subnet_ids", environment="dev", default=[]) == [[]]
    with pytest.raises(AnsibleLookupError, match="did you mean vpc_id"):
        lookup(proxy, "vcp_id", environment="dev", default="x")


def test_one_read_serves_all_lookups_of_a_process(proxy):
    for _number in range(3):
        lookup(proxy, "vpc_id", environment="dev")
        lookup(proxy, "*", environment="dev")
    assert [call.name for call in proxy.calls] == ["ssm:GetParameters"]
    lookup(proxy, "vpc_id", environment="prod")
    assert proxy.count("ssm", "GetParametersByPath") == 1
    proxy.clear()
    lookup(proxy, "vpc_id", environment="dev", cache=False)
    assert len(proxy.calls) == 1
    with pytest.raises(AnsibleLookupError, match="manifest does not exist"):
        lookup(proxy, "vpc_id", environment="prod", require_manifest=True)


def test_another_role_is_another_cache(proxy):
    lookup(proxy, "vpc_id", environment="dev")
    proxy.clear()
    assert lookup(proxy, "vpc_id", environment="dev", assume_role_arn="arn:aws:iam::123456789012:role/reader") == [
        "vpc-1"
    ]
    assert [call.name for call in proxy.calls] == ["sts:AssumeRole", "ssm:GetParameters"]
    assert proxy.calls[0].params["RoleArn"] == "arn:aws:iam::123456789012:role/reader"


def test_an_error_of_aws_is_one_line(proxy):
    proxy.add(Fault("ssm:*", answer_error("AccessDeniedException"), times=None))
    with pytest.raises(
        AnsibleLookupError, match=r"Failed to read the outputs under /connectly-shared/dev: .*AccessDeniedException"
    ):
        lookup(proxy, "vpc_id", environment="dev")


def test_deprecated_outputs_warn(proxy, monkeypatch):
    deprecated = {"since": "0.2.0", "removal": "1.0.0", "replacement": "vpc_cidr"}
    contract = Contract(
        [{**item, "deprecated": deprecated} if item["name"] == "vpc_id" else item for item in DECLARATIONS]
    )
    plugin = lookup_module.LookupModule
    monkeypatch.setattr(plugin, "contract", contract)
    warnings = []
    monkeypatch.setattr(plugin, "warn", lambda self, text: warnings.append(text))
    lookup(proxy, "private_subnet_ids", environment="dev")
    assert warnings == []
    lookup(proxy, "vpc_id", environment="dev")
    assert warnings == ["output vpc_id is deprecated since 0.2.0 and goes with 1.0.0; use vpc_cidr"]


def test_one_read_serves_all_tasks_and_hosts_of_a_run(published, tmp_path):
    task = {
        "ansible.builtin.debug": {
            "msg": "{{ lookup('connectly.shared_infrastructure.output', 'vpc_id', environment='dev') }}"
        }
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "connection": "local",
        "tasks": [{"name": f"Task {number}", **task} for number in range(3)],
    }
    playbook = tmp_path / "play.yml"
    playbook.write_text(yaml.safe_dump([play]))
    with RecordingProxy(published.endpoint_url) as proxy:
        run = run_playbook(playbook, "one,two,", env=published.environment(proxy.endpoint_url)).assert_ok()
        # The two hosts of the first task may ask at the same moment.
        assert 1 <= proxy.count("ssm", "GetParameters") == len(proxy.calls) <= 2
    assert [task.result["msg"] for task in run.tasks] == ["vpc-1"] * 6


def test_the_region_comes_from_the_inventory_where_the_environment_has_none(published, tmp_path):
    variables = {
        "shared_infrastructure_ssm_prefix": "/connectly-shared/dev",
        "shared_infrastructure_region": "{{ place }}",
        "place": "ap-northeast-2",
    }
    play = {"hosts": "all", "gather_facts": False, "connection": "local", "vars": variables}
    task = {
        "name": "Look",
        "ansible.builtin.debug": {"msg": "{{ lookup('connectly.shared_infrastructure.output', 'vpc_id') }}"},
    }
    playbook = tmp_path / "play.yml"
    playbook.write_text(yaml.safe_dump([{**play, "tasks": [task]}]))
    environment = {**published.environment(), "AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    assert run_playbook(playbook, "one,", env=environment).assert_ok().one("Look").result["msg"] == "vpc-1"


def test_the_playbook_prints_the_bare_value(published, tmp_path):
    inventory = tmp_path / "hosts.yml"
    variables = {
        "shared_infrastructure_ssm_prefix": "/connectly-shared/dev",
        "shared_infrastructure_region": "ap-northeast-2",
    }
    inventory.write_text(yaml.safe_dump({"shared_infrastructure": {"hosts": {"connectly-dev": variables}}}))
    environment = {**published.environment(), "ANSIBLE_STDOUT_CALLBACK": "connectly.shared_infrastructure.bare"}

    def output(*arguments):
        return run_playbook("playbooks/show_outputs.yml", inventory, *arguments, env=environment)

    assert output("-e", "name=vpc_id").assert_ok().stdout == "vpc-1\n"
    assert output("-e", "name=private_subnet_ids").assert_ok().stdout == "subnet-1,subnet-2\n"
    assert (
        output().assert_ok().stdout
        == 'ecr_repository_urls = {"api":"1.dkr.ecr/api"}\nprivate_subnet_ids = subnet-1,subnet-2\nvpc_id = vpc-1\n'
    )
    missing = output("-e", "name=vcp_id")
    assert (missing.rc != 0, missing.stdout) == (True, "") and "did you mean vpc_id?" in missing.stderr
    empty = run_playbook("playbooks/show_outputs.yml", "localhost,", "-e", "name=vpc_id", env=environment)
    assert (empty.rc != 0, empty.stdout) == (True, "") and "exactly one is allowed" in empty.stderr


def test_other_plays_look_as_usual(tmp_path):
    playbook = tmp_path / "play.yml"
    playbook.write_text(
        yaml.safe_dump(
            [
                {
                    "name": "Usual",
                    "hosts": "localhost",
                    "gather_facts": False,
                    "tasks": [{"ansible.builtin.debug": {"msg": "x"}}],
                }
            ]
        )
    )
    usual, bare = (
        run_playbook(playbook, None, env={"ANSIBLE_STDOUT_CALLBACK": name}).assert_ok().stdout
        for name in (None, f"{NAME.rpartition('.')[0]}.bare")
    )
    assert usual == bare and "PLAY [Usual]" in usual
