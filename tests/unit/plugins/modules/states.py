"""A published Terraform state for the tests of its module: its inputs, runs of the module, and what is stored by
plain boto3.
"""

from __future__ import annotations

import hashlib
import json

import pytest
from support.module import ModuleFailed, run_module

BUCKET, KEY, TABLE = "dev-connectly", "connectly-shared/dev/terraform.tfstate", "dev-connectly-tf-lock"
OUTPUTS = {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-a", "subnet-b"], "note": "first"}
OPTIONS = {
    "deployment": "connectly-dev",
    "bucket": BUCKET,
    "key": KEY,
    "lock_table": TABLE,
    "tags": {"Team": "platform"},
    "outputs": OUTPUTS,
    "lock_timeout": 0,
}
TERRAFORMS_LOCK = {
    "ID": "9b76d0d7-ed29-af14-64bb-53d296c60eb7",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "kim@laptop",
    "Version": "1.11.4",
    "Created": "2026-11-22T07:45:09.049827482Z",
    "Path": f"{BUCKET}/{KEY}",
}


def run(account, check=False, **options):
    return run_module("terraform_state_outputs", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def fails(account, **options):
    with pytest.raises(ModuleFailed) as failure:
        run(account, **options)
    return failure.value.result


def body(account, key=KEY, bucket=BUCKET):
    return account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


def state(account, key=KEY):
    return json.loads(body(account, key))


def item(account, lock_id):
    found = account.client("dynamodb").get_item(TableName=TABLE, Key={"LockID": {"S": lock_id}}).get("Item")
    return {name: value["S"] for name, value in found.items()} if found else None


def digest(account, key=KEY):
    found = item(account, f"{BUCKET}/{key}-md5")
    return found and found["Digest"]


def md5(data):
    return hashlib.md5(data).hexdigest()


def keys(account, bucket=BUCKET):
    return [entry["Key"] for entry in account.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def kinds(result):
    return [(action["action"], action["type"]) for action in result["actions"]]


def plant_lock(account):
    entry = {"LockID": {"S": f"{BUCKET}/{KEY}"}, "Info": {"S": json.dumps(TERRAFORMS_LOCK)}}
    account.client("dynamodb").put_item(TableName=TABLE, Item=entry)


def plant_state(account, key=KEY, **changes):
    """A state as a Terraform project leaves it, with its digest."""
    data = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 41,
        "lineage": "11111111-2222-3333-4444-555555555555",
        "outputs": {"vpc_id": {"value": "vpc-1", "type": "string"}},
        "resources": [{"mode": "managed", "type": "aws_vpc", "name": "main", "instances": []}],
        "check_results": None,
    }
    text = json.dumps({**data, **changes}).encode()
    account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text)
    account.client("dynamodb").put_item(
        TableName=TABLE, Item={"LockID": {"S": f"{BUCKET}/{key}-md5"}, "Digest": {"S": md5(text)}}
    )
    return text


def make_backend(account, region=None):
    """The backend as another tool made it: without our tags."""
    make_bucket(account.client("s3", region=region))
    make_table(account.client("dynamodb", region=region))


def make_bucket(s3):
    """In the region of the client."""
    region = s3.meta.region_name
    s3.create_bucket(
        Bucket=BUCKET,
        **({} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}),
    )


def make_table(dynamodb):
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
    )
