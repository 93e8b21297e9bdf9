"""Reads S3, DynamoDB and ECR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from support.snapshot.items import Item, omit, paged, pick, policy, tag_dict

# Errors that say "there is none of it" in the S3 and ECR APIs.
ABSENT = (
    *("NoSuchTagSet", "NoSuchBucketPolicy", "NoSuchLifecycleConfiguration", "NoSuchCORSConfiguration"),
    *(
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    *("LifecyclePolicyNotFoundException", "RepositoryPolicyNotFoundException"),
)


def optional(method, key: str, **arguments: Any) -> Any:
    """What the answer holds under `key`; None where AWS says that there is none."""
    try:
        return method(**arguments).get(key)
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise


def read_buckets(client) -> Iterator[Item]:
    """Buckets with everything that is configured on them, and the names of their objects."""
    s3 = client("s3")
    for bucket in paged(s3, "list_buckets", "Buckets"):
        name = bucket["Name"]
        data = {
            "encryption": optional(s3.get_bucket_encryption, "ServerSideEncryptionConfiguration", Bucket=name),
            "versioning": optional(s3.get_bucket_versioning, "Status", Bucket=name),
            "policy": policy(optional(s3.get_bucket_policy, "Policy", Bucket=name)),
            "lifecycle": optional(s3.get_bucket_lifecycle_configuration, "Rules", Bucket=name),
            "public_access_block": optional(s3.get_public_access_block, "PublicAccessBlockConfiguration", Bucket=name),
            "ownership": optional(s3.get_bucket_ownership_controls, "OwnershipControls", Bucket=name),
            "cors": optional(s3.get_bucket_cors, "CORSRules", Bucket=name),
            "objects": [entry["Key"] for entry in paged(s3, "list_objects_v2", "Contents", Bucket=name)],
        }
        tags = tag_dict(optional(s3.get_bucket_tagging, "TagSet", Bucket=name))
        yield Item("terraform_state_bucket" if _is_published(tags) else "s3_bucket", name, data, tags)


def _is_published(tags: Mapping[str, str]) -> bool:
    """Whether the publisher made it: then it holds Terraform states."""
    return any(name.endswith(":layer") and value == "outputs" for name, value in tags.items())


def read_tables(client) -> Iterator[Item]:
    """DynamoDB tables, not their items."""
    dynamodb = client("dynamodb")
    for name in paged(dynamodb, "list_tables", "TableNames"):
        table = dynamodb.describe_table(TableName=name)["Table"]
        data = pick(table, "KeySchema", "AttributeDefinitions", "TableStatus", "DeletionProtectionEnabled")
        data["billing"] = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
        data["encryption"] = pick(table.get("SSEDescription", {}), "Status", "SSEType", "KMSMasterKeyArn")
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        data["point_in_time_recovery"] = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"]).get("Tags")
        yield Item("dynamodb_table", name, data, tag_dict(tags))


def read_repositories(client) -> Iterator[Item]:
    """ECR repositories with their policies, not their images."""
    ecr = client("ecr")
    for repository in paged(ecr, "describe_repositories", "repositories"):
        name = repository["repositoryName"]
        data = omit(repository, "createdAt", "repositoryArn", "repositoryName", "registryId")
        data["lifecycle"] = policy(optional(ecr.get_lifecycle_policy, "lifecyclePolicyText", repositoryName=name))
        data["policy"] = policy(optional(ecr.get_repository_policy, "policyText", repositoryName=name))
        tags = ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"]).get("tags")
        yield Item("ecr_repository", name, data, tag_dict(tags))
