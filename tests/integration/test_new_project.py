"""The generator of consumer projects, as a team uses it: what it writes, what it leaves alone, and that the result
runs.

Terraform's aws provider cannot be downloaded here: what needs it is parsed and formatted only, the rest is really
applied.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import hcl2
import pytest
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    CONTRACT,
)
from support.module import run_module
from support.playbook import ROOT, program, run_environment, run_playbook
from support.requires import requires_terraform
from support.spread import spread

PLAYBOOK = "connectly.shared_infrastructure.new_project"
SCRIPT = ROOT / "create-project-infrastructure.sh"
USER_SERVICE = {"project": "user-service", "team": "backend", "org": "connectly", "environments": "dev,prod"}
STATES = {
    "dev": ("dev-connectly", "connectly-shared/dev/terraform.tfstate", "dev-connectly-tf-lock"),
    "prod": ("prod-connectly", "connectly-shared/prod/terraform.tfstate", "prod-connectly-tf-lock"),
}


def arguments(**values):
    return [part for name, value in {**USER_SERVICE, **values}.items() for part in ("-e", f"{name}={value}")]


def generate(folder, *flags, **values):
    return run_playbook(PLAYBOOK, None, *arguments(**values), *flags, cwd=folder)


def written(result):
    """{path: action} of what the run reports."""
    return {
        action["path"]: action for action in result.one("Write the project", action="project_files").result["actions"]
    }


def texts(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def projects(tmp_path_factory):
    """Folders with one generated project each, by name."""
    kinds = {
        "remote_state": {},
        "ssm": {"data_source": "ssm"},
        "wealist": {"project": "board", "org": "wealist", "environments": "prod"},
        "wealist_ssm": {"project": "board", "org": "wealist", "environments": "prod", "data_source": "ssm"},
    }
    folders = {}
    for name, values in kinds.items():
        folder = tmp_path_factory.mktemp(name)
        generate(folder, **values).assert_ok()
        folders[name] = next(folder.iterdir())
    return folders


# What is written ---------------------------------------------------------------------------------------------------


def test_check_mode_shows_the_files_and_writes_nothing(tmp_path):
    planned = generate(tmp_path, "--check", "--diff").assert_ok()
    assert planned.changed == 1 and list(tmp_path.iterdir()) == []
    assert "+++ after: environments/prod/data.tf" in planned.stdout
    assert '+    key    = "connectly-shared/prod/terraform.tfstate"' in planned.stdout

    made = generate(tmp_path).assert_ok()
    assert (
        set(written(made))
        == set(written(planned))
        == set(texts(tmp_path / "user-service-infrastructure")) - {".generated.json"}
    )
    before = texts(tmp_path)
    again = generate(tmp_path, "--diff").assert_ok()
    assert again.changed == 0 and written(again) == {} and texts(tmp_path) == before


def test_both_variants_of_each_environment(projects):
    for environment in ("dev", "prod"):
        folder = projects["remote_state"] / "environments" / environment
        assert set(texts(folder)) == {
            *("backend.tf", "data.tf", "main.tf", "outputs.tf", "variables.tf", "versions.tf", "README.md"),
            *(
                "ansible/ansible.cfg",
                "ansible/playbook.yml",
                "ansible/requirements.yml",
                "ansible/inventories/hosts.yml",
            ),
        }


def test_a_changed_file_is_left_and_the_rest_is_updated(tmp_path):
    generate(tmp_path).assert_ok()
    project = tmp_path / "user-service-infrastructure"
    ours, theirs = project / "environments/dev/main.tf", project / "environments/dev/versions.tf"
    theirs.write_text(theirs.read_text().replace("< 7.0", "< 6.0"))
    ours.unlink()
    (project / "notes.txt").write_text("mine")

    result = generate(tmp_path, team="payments").assert_ok()
    actions = written(result)
    assert '"payments"' in (project / "environments/prod/versions.tf").read_text()
    assert ours.exists() and actions["environments/dev/main.tf"]["action"] == "create"
    assert "< 6.0" in theirs.read_text() and '"backend"' in theirs.read_text()
    left = actions["environments/dev/versions.tf"]
    assert left["action"] == "keep" and '+      Team         = "payments"' in left["difference"]
    assert (
        "environments/dev/versions.tf was changed since it was generated; the new version was not written"
        in result.stdout
    )
    assert (project / "notes.txt").read_text() == "mine"

    assert generate(tmp_path, team="payments").assert_ok().changed == 0


def test_a_further_environment_leaves_the_first_alone(tmp_path):
    generate(tmp_path, environments="dev").assert_ok()
    dev = texts(tmp_path / "user-service-infrastructure/environments/dev")
    result = generate(tmp_path, environments="prod").assert_ok()
    assert {action["action"] for action in written(result).values()} == {"create"}
    assert texts(tmp_path / "user-service-infrastructure/environments/dev") == dev
    assert generate(tmp_path, environments="dev,prod").assert_ok().changed == 0


def test_files_that_it_did_not_write_are_never_overwritten(tmp_path):
    project = tmp_path / "elsewhere" / "user-service-infrastructure"
    (project / "environments/dev").mkdir(parents=True)
    (project / "environments/dev/main.tf").write_text("# by hand\n")
    result = generate(tmp_path, destination="elsewhere").assert_ok()
    assert (project / "environments/dev/main.tf").read_text() == "# by hand\n"
    assert "environments/dev/main.tf was not generated by this" in result.stdout
    assert (project / "environments/dev/data.tf").exists()


# What is refused ---------------------------------------------------------------------------------------------------


def test_bad_names_are_named_together_before_anything_is_written(tmp_path):
    result = generate(
        tmp_path, project="User_Service", team="b", org="connectly", environments="dev,staging", destination="new"
    )
    assert result.rc != 0 and list(tmp_path.iterdir()) == []
    (task,) = result.failed_tasks
    for text in ("'User_Service'", "team is 'b'", "environments[1] is 'staging'", "connectly has dev, prod"):
        assert text in task.result["msg"], text
    assert "\n" not in task.result["msg"]


def test_what_is_missing_is_named(tmp_path):
    result = run_playbook(PLAYBOOK, None, "-e", "project=user-service", cwd=tmp_path)
    result.assert_failed("Missing: team, org, environments; give for example -e project=")


# The script of the old name ----------------------------------------------------------------------------------------


def script(folder, *flags):
    return subprocess.run(
        [SCRIPT, *flags], cwd=folder, env=run_environment(cwd=folder), capture_output=True, text=True, check=False
    )


def test_script_with_the_old_flags_writes_the_same(tmp_path, projects):
    flags = ("--project", "user-service", "--team", "backend", "--org=connectly", "--environments", "dev,prod")
    shown = script(tmp_path, *flags, "--check")
    assert (
        shown.returncode == 0 and "after: environments/dev/main.tf" in shown.stdout and list(tmp_path.iterdir()) == []
    )
    made = script(tmp_path, *flags)
    assert made.returncode == 0, made.stdout + made.stderr
    assert texts(tmp_path / "user-service-infrastructure") == texts(projects["remote_state"])


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--project", "user-service", "--team", "backend", "--org", "connectly"), "--environments is missing"),
        (("--project", "user-service", "--region", "x"), "--region is no flag"),
        (("--project",), "--project needs a value"),
        (
            ("--project", 'a" b\\', "--team", "backend", "--org", "connectly", "--environments", "dev"),
            "allowed are 2 to 32 lowercase letters",
        ),
    ],
)
def test_script_refuses(tmp_path, flags, text):
    result = script(tmp_path, *flags)
    assert result.returncode != 0 and text in result.stdout + result.stderr
    assert list(tmp_path.iterdir()) == []


# The Terraform variant ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["remote_state", "ssm", "wealist", "wealist_ssm"])
@requires_terraform
def test_terraform_is_formatted_and_parses(projects, name):
    checked = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-recursive", "."],
        cwd=projects[name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for path in projects[name].rglob("*.tf"):
        with path.open(encoding="utf-8") as file:
            assert hcl2.load(file), path


@pytest.mark.parametrize("name", ["remote_state", "ssm", "wealist", "wealist_ssm"])
def test_only_declared_things_are_used(projects, name):
    """What terraform validate would find: outputs that are not in the contract or not read, variables that do not
    exist.
    """
    for folder in (projects[name] / "environments").iterdir():
        code = "\n".join(path.read_text() for path in folder.glob("*.tf"))
        used = set(re.findall(r"local\.shared\.([a-z0-9_]+)", code))
        assert used and used <= set(CONTRACT.outputs), used - set(CONTRACT.outputs)
        assert set(re.findall(r"var\.([a-z0-9_]+)", code)) == set(
            re.findall(r'^variable "([a-z0-9_]+)"', code, re.MULTILINE)
        )
        if "ssm" in name:
            read = dict(re.findall(r'^    ([a-z0-9_]+) += "(/.*)"$', code, re.MULTILINE))
            assert used <= set(read)
            prefix = yaml.safe_load((folder / "ansible/inventories/hosts.yml").read_text())["all"]["hosts"].popitem()[
                1
            ]["shared_infrastructure_ssm_prefix"]
            assert read == {output: f"{prefix}/{CONTRACT.outputs[output].path}" for output in read}


def test_the_places_are_those_of_the_inventories(tmp_path):
    """Bucket, key, table, prefix, region and layers stand in the inventories; the role's defaults repeat them."""
    places = yaml.safe_load((ROOT / "roles/new_project/defaults/main.yml").read_text())["new_project_places"]
    names = (
        "organization",
        "environment",
        "region",
        "ssm_prefix",
        "state_bucket",
        "state_key",
        "state_lock_table",
        "layers",
    )
    message = {name: f"{{{{ shared_infrastructure_{name} }}}}" for name in names}
    message["state_region"] = "{{ shared_infrastructure_state_region | default('') }}"
    show = tmp_path / "show.yml"
    show.write_text(
        yaml.safe_dump(
            [
                {
                    "hosts": "all",
                    "gather_facts": False,
                    "tasks": [{"name": "Show", "ansible.builtin.debug": {"msg": message}}],
                }
            ]
        )
    )
    inventories = sorted((ROOT / "inventories").iterdir())
    result = run_playbook(show, inventories, "--limit", "shared_infrastructure").assert_ok()
    shown = sorted(
        (task.result["msg"] for task in result.select("Show")),
        key=lambda place: (place["organization"], place["environment"]),
    )
    repeated = [
        {"state_region": "", **{name: place[name] for name in (*names, "state_region") if name in place}}
        for place in places
    ]
    assert shown == sorted(repeated, key=lambda place: (place["organization"], place["environment"]))


