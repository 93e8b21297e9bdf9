"""The built collection, installed into an empty path, serves another team: its roles, its site playbook, and nothing
of ours.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from common import copy_checkout
from support.emulator import Emulator
from support.playbook import program, run_environment

FILES = Path(__file__).with_name("files")
ALLOWED = {
    "CHANGELOG.rst",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.ko.md",
    "README.md",
    "ansible.cfg",
    "changelogs",
    "create-project-infrastructure.sh",
    "docs",
    "meta",
    "playbooks",
    "plugins",
    "requirements.yml",
    "roles",
    "site.yml",
}


@pytest.fixture(scope="module")
def artifact(tmp_path_factory) -> Path:
    source, out = copy_checkout(tmp_path_factory.mktemp("checkout")), tmp_path_factory.mktemp("artifact")
    command = [program("ansible-galaxy"), "collection", "build", str(source), "--output-path", str(out)]
    subprocess.run(command, check=True, capture_output=True, env=run_environment(cwd=source))
    (built,) = out.glob("connectly-shared_infrastructure-*.tar.gz")
    return built


@pytest.fixture(scope="module")
def team(artifact, tmp_path_factory) -> Path:
    """Another team's folder, with the collection installed below collections/."""
    folder = tmp_path_factory.mktemp("team")
    command = [
        program("ansible-galaxy"),
        "collection",
        "install",
        str(artifact),
        "--force",
        "--no-deps",
        "--offline",
        "-p",
        str(folder / "collections"),
    ]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, env=run_environment(cwd=folder))
    for file in FILES.glob("reuse*.yml"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture(scope="module")
def emulator():
    with Emulator.start_own() as running:
        yield running


@pytest.fixture
def run(run_playbook, emulator, team):
    def start(playbook, inventory=None, *arguments, **options):
        environment = {**emulator.environment(), "ANSIBLE_COLLECTIONS_PATH": str(team / "collections")}
        return run_playbook(playbook, inventory, *arguments, cwd=team, env=environment, **options)

    return start


def test_it_holds_only_what_belongs_in_it(artifact):
    with tarfile.open(artifact) as archive:
        names = {name.split("/")[0] for name in archive.getnames()}
        links = [member.name for member in archive.getmembers() if member.issym() or member.islnk()]
    assert names <= ALLOWED, f"not for users: {sorted(names - ALLOWED)}"
    assert {"plugins", "roles", "playbooks", "meta", "docs"} <= names and links == []


def test_each_role_is_reused_for_two_deployments(run, emulator, team):
    first = run("reuse.yml", None, "-vv").assert_ok()
    # The installed copy ran, not the checkout that the environment links to.
    assert f"task path: {team}/collections/ansible_collections/connectly" in first.stdout
    assert "site-packages/ansible_collections/connectly" not in first.stdout
    vpcs = emulator.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.5.0.0/16"]}])["Vpcs"]
    owners = {tag["Value"] for vpc in vpcs for tag in vpc["Tags"] if tag["Key"] == "connectly:deployment"}
    assert len(vpcs) == 2 and owners == {"reuse-dev", "reuse-prod"}
    ssm = emulator.client("ssm")
    for vpc in vpcs:
        deployment = next(tag["Value"] for tag in vpc["Tags"] if tag["Key"] == "connectly:deployment")
        assert ssm.get_parameter(Name=f"/{deployment}/vpc/id")["Parameter"]["Value"] == vpc["VpcId"]
        assert emulator.client("ecs").describe_clusters(clusters=[deployment])["clusters"][0]["status"] == "ACTIVE"
        assert emulator.client("s3").head_bucket(Bucket=f"{deployment}-reuse-logs")
    assert run("reuse.yml").assert_ok().changed == 0


def test_the_site_playbook_takes_another_teams_inventory(run, emulator, team):
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "shared_infrastructure_deployment": "other-test",
        "shared_infrastructure_environment": "test",
        "shared_infrastructure_region": "ap-northeast-2",
        "shared_infrastructure_ssm_prefix": "/other/test",
        "shared_infrastructure_layers": ["kms", "network"],
        "shared_infrastructure_required_tags": ["Team"],
        "shared_infrastructure_tags": {"Team": "other"},
        "kms_alias": "other-test",
        "network_name": "other-test",
        "network_vpc_cidr": "10.7.0.0/16",
        "network_availability_zones": ["ap-northeast-2a"],
    }
    inventory = team / "hosts.yml"
    inventory.write_text(
        yaml.safe_dump({"shared_infrastructure": {"hosts": {"other-test": variables}}}), encoding="utf-8"
    )
    run("connectly.shared_infrastructure.site", inventory).assert_ok()
    vpc_id = emulator.client("ssm").get_parameter(Name="/other/test/vpc/id")["Parameter"]["Value"]
    vpc = emulator.client("ec2").describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]
    assert vpc["CidrBlock"] == "10.7.0.0/16" and {"Key": "Team", "Value": "other"} in vpc["Tags"]
    assert run("connectly.shared_infrastructure.site", inventory).assert_ok().changed == 0
