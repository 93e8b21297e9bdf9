"""The state bucket and its lock table: whose they are and where is known before the first layer, and everybody uses
the same ones.
"""

from __future__ import annotations

import hashlib
import json

import pytest
from helpers.inventories import dev_with, line_of
from helpers.site import empty_site, messages
from helpers.terraform import FLAGS, Project
from support.faults import Fault, answer_elsewhere
from support.requires import requires_terraform
from support.spread import spread

BUCKET, KEY, TABLE = "dev-connectly", "connectly-shared/dev/terraform.tfstate", "dev-connectly-tf-lock"
ELSEWHERE, STRANGER = "us-east-1", "999988887777"
EMPTY_STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 7,
    "lineage": "1b6e2a54",
    "outputs": {},
    "resources": [],
}
CONSUMER = (
    """
data "terraform_remote_state" "shared" {
  backend = "s3"
  config = {
    bucket         = "dev-connectly"
    key            = "connectly-shared/dev/terraform.tfstate"
    region         = "us-east-1"
    dynamodb_table = "dev-connectly-tf-lock"
"""
    + FLAGS
    + """
  }
}

output "key" {
  value = data.terraform_remote_state.shared.outputs.kms_key_arn
}
"""
)


def make_table(dynamodb):
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
    )


@pytest.fixture
def site(emulator):
    with empty_site(emulator) as running:
        yield running


@pytest.fixture
def foreign(site):
    """The S3 client of a stranger, who has a bucket of our name."""
    s3 = site.emulator.client_of(STRANGER, "s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": site.emulator.region})
    return s3


@pytest.fixture
def elsewhere(site):
    """Bucket and table of a Terraform project in another region; the digest there, left by 0.1.0, is older."""
    s3 = site.emulator.client("s3", region=ELSEWHERE)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(EMPTY_STATE).encode())
    dynamodb = site.emulator.client("dynamodb", region=ELSEWHERE)
    make_table(dynamodb)
    dynamodb.put_item(TableName=TABLE, Item={"LockID": {"S": f"{BUCKET}/{KEY}-md5"}, "Digest": {"S": "0" * 32}})
    return dynamodb


def refused(result, site):
    """The message of a run that changed nothing."""
    assert result.rc != 0
    assert not site.writes(), "\n".join(site.writes())
    (message,) = messages(result)
    assert "Nothing was changed" in message and "\n" not in message
    return message


@pytest.mark.parametrize(
    "command",
    spread(
        [("site.yml",), ("site.yml", "--check"), ("playbooks/network.yml",), ("playbooks/unlock.yml",)],
        [("site.yml", "--check"), ("playbooks/unlock.yml",)],
    ),
    ids=["site", "check", "network", "unlock"],
)
def test_a_state_bucket_of_somebody_else_is_refused_by_name(site, foreign, command):
    before = site.snapshot()
    playbook, *arguments = command
    message = refused(site.run(playbook, "dev", *arguments), site)
    assert f"is '{BUCKET}', which belongs to another account than {site.emulator.account_id}" in message
    assert (
        "shared_infrastructure_state_bucket (set in " in message
        and "set shared_infrastructure_state_bucket_owner" in message
    )
    assert site.snapshot() == before and "kms_key" not in before
    assert "Contents" not in foreign.list_objects_v2(Bucket=BUCKET)


def test_a_state_bucket_that_may_not_be_read_is_refused_by_name(site):
    site.proxy.add(Fault("s3:HeadBucket", answer_elsewhere(ELSEWHERE, status=403), times=None))
    message = refused(site.run("site.yml", "dev"), site)
    assert (
        f"'{BUCKET}'" in message
        and "may not be read with these credentials (s3:ListBucket)" in message
        and f"it is in {ELSEWHERE}" in message
    )


def test_another_region_than_the_buckets_is_refused_with_the_line_that_says_it(site, elsewhere, tmp_path):
    inventory = dev_with(tmp_path / "dev", {"shared_infrastructure_state_region": "eu-west-1"})
    message = refused(site.run("site.yml", inventory), site)
    assert f"(set in {inventory / 'hosts.yml'}:{line_of(inventory, 'shared_infrastructure_state_region')}" in message
    assert f"is 'eu-west-1', but the state bucket '{BUCKET}' is in {ELSEWHERE}" in message


@requires_terraform
def test_a_backend_in_another_region_is_used_there(site, elsewhere, tmp_path):
    site.run("playbooks/kms.yml", "dev").assert_ok()
    state = site.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    item = elsewhere.get_item(TableName=TABLE, Key={"LockID": {"S": f"{BUCKET}/{KEY}-md5"}})["Item"]
    assert item["Digest"]["S"] == hashlib.md5(state).hexdigest()
    assert site.client("dynamodb").list_tables()["TableNames"] == [], "no second table"
    (key,) = site.client("kms").list_keys()["Keys"]
    consumer = Project(tmp_path / "consumer", site.emulator, CONSUMER).init()
    consumer.apply()
    assert consumer.outputs() == {"key": key["KeyArn"]}

    assert site.run("playbooks/kms.yml", "dev").assert_ok().changed == 0
    assert site.proxy.count("s3", "HeadBucket") == 1
    assert consumer.is_clean()


def test_the_guard_asks_where_the_bucket_is_and_the_publisher_does_not_ask_again(site):
    site.run("playbooks/kms.yml", "dev").assert_ok()
    assert site.run("playbooks/kms.yml", "dev").assert_ok().changed == 0
    assert (site.proxy.count("s3", "HeadBucket"), site.proxy.count("sts", "GetCallerIdentity")) == (1, 2)