@pytest.fixture
def terraform(proxy, emulator):
    """Runs Terraform as it stands, without a word about the emulator in its code."""
    environment = {
        **os.environ,
        **emulator.environment(),
        **proxy.unmodified_environment(),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }

    def run(folder, *command):
        done = subprocess.run(
            ["terraform", *command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@requires_terraform
@pytest.mark.parametrize("environment", spread(["dev", "prod"], ["dev"]))
def test_remote_state_really_runs(projects, account, terraform, tmp_path, environment):
    """data.tf and backend.tf as they were generated, with outputs that show what they give."""
    published = {}
    for name, (bucket, key, table) in STATES.items():
        published[name] = {
            "vpc_id": f"vpc-{name}",
            "private_subnet_ids": [f"subnet-{name}-a", f"subnet-{name}-b"],
            "ecs_cluster_arn": f"arn:aws:ecs:ap-northeast-2:123456789012:cluster/{name}",
        }
        where = {"deployment": f"connectly-{name}", "bucket": bucket, "key": key, "lock_table": table}
        run_module("terraform_state_outputs", {**where, "outputs": published[name]}, account.endpoint_url)
    bucket, key, _table = STATES[environment]
    s3 = account.client("s3")
    shared = s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    for name in ("data.tf", "backend.tf"):
        shutil.copy(projects["remote_state"] / "environments" / environment / name, tmp_path)
    (tmp_path / "show.tf").write_text(
        "\n".join(f'output "{name}" {{\n  value = local.shared.{name}\n}}' for name in published[environment])
    )
    terraform(tmp_path, "init", "-input=false", "-no-color")
    terraform(tmp_path, "apply", "-auto-approve", "-input=false", "-no-color")
    shown = json.loads(terraform(tmp_path, "output", "-json"))
    assert {name: output["value"] for name, output in shown.items()} == published[environment]
    assert "No changes" in terraform(tmp_path, "plan", "-detailed-exitcode", "-input=false", "-no-color")

    own = json.loads(s3.get_object(Bucket=bucket, Key=f"user-service/{environment}/terraform.tfstate")["Body"].read())
    assert own["outputs"]["vpc_id"]["value"] == f"vpc-{environment}"
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == shared


# The Ansible variant -----------------------------------------------------------------------------------------------


def publish_shared(account, prefix, deployment, ecs=True):
    """A small shared infrastructure: (outputs, published under the prefix)."""
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]["SubnetId"] for number in (1, 2)]
    outputs = {"vpc_id": vpc, "vpc_cidr": "10.0.0.0/16", "private_subnet_ids": subnets}
    if ecs:
        outputs["ecs_tasks_security_group_id"] = ec2.create_security_group(
            GroupName="ecs-tasks", Description="tasks", VpcId=vpc
        )["GroupId"]
        outputs["ecs_cluster_arn"] = account.client("ecs").create_cluster(clusterName="shared")["cluster"]["clusterArn"]
    outputs["kms_key_arn"] = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    run_module("ssm_outputs", {"deployment": deployment, "prefix": prefix, "outputs": outputs}, account.endpoint_url)
    return outputs


