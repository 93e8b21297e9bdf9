"""Does what another team might: a statement of its own in the key policy."""

from __future__ import annotations

import json
import os

import boto3

kms = boto3.client("kms", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])
key = kms.describe_key(KeyId="alias/molecule-kms")["KeyMetadata"]["KeyId"]
policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
account = boto3.client(
    "sts", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"]
).get_caller_identity()["Account"]
statement = {
    "Sid": "Foreign",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
    "Action": "kms:ListGrants",
    "Resource": "*",
}
policy["Statement"].append(statement)
kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
