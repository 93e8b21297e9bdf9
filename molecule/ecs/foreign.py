"""Does what another team might: a tag of its own on the cluster and on its log group."""

from __future__ import annotations

import os

import boto3

connection = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"], "region_name": os.environ["AWS_REGION"]}
ecs, logs = boto3.client("ecs", **connection), boto3.client("logs", **connection)
(cluster,) = (arn for arn in ecs.list_clusters()["clusterArns"] if arn.endswith("/molecule-ecs"))
ecs.tag_resource(resourceArn=cluster, tags=[{"key": "Foreign", "value": "yes"}])
(group,) = logs.describe_log_groups(logGroupNamePrefix="/aws/ecs/molecule-ecs")["logGroups"]
logs.tag_resource(resourceArn=group["arn"].removesuffix(":*"), tags={"Foreign": "yes"})
