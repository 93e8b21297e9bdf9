"""Does what another team might: a statement, a rule and a tag of its own on the log bucket."""

from __future__ import annotations

import json
import os

import boto3

BUCKET = "molecule-storage-logs"
s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])
policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
account = boto3.client(
    "sts", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"]
).get_caller_identity()["Account"]
principal = {"AWS": f"arn:aws:iam::{account}:root"}
policy["Statement"].append(
    {
        "Sid": "Foreign",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
    }
)
s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
rules.append({"ID": "foreign", "Status": "Enabled", "Filter": {"Prefix": "foreign/"}, "Expiration": {"Days": 999}})
s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": rules})
tags = s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]
s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [*tags, {"Key": "Foreign", "Value": "yes"}]})
