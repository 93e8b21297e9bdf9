# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whoever holds the policies that we ship reaches the deployment and no more.

Others judge: see support/policy_judge.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from support.policy_judge import ACCOUNT, REGION, PolicyJudge, Request

POLICIES = {
    path.stem: json.loads(path.read_text())
    for path in (Path(__file__).resolve().parents[2] / "docs" / "policies").glob("*.json")
}
# What a deployer keeps: `first-run` is taken away again, `reader` is for consumers, and the boundary is no permission.
LAYERS = sorted({*POLICIES} - {"first-run", "reader", "flow-logs-boundary"})
DEPLOYER = [POLICIES[name] for name in LAYERS]

HERE = {"aws:RequestedRegion": REGION}
OURS, OTHERS = (
    {"aws:ResourceTag/connectly:deployment": "connectly-dev"},
    {"aws:ResourceTag/connectly:deployment": "acme-prod"},
)
AS_OURS = {"aws:RequestTag/connectly:deployment": "connectly-dev"}
BOUNDARY = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/shared-infrastructure-flow-logs-boundary"}
OTHER_BOUNDARY = {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/anything"}
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def arn(service: str, rest: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{region}:{account}:{rest}"


def role(name: str) -> str:
    return arn("iam", f"role/{name}", region="")


def here(action: str, resource: str, *contexts: Mapping[str, Any]) -> Request:
    return Request(action, resource, {name: value for context in (HERE, *contexts) for name, value in context.items()})


FLOW_LOGS = role("connectly-dev-flow-logs-ap-northeast-2")
KEY, GROUP = arn("kms", "key/1"), arn("ec2", "security-group/sg-1")
DATABASE_KEY = {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}
STATE, LOCKS = "arn:aws:s3:::wealist-tf-state-advanced-k8s", arn("dynamodb", "table/terraform-lock")

ATTEMPTS = {
    "a flow-log role without its boundary": [
        here("iam:CreateRole", FLOW_LOGS, AS_OURS),
        here("iam:CreateRole", FLOW_LOGS, AS_OURS, OTHER_BOUNDARY),
        here("iam:CreateRole", role("x-flow-logs-y"), AS_OURS, BOUNDARY),
    ],
    "more rights for a role without the boundary": [
        *(
            here(f"iam:{name}", FLOW_LOGS, OURS)
            for name in ("PutRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole", "UpdateRole")
        ),
        here("iam:UpdateAssumeRolePolicy", role("admin-flow-logs-x")),
        *(here(f"iam:{name}", FLOW_LOGS, BOUNDARY) for name in ("AttachRolePolicy", "DeleteRolePermissionsBoundary")),
        here("iam:PutRolePermissionsBoundary", FLOW_LOGS, OTHER_BOUNDARY),
        *(
            here(f"iam:{name}", BOUNDARY["iam:PermissionsBoundary"])
            for name in ("CreatePolicyVersion", "DeletePolicy", "SetDefaultPolicyVersion")
        ),
    ],
    "a role of others handed to a service": [
        here("iam:PassRole", role("admin-flow-logs-x"), {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}),
        here("iam:PassRole", FLOW_LOGS, {"iam:PassedToService": "ec2.amazonaws.com"}),
    ],
    "a key of others": [
        here(f"kms:{name}", KEY, tags)
        for name in (
            "PutKeyPolicy",
            "ScheduleKeyDeletion",
            "CreateAlias",
            "DisableKeyRotation",
            "CancelKeyDeletion",
            "UpdateAlias",
        )
        for tags in ({}, OTHERS)
    ],
    "a key of others, tagged as ours": [
        here("kms:TagResource", KEY, AS_OURS),
        here("kms:TagResource", KEY, AS_OURS, OTHERS),
    ],
    "a key that nobody owns": [here("kms:CreateKey", "*")],
    "a key of others, through a service": [
        here(f"kms:{name}", KEY, DATABASE_KEY) for name in ("CreateGrant", "Decrypt", "GenerateDataKey")
    ],
    "a grant on our key for oneself": [
        here("kms:CreateGrant", KEY, DATABASE_KEY, OURS, {"kms:GrantIsForAWSResource": "false"})
    ],
    "a secret of others": [
        here(f"secretsmanager:{name}", arn("secretsmanager", f"secret:{secret}-AbCdEf"), tags)
        for name in ("GetSecretValue", "PutSecretValue", "DeleteSecret", "UpdateSecret")
        for secret, tags in (
            ("payments-auth-token", {}),
            ("payments-auth-token", OURS),
            ("connectly-shared-dev-redis-auth-token", OTHERS),
        )
    ],
    "a secret of others, tagged as ours": [
        here("secretsmanager:TagResource", arn("secretsmanager", "secret:payments-auth-token-AbCdEf"), AS_OURS),
        here(
            "secretsmanager:TagResource",
            arn("secretsmanager", "secret:connectly-shared-dev-redis-auth-token-AbCdEf"),
            AS_OURS,
            OTHERS,
        ),
        here("secretsmanager:TagResource", arn("secretsmanager", "secret:rds!db-1-AbCdEf"), AS_OURS),
    ],
    "a log group of others": [
        here(f"logs:{name}", arn("logs", f"log-group:{group}"), AS_OURS)
        for name in ("DeleteLogGroup", "PutRetentionPolicy", "DisassociateKmsKey", "TagResource")
        for group in (
            "/aws/rds/instance/payments/postgresql",
            "/aws/ecs/payments/execute-command",
            "/aws/vpc/flow-logs/payments",
        )
    ],
    "an object, by a bucket policy of one's own": [
        here(f"s3:{name}", f"{bucket}/file")
        for name in ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "DeleteObjectVersion")
        for bucket in (
            "arn:aws:s3:::connectly-shared-dev-files",
            "arn:aws:s3:::wealist-prod-storage",
            f"{STATE}/prod/eks",
            "arn:aws:s3:::prod-connectly/x",
        )
    ],
    "an image, by a repository policy of one's own": [
        here(f"ecr:{name}", arn("ecr", "repository/prod/api"))
        for name in ("BatchGetImage", "GetDownloadUrlForLayer", "PutImage", "BatchDeleteImage")
    ],
    "a repository of others below the prefix": [
        *(
            here(f"ecr:{name}", arn("ecr", "repository/prod/theirs"))
            for name in ("SetRepositoryPolicy", "DeleteRepository", "PutLifecyclePolicy")
        ),
        here("ecr:TagResource", arn("ecr", "repository/prod/theirs"), AS_OURS, OTHERS),
    ],
    "a parameter of others": [
        here(f"ssm:{name}", arn("ssm", "parameter/wealist/dev/password"))
        for name in ("GetParameter", "PutParameter", "DeleteParameter")
    ],
    "a lock of others in the same table": [
        here(
            f"dynamodb:{name}",
            LOCKS,
            {"dynamodb:LeadingKeys": ["wealist-tf-state-advanced-k8s/prod/eks/terraform.tfstate"]},
        )
        for name in ("GetItem", "PutItem", "DeleteItem")
    ],
    "what only services may do for us": [
        here("ec2:DeleteNetworkInterface", arn("ec2", "network-interface/eni-1"), {"aws:ViaAWSService": "false"}),
        here("ec2:CreateNetworkInterface", arn("ec2", "subnet/subnet-1"), {"aws:ViaAWSService": "false"}),
        here("route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/Z1", {"aws:ViaAWSService": "false"}),
    ],
    "a database or cache whose name only begins like ours": [
        here("rds:DeleteDBInstance", arn("rds", "db:wealist-production-books")),
        here("elasticache:DeleteReplicationGroup", arn("elasticache", "replicationgroup:wealist-production-books")),
    ],
}


@pytest.fixture(scope="session")
def judge() -> PolicyJudge:
    return PolicyJudge()


@pytest.fixture(scope="session")
def reference(judge: PolicyJudge) -> dict[str, Any]:
    return judge.reference({action.partition(":")[0] for policy in POLICIES.values() for action in actions(policy)})


def actions(policy: Mapping[str, Any]) -> set[str]:
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_beyond_the_deployment_is_reached(judge, attempt):
    # What a bucket's or a repository's own policy grants is stood in for by a policy that grants everything.
    granted = [ANYTHING] if attempt.endswith("policy of one's own") else []
    assert judge.allowed([*DEPLOYER, *granted], ATTEMPTS[attempt]) == []


def test_no_call_of_ec2_changes_what_carries_no_tag_of_ours(judge, reference):
    foreign = [
        here(action, arn("ec2", f"{kind}/{kind}-1"), tags, AS_OURS)
        for action in sorted(actions(POLICIES["network"]))
        if action.startswith("ec2:") and reference["ec2"]["privileges"][action[4:]]["access_level"] != "List"
        for kind, facts in reference["ec2"]["privileges"][action[4:]]["resource_types"].items()
        # A rule is reached through its group alone: its tags open nothing.
        if "aws:ResourceTag/${TagKey}" in facts["condition_keys"] and kind != "security-group-rule"
        for tags in ({}, OTHERS)
    ]
    assert {"ec2:CreateTags", "ec2:DeleteRoute", "ec2:ModifyVpcAttribute", "ec2:CreateNatGateway"} <= {
        request.action for request in foreign
    }
    assert judge.allowed(DEPLOYER, foreign) == []


def test_ec2_makes_nothing_without_the_tag_of_the_deployment(judge, reference):
    made = list(
        of_the_network(
            reference, lambda keys: "aws:RequestTag/${TagKey}" in keys and "aws:ResourceTag/${TagKey}" not in keys
        )
    )
    assert judge.allowed(DEPLOYER, [here(action, resource) for action, resource in made]) == []
    assert len(judge.allowed(DEPLOYER, [here(action, resource, AS_OURS) for action, resource in made])) == len(made)


def of_the_network(reference, wanted) -> Iterator[tuple[str, str]]:
    for action in sorted(action for action in actions(POLICIES["network"]) if action.startswith("ec2:")):
        for kind, facts in reference["ec2"]["privileges"][action[4:]]["resource_types"].items():
            if kind and wanted(facts["condition_keys"]):
                yield action, arn("ec2", f"{kind}/{kind}-1")


def test_the_boundary_leaves_a_role_nothing_but_to_write_flow_logs(judge):
    stream = arn("logs", "log-group:/aws/vpc/flow-logs/connectly-dev:log-stream:eni-1-all")
    writes = here("logs:PutLogEvents", stream)
    more = [
        here("s3:GetObject", f"{STATE}/x"),
        here("iam:CreateUser", arn("iam", "user/x", region="")),
        here("logs:PutLogEvents", arn("logs", "log-group:/x:y")),
    ]
    assert judge.allowed([ANYTHING], [writes, *more], POLICIES["flow-logs-boundary"]) == [writes]


def test_the_flow_log_role_of_the_product_works_inside_its_boundary(judge, account):
    """What the network module writes into the role, read back from the emulator."""
    from support.module import run_module

    key = f"arn:aws:kms:{REGION}:{account.account_id}:key/1"
    public = {"key": "public", "type": "public", "prefix_length": 24, "index": 0}
    options = {
        "deployment": "connectly-dev",
        "name": "connectly-dev",
        "vpc_cidr": "10.0.0.0/16",
        "availability_zones": [f"{REGION}a"],
        "tiers": [public],
    }
    run_module(
        "network",
        {**options, "nat_gateway_mode": "none", "flow_logs_enabled": True, "flow_logs_kms_key_arn": key},
        account.endpoint_url,
    )
    document = account.client("iam").get_role_policy(RoleName=FLOW_LOGS.rpartition("/")[2], PolicyName="flow-logs")[
        "PolicyDocument"
    ]
    group = arn("logs", "log-group:/aws/vpc/flow-logs/connectly-dev", account=account.account_id)
    needs = [
        here("logs:CreateLogStream", group),
        here("logs:DescribeLogStreams", group),
        here("logs:PutLogEvents", f"{group}:log-stream:x"),
    ]
    needs.append(here("logs:DescribeLogGroups", "*"))
    assert judge.allowed([document], needs, POLICIES["flow-logs-boundary"]) == needs


# The first run --------------------------------------------------------------------------------------------------------


def test_the_first_run_may_tag_its_new_key_and_empty_its_default_group(judge):
    needs = [
        here("kms:TagResource", KEY, AS_OURS),
        here("ec2:RevokeSecurityGroupEgress", GROUP),
        here("ec2:RevokeSecurityGroupIngress", GROUP),
    ]
    assert judge.allowed([POLICIES["first-run"]], needs) == needs
    assert judge.allowed(DEPLOYER, needs) == [], "a run that makes neither key nor VPC needs none of it"


def test_the_first_run_takes_over_nothing_that_has_a_name_or_an_owner(judge):
    named, aliased = {"aws:ResourceTag/Name": "theirs"}, {"kms:ResourceAliases": ["alias/theirs"]}
    keys = [here("kms:TagResource", KEY, AS_OURS, context) for context in (named, aliased, OTHERS)]
    groups = [here("ec2:RevokeSecurityGroupIngress", GROUP, context) for context in (named, OTHERS)]
    others = [
        here("kms:TagResource", KEY),
        here("kms:PutKeyPolicy", KEY, AS_OURS),
        here("ec2:DeleteSecurityGroup", GROUP),
    ]
    assert judge.allowed([*DEPLOYER, POLICIES["first-run"]], [*keys, *groups, *others]) == []


# What the deployment itself needs -------------------------------------------------------------------------------------

PARAMETER, SECRET = "parameter/connectly-shared/dev/vpc/id", "secret:connectly-shared-dev-redis-auth-token-AbCdEf"
OWN = {
    **{("kms", kind): arn("kms", rest) for kind, rest in (("key", "key/1"), ("alias", "alias/connectly-shared-dev"))},
    ("iam", "role"): FLOW_LOGS,
    ("s3", "bucket"): "arn:aws:s3:::connectly-shared-dev-files",
    ("s3", "object"): "arn:aws:s3:::dev-connectly/connectly-shared/dev/terraform.tfstate",
    ("ssm", "parameter"): arn("ssm", PARAMETER),
    ("ecr", "repository"): arn("ecr", "repository/prod/api"),
    ("ecs", "cluster"): arn("ecs", "cluster/connectly-shared-dev"),
    ("secretsmanager", "Secret"): arn("secretsmanager", SECRET),
    ("dynamodb", "table"): arn("dynamodb", "table/dev-connectly-tf-lock"),
    ("route53", "hostedzone"): "arn:aws:route53:::hostedzone/Z1",
    **{
        ("rds", kind): arn("rds", f"{kind}:connectly-shared-dev-postgres")
        for kind in ("db", "pg", "subgrp", "snapshot")
    },
    ("rds", "og"): arn("rds", "og:default:postgres-17"),
    **{
        ("elasticache", kind): arn("elasticache", f"{kind}:connectly-shared-dev-redis")
        for kind in ("replicationgroup", "parametergroup", "subnetgroup", "snapshot")
    },
}
GROUPS = {
    "network": "/aws/vpc/flow-logs/connectly-dev",
    "ecs": "/aws/ecs/connectly-shared-dev/x",
    "data": "/aws/rds/instance/connectly-shared-dev-postgres/x",
}
LAYER_OWN = {
    **{(layer, "s3", "bucket"): "arn:aws:s3:::dev-connectly" for layer in ("outputs", "reader")},
    **{(layer, "logs", "log-group"): arn("logs", f"log-group:{name}") for layer, name in GROUPS.items()},
    **{
        (layer, "iam", "role"): role(f"aws-service-role/{name}.amazonaws.com/AWSServiceRole")
        for layer, name in (("ecs", "ecs"), ("data", "rds"))
    },
}
VIA = {"registry": "ecr", "data": "rds"}
# What is made by such a call has no tags of its own yet (EC2 tells this apart by itself: see of_the_network).
MAKES = {
    "kms:CreateKey",
    "secretsmanager:CreateSecret",
    "ecr:CreateRepository",
    "iam:CreateRole",
    "logs:CreateLogGroup",
    "ecs:CreateCluster",
}


def own_calls(layer: str, reference: Mapping[str, Any]) -> Iterator[Request]:
    """Every allowed action on each of the resources that AWS checks, as the deployment would call it."""
    granted = {"Statement": [statement for statement in POLICIES[layer]["Statement"] if statement["Effect"] == "Allow"]}
    for action in sorted(actions(granted)):
        service, _, name = action.partition(":")
        facts = reference[service]["privileges"][name]["resource_types"]
        for kind in [kind for kind, fact in facts.items() if kind and fact["required"]] or ["*"]:
            yield Request(
                action,
                own_resource(layer, service, "object" if action.endswith("Object") else kind),
                own_context(layer, action, facts.get(kind, {}).get("condition_keys", ())),
            )


def own_resource(layer: str, service: str, kind: str) -> str:
    if kind == "*":
        # Actions of which AWS names no required resource: on what our statements name first.
        return OWN_OPTIONAL.get((layer, service), "*")
    ec2 = arn("ec2", f"{kind}/{kind}-1") if service == "ec2" else None
    return (
        LAYER_OWN.get((layer, service, kind))
        or OWN.get((service, kind))
        or ec2
        or f"no resource of ours is a {service} {kind}"
    )


OWN_OPTIONAL = {
    ("storage", "s3"): OWN["s3", "bucket"],
    ("guard", "s3"): OWN["s3", "bucket"],
    **{(layer, "s3"): LAYER_OWN[layer, "s3", "bucket"] for layer in ("outputs", "reader")},
    ("data", "rds"): OWN["rds", "db"],
    ("data", "elasticache"): OWN["elasticache", "replicationgroup"],
    ("ecs", "ecs"): OWN["ecs", "cluster"],
    **{(layer, "logs"): LAYER_OWN[layer, "logs", "log-group"] for layer in GROUPS},
    ("outputs", "ssm"): OWN["ssm", "parameter"],
    ("network", "ec2"): arn("ec2", "vpc/vpc-1"),
}


def own_context(layer: str, action: str, keys: list[str]) -> dict[str, Any]:
    made = action in MAKES or ("aws:RequestTag/${TagKey}" in keys and "aws:ResourceTag/${TagKey}" not in keys)
    via = (
        {"kms:ViaService": f"{VIA[layer]}.{REGION}.amazonaws.com", "kms:GrantIsForAWSResource": "true"}
        if layer in VIA
        else {}
    )
    services = {
        "iam:PassedToService": "vpc-flow-logs.amazonaws.com",
        "iam:AWSServiceName": f"{VIA.get(layer, layer)}.amazonaws.com",
    }
    locks = {"dynamodb:LeadingKeys": ["dev-connectly/connectly-shared/dev/terraform.tfstate-md5"]}
    services_do = {"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "route53:AssociateVPCWithHostedZone"}
    by_service = {"aws:ViaAWSService": str(action in services_do).lower()}
    return {**HERE, **AS_OURS, **({} if made else OURS), **BOUNDARY, **via, **services, **locks, **by_service}


@pytest.mark.parametrize("layer", [*LAYERS, "reader"])
def test_the_deployment_may_do_what_a_policy_is_for(judge, reference, layer):
    calls = list(own_calls(layer, reference))
    allowed = judge.allowed([POLICIES[layer]], calls)
    assert [(call.action, call.resource) for call in calls if call not in allowed] == []


def test_names_of_the_other_organisation_are_covered_as_well(judge):
    wealist = {"aws:ResourceTag/connectly:deployment": "wealist-prod"}
    needs = {
        "kms": [here("kms:PutKeyPolicy", KEY, wealist), here("kms:CreateAlias", arn("kms", "alias/wealist-prod"))],
        "network": [
            here("iam:CreateRole", role("wealist-prod-flow-logs-ap-northeast-2"), BOUNDARY),
            here("ec2:DeleteRoute", arn("ec2", "route-table/1"), wealist),
        ],
        "data": [
            here("rds:CreateDBSubnetGroup", arn("rds", "subgrp:wealist-prod")),
            here("rds:CreateDBInstance", arn("rds", "db:wealist-prod-postgres")),
            here("elasticache:CreateReplicationGroup", arn("elasticache", "replicationgroup:wealist-prod-redis")),
            here(
                "secretsmanager:GetSecretValue",
                arn("secretsmanager", "secret:wealist-prod-redis-auth-token-AbCdEf"),
                wealist,
            ),
            here("logs:CreateLogGroup", arn("logs", "log-group:/aws/rds/instance/wealist-prod-postgres/postgresql")),
        ],
        "outputs": [
            here("ssm:PutParameter", arn("ssm", "parameter/wealist/prod/vpc/id")),
            here(
                "dynamodb:PutItem",
                LOCKS,
                {"dynamodb:LeadingKeys": ["wealist-tf-state-advanced-k8s/prod/foundation/terraform.tfstate"]},
            ),
        ],
    }
    assert {layer: judge.allowed([POLICIES[layer]], calls) for layer, calls in needs.items()} == needs


def test_ec2_may_tag_what_it_is_making(judge):
    """CreateTags is checked once more inside a creation, which names itself in ec2:CreateAction; nothing carries a
    tag by then.
    """
    creations = [
        "AllocateAddress",
        "AuthorizeSecurityGroupEgress",
        "AuthorizeSecurityGroupIngress",
        "CreateFlowLogs",
        "CreateInternetGateway",
    ]
    creations += [
        "CreateNatGateway",
        "CreateRouteTable",
        "CreateSecurityGroup",
        "CreateSubnet",
        "CreateVpc",
        "CreateVpcEndpoint",
    ]
    needs = [here("ec2:CreateTags", arn("ec2", "vpc/vpc-1"), AS_OURS, {"ec2:CreateAction": name}) for name in creations]
    assert judge.allowed([POLICIES["network"]], needs) == needs
    assert set(creations) == {
        action[4:]
        for action in actions(POLICIES["network"])
        if action[4:].startswith(("Allocate", "Authorize", "Create"))
    } - {*("CreateRoute", "CreateTags", "CreateRole", "CreateLogGroup")}


def test_the_database_makes_its_master_password(judge):
    call = here(
        "secretsmanager:CreateSecret", arn("secretsmanager", "secret:rds!db-1-AbCdEf"), {"aws:ViaAWSService": "true"}
    )
    assert judge.allowed([POLICIES["data"]], [call]) == [call]


# The language of AWS --------------------------------------------------------------------------------------------------

EVERYWHERE = {"aws:RequestedRegion", "aws:ViaAWSService"}


def known_keys(facts: Mapping[str, Any], resources: Mapping[str, Any], statement: Mapping[str, Any]) -> set[str]:
    """The condition keys that an action has on the resources of a statement; "aws:ResourceTag/" stands for all tags."""
    keys: set[str] = set()
    for kind, fact in facts["resource_types"].items():
        if not kind or any(
            may_match(pattern, resources[kind]["arn"]) for pattern in texts(statement.get("Resource", "*"))
        ):
            keys |= {*fact["condition_keys"], *(resources[kind]["condition_keys"] if kind else ())}
    return {key.replace("${TagKey}", "") for key in keys}


def may_match(pattern: str, form: str) -> bool:
    """Whether a pattern of ours may name a resource of this form, told by its service and the fixed word before the
    name.
    """
    if pattern == "*":
        return True
    ours, theirs = pattern.split(":", 5), form.split(":", 5)
    word = theirs[5].partition("$")[0]
    return ours[2] == theirs[2] and (
        fnmatchcase(word, ours[5][: len(word)]) or fnmatchcase(ours[5], f"{word}*") or ours[5].startswith("*")
    )


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_conditions_are_those_that_aws_evaluates(reference, name):
    """A key that an action does not know is never there: the statement would grant nothing, or a Deny nothing would
    stop.
    """
    unknown = []
    for statement in POLICIES[name]["Statement"]:
        keys = {key for block in statement.get("Condition", {}).values() for key in block} - EVERYWHERE
        for action in statement["Action"]:
            service, _, operation = action.partition(":")
            facts = reference[service]["privileges"][operation]
            known = known_keys(facts, reference[service]["resources"], statement)
            unknown += [
                (statement["Sid"], action, key)
                for key in keys
                if not any(key == each or (each[-1] == "/" and key.startswith(each)) for each in known)
            ]
    assert unknown == []
