"""Does what another team might: a tag of its own on the database and on the cache."""

from __future__ import annotations

import os

import boto3

connection = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"], "region_name": os.environ["AWS_REGION"]}
rds, elasticache = boto3.client("rds", **connection), boto3.client("elasticache", **connection)
TAGS = [{"Key": "Foreign", "Value": "yes"}]
(database,) = (
    item
    for item in rds.describe_db_instances()["DBInstances"]
    if item["DBInstanceIdentifier"].startswith("molecule-data")
)
rds.add_tags_to_resource(ResourceName=database["DBInstanceArn"], Tags=TAGS)
(cache,) = (
    item
    for item in elasticache.describe_replication_groups()["ReplicationGroups"]
    if item["ReplicationGroupId"].startswith("molecule-data")
)
elasticache.add_tags_to_resource(ResourceName=cache["ARN"], Tags=TAGS)