def run_generated(run_playbook, project, environment, *flags):
    return run_playbook("playbook.yml", None, *flags, cwd=project / "environments" / environment / "ansible")


def group_of(account, name, vpc):
    filters = [{"Name": "group-name", "Values": [name]}, {"Name": "vpc-id", "Values": [vpc]}]
    return account.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]


def test_ansible_project_runs_unchanged(projects, account, run_playbook):
    shared = publish_shared(account, "/connectly-shared/dev", "connectly-dev")
    project = projects["remote_state"]
    run_generated(run_playbook, project, "dev", "--check").assert_ok()
    assert group_of(account, "user-service-dev", shared["vpc_id"]) == []

    run_generated(run_playbook, project, "dev").assert_ok()
    (group,) = group_of(account, "user-service-dev", shared["vpc_id"])
    (rule,) = group["IpPermissions"]
    assert (rule["FromPort"], rule["UserIdGroupPairs"][0]["GroupId"]) == (8080, shared["ecs_tasks_security_group_id"])
    assert {"Key": "Team", "Value": "backend"} in group["Tags"]
    (log_group,) = account.client("logs").describe_log_groups(logGroupNamePrefix="/connectly/dev/user-service")[
        "logGroups"
    ]
    assert (log_group["kmsKeyId"], log_group["retentionInDays"]) == (shared["kms_key_arn"], 30)

    assert run_generated(run_playbook, project, "dev").assert_ok().changed == 0
    run_generated(run_playbook, project, "prod").assert_failed("/connectly-shared/prod")


def test_ansible_project_without_a_cluster_runs_unchanged(projects, account, run_playbook):
    shared = publish_shared(account, "/wealist/prod", "wealist-prod", ecs=False)
    run_generated(run_playbook, projects["wealist"], "prod").assert_ok()
    (group,) = group_of(account, "board-prod", shared["vpc_id"])
    assert group["IpPermissions"][0]["IpRanges"][0]["CidrIp"] == "10.0.0.0/16"


@pytest.mark.parametrize("name", spread(["remote_state", "wealist"], ["remote_state"]))
def test_ansible_project_passes_ansible_lint(projects, name):
    command = [program("ansible-lint"), "--offline", "--profile", "production", "--nocolor", "."]
    checked = subprocess.run(
        command,
        cwd=projects[name],
        env=run_environment(cwd=projects[name]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
