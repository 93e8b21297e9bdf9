"""The real terraform binary as a consumer of what terraform_state_outputs publishes, and as an owner that shares its
locks.

Consumers are written as the guides and today's projects write them; only the emulator's address and the skip flags are
added, the former through the environment (AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_DYNAMODB).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
import time

import pytest
from helpers.terraform import FLAGS, Project
from support.module import ModuleFailed, run_module
from support.playbook import ROOT, PlaybookRun
from support.requires import requires_terraform
from support.spread import every_case, spread

pytestmark = requires_terraform

OUTPUTS = {
    "vpc_id": "vpc-1",
    "private_subnet_ids": ["subnet-a", "subnet-b"],
    "ecr_repository_urls": {"prod/api": "1.dkr.ecr.ap-northeast-2.amazonaws.com/prod/api"},
    "retention_days": 30,
    "flow_logs": True,
    "nothing": [],
    "mixed": {"name": "a", "ports": [80, 443]},
    "note": '공유 인프라 <${vpc}> "&"',
}
# (deployment, bucket, key, lock table) of the three deployments in the specification.
DEPLOYMENTS = {
    "dev": ("connectly-dev", "dev-connectly", "connectly-shared/dev/terraform.tfstate", "dev-connectly-tf-lock"),
    "prod": ("connectly-prod", "prod-connectly", "connectly-shared/prod/terraform.tfstate", "prod-connectly-tf-lock"),
    "foundation": (
        "wealist-prod",
        "wealist-tf-state-advanced-k8s",
        "prod/foundation/terraform.tfstate",
        "terraform-lock",
    ),
}
CONSUMER = """
data "terraform_remote_state" "shared" {
  backend = "s3"
  config = {
    bucket = "%(bucket)s"
    key    = "%(key)s"
    region = "ap-northeast-2"
    %(lock)s
    %(flags)s
  }
}

# Stands for the ECS service of the guide, which takes these three.
resource "terraform_data" "app" {
  input = {
    vpc     = data.terraform_remote_state.shared.outputs.vpc_id
    subnets = data.terraform_remote_state.shared.outputs.private_subnet_ids
    first   = data.terraform_remote_state.shared.outputs.private_subnet_ids[0]
    image   = data.terraform_remote_state.shared.outputs.ecr_repository_urls["prod/api"]
    days    = data.terraform_remote_state.shared.outputs.retention_days + 1
    on      = data.terraform_remote_state.shared.outputs.flow_logs ? "on" : "off"
    none    = length(data.terraform_remote_state.shared.outputs.nothing)
    port    = data.terraform_remote_state.shared.outputs.mixed.ports[1]
  }
}

output "everything" {
  value = data.terraform_remote_state.shared.outputs
}

