"""Reads KMS, IAM, CloudWatch Logs, SSM and Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator

from support.snapshot.items import Item, paged, pick, policy, tag_dict, without_chance

SSM_BATCH = 10  # the most names that GetParameters takes
PARAMETER_TYPES = ("ssm_parameter", "ssm_manifest")


def read_keys(client) -> Iterator[Item]:
    """KMS keys of the customer with policy and rotation, and the aliases; those of AWS come by themselves and are
    left out.
    """
    kms = client("kms")
    aliases = [
        alias for alias in paged(kms, "list_aliases", "Aliases") if not alias["AliasName"].startswith("alias/aws/")
    ]
    for listed in paged(kms, "list_keys", "Keys"):
        key = kms.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]
        if key.get("KeyManager") == "AWS":
            continue
        data = pick(key, "Description", "KeyState", "KeySpec", "KeyUsage", "Origin", "MultiRegion")
        data["policy"] = policy(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
        if key["KeyState"] == "Enabled":
            data["rotation"] = pick(
                kms.get_key_rotation_status(KeyId=key["KeyId"]), "KeyRotationEnabled", "RotationPeriodInDays"
            )
        tags = tag_dict(kms.list_resource_tags(KeyId=key["KeyId"]).get("Tags"))
        names = sorted(alias["AliasName"] for alias in aliases if alias.get("TargetKeyId") == key["KeyId"])
        ids = {key["Arn"]: " arn", key["KeyId"]: ""}
        yield Item("kms_key", " ".join(names) or key.get("Description") or "unnamed", data, tags, ids)
    for alias in aliases:
        target = alias.get("TargetKeyId")
        yield Item("kms_alias", alias["AliasName"], {"target": target}, parent=target)


def read_log_groups(client) -> Iterator[Item]:
    """CloudWatch log groups."""
    logs = client("logs")
    for group in paged(logs, "describe_log_groups", "logGroups"):
        arn = group["arn"].removesuffix(":*")
        tags = tag_dict(logs.list_tags_for_resource(resourceArn=arn).get("tags"))
        data = pick(group, "retentionInDays", "kmsKeyId", "logGroupClass")
        yield Item("log_group", group["logGroupName"], data, tags)


def read_roles(client) -> Iterator[Item]:
    """IAM roles with inline and attached policies; service-linked roles, which AWS makes, are left out."""
    iam = client("iam")
    for listed in paged(iam, "list_roles", "Roles"):
        if listed["Path"].startswith("/aws-service-role/"):
            continue
        name = listed["RoleName"]
        # The list leaves out tags and boundary.
        role = iam.get_role(RoleName=name)["Role"]
        inline = paged(iam, "list_role_policies", "PolicyNames", RoleName=name)
        attached = paged(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
        data = {
            **pick(role, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"),
            "trust": policy(role["AssumeRolePolicyDocument"]),
            "inline": {
                entry: policy(iam.get_role_policy(RoleName=name, PolicyName=entry)["PolicyDocument"])
                for entry in inline
            },
            "attached": [entry["PolicyArn"] for entry in attached],
        }
        yield Item("iam_role", name, data, tag_dict(role.get("Tags")))


def read_secrets(client) -> Iterator[Item]:
    """Names and encryption of secrets, never their values."""
    for secret in paged(client("secretsmanager"), "list_secrets", "SecretList"):
        data = {**pick(secret, "Description", "KmsKeyId", "OwningService"), "deleted": bool(secret.get("DeletedDate"))}
        yield Item("secretsmanager_secret", secret["Name"], data, tag_dict(secret.get("Tags")), {secret["ARN"]: " arn"})


def read_parameters(client) -> Iterator[Item]:
    """SSM parameters; ids and whatever differs from run to run in their values are replaced, secure values are not
    shown.
    """
    ssm = client("ssm")
    listed = {
        entry["Name"]: entry
        for entry in paged(ssm, "describe_parameters", "Parameters")
        if not entry["Name"].startswith("/aws/")
    }
    names = sorted(listed)
    for start in range(0, len(names), SSM_BATCH):
        for parameter in ssm.get_parameters(Names=names[start : start + SSM_BATCH], WithDecryption=True)["Parameters"]:
            name, value = parameter["Name"], parameter["Value"]
            data = {"Type": parameter["Type"], **pick(listed[name], "Tier", "KeyId", "Description", "AllowedPattern")}
            data["value"] = f"({len(value)} characters)" if parameter["Type"] == "SecureString" else value
            tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name).get("TagList")
            kind = "ssm_manifest" if name.endswith("/manifest") else "ssm_parameter"
            yield Item(kind, name, data, tag_dict(tags))


def stable_value(data: dict) -> dict:
    """Removes times, digests and UUIDs of a parameter's value, after ids have become symbols."""
    return {**data, "value": without_chance(data["value"])}
