"""Does what another team might: a policy statement and a tag of its own on a repository."""

from __future__ import annotations

import json
import os

import boto3

ecr = boto3.client("ecr", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])
(repository,) = ecr.describe_repositories(repositoryNames=["molecule-registry/backend"])["repositories"]
statement = {
    "Sid": "Foreign",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{repository['registryId']}:root"},
    "Action": "ecr:DescribeImages",
}
policy = {"Version": "2012-10-17", "Statement": [statement]}
ecr.set_repository_policy(repositoryName=repository["repositoryName"], policyText=json.dumps(policy))
ecr.tag_resource(resourceArn=repository["repositoryArn"], tags=[{"Key": "Foreign", "Value": "yes"}])