output "app" {
  value = terraform_data.app.output
}
"""
OWNER = """
terraform {
  backend "s3" {
    bucket = "%(bucket)s"
    key    = "%(key)s"
    region = "ap-northeast-2"
    %(lock)s
    %(flags)s
  }
}
%(rest)s
"""


class Deployment:
    """One published state: how we publish it, and what a Terraform project says to reach it."""

    def __init__(self, name, account):
        self.account = account
        self.deployment, self.bucket, self.key, self.table = DEPLOYMENTS[name]

    def publish(self, check=False, **options):
        parameters = {
            "deployment": self.deployment,
            "bucket": self.bucket,
            "key": self.key,
            "lock_table": self.table,
            "outputs": OUTPUTS,
            "lock_timeout": 0,
            **options,
        }
        return run_module("terraform_state_outputs", parameters, self.account.endpoint_url, check=check)

    def unlock(self, lock_id):
        parameters = {"bucket": self.bucket, "state_keys": [self.key], "lock_table": self.table, "lock_id": lock_id}
        return run_module("terraform_state_unlock", parameters, self.account.endpoint_url)

    def settings(self, lock="", **more):
        return {"bucket": self.bucket, "key": self.key, "lock": lock, "flags": FLAGS, **more}

    @property
    def dynamodb_table(self):
        return f'dynamodb_table = "{self.table}"'

    def body(self):
        return self.account.client("s3").get_object(Bucket=self.bucket, Key=self.key)["Body"].read()

    def state(self):
        return json.loads(self.body())

    def item(self, lock_id):
        answer = self.account.client("dynamodb").get_item(TableName=self.table, Key={"LockID": {"S": lock_id}})
        return {name: value["S"] for name, value in answer["Item"].items()} if "Item" in answer else None

    def lock(self):
        item = self.item(f"{self.bucket}/{self.key}")
        return json.loads(item["Info"]) if item else None

    def digest(self):
        return (self.item(f"{self.bucket}/{self.key}-md5") or {}).get("Digest")

    def digest_is_right(self):
        return self.digest() == hashlib.md5(self.body()).hexdigest()


@pytest.fixture(autouse=True)
def nothing_runs_on():
    """A failed test leaves no terraform behind."""
    yield
    Project.end_all()


@pytest.fixture
def dev(account):
    return Deployment("dev", account)


def owner(dev, tmp_path, name="owner", rest="", lock=None):
    return Project(
        tmp_path / name, dev.account, OWNER % dev.settings(dev.dynamodb_table if lock is None else lock, rest=rest)
    ).init()


KINDS = {True: "dynamodb_table", False: "plain"}
CONSUMERS_IN_MAKE_TEST = (("dev", True), ("foundation", False))

# Reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "with_table"),
    [
        pytest.param(
            *case, marks=() if case in CONSUMERS_IN_MAKE_TEST else every_case, id=f"{case[0]}-{KINDS[case[1]]}"
        )
        for case in itertools.product(DEPLOYMENTS, KINDS)
    ],
)
def test_consumers_apply_and_have_a_clean_second_plan(account, tmp_path, name, with_table):
    deployment = Deployment(name, account)
    deployment.publish()
    project = Project(
        tmp_path / "consumer", account, CONSUMER % deployment.settings(deployment.dynamodb_table if with_table else "")
    )
    project.init().apply()
    assert project.is_clean()
    assert project.outputs()["everything"] == OUTPUTS
    assert project.outputs()["app"] == {
        "vpc": "vpc-1",
        "subnets": ["subnet-a", "subnet-b"],
        "first": "subnet-a",
        "image": OUTPUTS["ecr_repository_urls"]["prod/api"],
        "days": 31,
        "on": "on",
        "none": 0,
        "port": 443,
    }
    # A publication of the same leaves the plan clean, one of another value does not.
    deployment.publish()
    assert project.is_clean()
    deployment.publish(outputs={**OUTPUTS, "retention_days": 90})
    project.run("plan", "-no-color", "-input=false", "-detailed-exitcode", rc=2)
    project.apply()
    assert project.outputs()["app"]["days"] == 91


def test_the_key_of_the_first_guide_gives_prods_outputs_where_it_is_switched_on(account, tmp_path):
    prod = Deployment("prod", account)
    prod.publish(extra_keys=["connectly-shared/dev/terraform.tfstate"])
    settings = {**prod.settings(prod.dynamodb_table), "key": "connectly-shared/dev/terraform.tfstate"}
    project = Project(tmp_path / "consumer", account, CONSUMER % settings).init()
    project.apply()
    assert project.is_clean()
    assert project.outputs()["everything"] == OUTPUTS


def test_terraform_pulls_the_state_and_its_outputs(dev, tmp_path):
    dev.publish()
    project = owner(dev, tmp_path)
    pulled = json.loads(project.run("state", "pull"))
    assert (pulled["version"], pulled["serial"], pulled["lineage"]) == (4, 1, dev.state()["lineage"])
    assert project.outputs() == OUTPUTS
    assert project.run("output", "-raw", "vpc_id") == "vpc-1"
    assert project.run("state", "list") == ""


def test_a_wrong_digest_stops_consumers_and_the_next_run_repairs_it(dev, tmp_path):
    dev.publish()
    name = f"{dev.bucket}/{dev.key}-md5"
    dev.account.client("dynamodb").put_item(
        TableName=dev.table, Item={"LockID": {"S": name}, "Digest": {"S": "0" * 32}}
    )
    project = Project(tmp_path / "consumer", dev.account, CONSUMER % dev.settings(dev.dynamodb_table)).init()
    assert "state data in S3 does not have the expected content" in project.apply(rc=1)
    assert dev.publish()["changed"]
    assert dev.digest_is_right()
    project.apply()
    assert project.is_clean()


def test_a_removed_state_leaves_no_digest_behind(dev, tmp_path):
    dev.publish()
    dev.publish(state="absent")
    assert dev.digest() is None
    project = Project(tmp_path / "consumer", dev.account, CONSUMER % dev.settings(dev.dynamodb_table)).init()
    assert "Unable to find remote state" in project.apply(rc=1)
    # With a digest left behind the project could not even begin anew.
    owner(dev, tmp_path, rest='output "x" {\n  value = 1\n}').apply()


# Locks ------------------------------------------------------------------------------------------------------------


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return found


SLEEPER = """
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "while [ ! -e '%s' ]; do sleep 0.2; done"
  }
}
"""


@pytest.mark.parametrize("kind", ["dynamodb_table", "use_lockfile"])
def test_an_apply_of_terraform_keeps_us_out(dev, tmp_path, kind):
    options = {"use_lockfile": kind == "use_lockfile"}
    dev.publish(**options)
    before, go = dev.body(), tmp_path / "go"
    lock = dev.dynamodb_table if kind == "dynamodb_table" else "use_lockfile = true"
    project = owner(dev, tmp_path, rest=SLEEPER % go, lock=lock)
    process = project.start("apply", "-no-color", "-input=false", "-auto-approve")
    try:
        # Terraform writes nothing while the resource is being made.
        wait_for(lambda: dev.lock() if kind == "dynamodb_table" else f"{dev.key}.tflock" in keys(dev))
        changed = {"outputs": {**OUTPUTS, "added": "x"}, **options}
        with pytest.raises(ModuleFailed, match=r"locked by .*@.*OperationTypeApply.*terraform force-unlock"):
            dev.publish(**changed)
        assert not dev.publish(**options)["changed"], "nothing to write needs no lock"
        assert dev.body() == before
    finally:
        go.touch()
        output = process.communicate(timeout=120)[0]
    assert process.returncode == 0, output
    # Now the state is that of a Terraform project.
    with pytest.raises(ModuleFailed, match="lists 1 resource"):
        dev.publish(**changed)


def keys(dev):
    return [entry["Key"] for entry in dev.account.client("s3").list_objects_v2(Bucket=dev.bucket).get("Contents", [])]


def test_we_wait_until_terraform_is_done(dev, tmp_path):
    dev.publish()
    go = tmp_path / "go"
    project = owner(dev, tmp_path, rest=SLEEPER % go)
    process = project.start("apply", "-no-color", "-input=false", "-auto-approve")
    wait_for(dev.lock)
    threading.Timer(2, go.touch).start()
    # What Terraform wrote meanwhile is seen: it took our outputs away and has a resource now.
    with pytest.raises(ModuleFailed, match=r"changed by somebody else.*lists 1 resource"):
        dev.publish(lock_timeout=60, outputs={**OUTPUTS, "added": "x"})
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 0, output
    assert dev.lock() is None
    assert dev.digest_is_right()


@pytest.mark.parametrize("kind", spread(["dynamodb_table", "use_lockfile"], ["dynamodb_table"]))
def test_our_lock_keeps_terraform_out_until_force_unlock(dev, tmp_path, proxy, kind):
    """A run that dies with its lock held: Terraform names it, and clears it with its own command."""
    dev.publish()
    lock = kill_while_locked(
        dev,
        proxy,
        tmp_path,
        use_lockfile=kind == "use_lockfile",
        lock_table=dev.table if kind == "dynamodb_table" else None,
    )
    project = owner(
        dev,
        tmp_path,
        rest='output "x" {\n  value = 1\n}',
        lock=dev.dynamodb_table if kind == "dynamodb_table" else "use_lockfile = true",
    )
    refused = project.apply(rc=1)
    for part in (
        "Error acquiring the state lock",
        lock["ID"],
        lock["Who"],
        "publish outputs",
        "deployment connectly-dev",
    ):
        assert part in refused, refused
    project.run("force-unlock", "-force", lock["ID"])
    project.apply()
    assert dev.lock() is None and f"{dev.key}.tflock" not in keys(dev)


@pytest.mark.parametrize("with_terraform", [True, False], ids=["force-unlock", "ours"])
def test_the_next_run_names_a_dead_one_and_repairs_after_one_command(dev, tmp_path, proxy, with_terraform):
    """Killed between the object and its digest, the worst moment."""
    dev.publish()
    wanted = {"outputs": {**OUTPUTS, "added": "x"}}
    # A project that is initialised already: init itself reads the state, and so needs a right digest.
    project = owner(dev, tmp_path) if with_terraform else None
    lock = kill_while_locked(dev, proxy, tmp_path, write=2)
    assert "added" in dev.state()["outputs"] and not dev.digest_is_right()
    consumer = Project(tmp_path / "consumer", dev.account, CONSUMER % dev.settings(dev.dynamodb_table)).init()
    if project:  # ten seconds, so once
        consumer.apply(rc=1)
    plain = Project(tmp_path / "plain", dev.account, CONSUMER % dev.settings()).init()
    plain.apply()
    assert plain.outputs()["everything"] == wanted["outputs"], "the new set, whole"

    with pytest.raises(ModuleFailed, match=lock["ID"]) as failure:
        dev.publish(**wanted)
    assert lock["Who"] in str(failure.value)
    if project:
        project.run("force-unlock", "-force", lock["ID"])
    else:
        assert dev.unlock(lock["ID"])["changed"]
    assert dev.publish(**wanted)["changed"]
    assert dev.digest_is_right() and dev.lock() is None
    consumer.apply()
    assert consumer.is_clean()


PLAYBOOK = """
- name: Publish
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - name: Publish
      connectly.shared_infrastructure.terraform_state_outputs: "{{ options }}"
"""


def kill_while_locked(dev, proxy, folder, write=1, **options):
    """A real playbook run, ended by SIGKILL after its n-th write (1: the lock, 2: the object); returns the lock that
    it left.
    """
    parameters = {
        "deployment": dev.deployment,
        "bucket": dev.bucket,
        "key": dev.key,
        "lock_table": dev.table,
        "outputs": {**OUTPUTS, "added": "x"},
        **options,
    }
    playbook = folder / "publish.yml"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    variables = {"options": {name: value for name, value in parameters.items() if value is not None}}
    run = PlaybookRun(playbook, None, extra_vars=variables, env=dev.account.environment(proxy.endpoint_url), cwd=ROOT)
    proxy.on_write(write, run.kill)
    assert run.start().wait(120).rc == -9
    proxy.wait_idle()
    if options.get("use_lockfile"):
        return json.loads(
            dev.account.client("s3").get_object(Bucket=dev.bucket, Key=f"{dev.key}.tflock")["Body"].read()
        )
    return dev.lock()
