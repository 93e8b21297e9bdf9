"""What each of the three deployments must hold, independent of its inventory. Zones are written as their letter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

REGION = "ap-northeast-2"
# (protocol, first port, last port, source) of ingress rules; a source is a CIDR or the key of a group.
CONNECTLY_RULES = {
    "alb": {("tcp", 80, 80, "0.0.0.0/0"), ("tcp", 443, 443, "0.0.0.0/0")},
    "ecs_tasks": {("tcp", 0, 65535, "alb")},
    "rds": {("tcp", 5432, 5432, "ecs_tasks")},
    "elasticache": {("tcp", 6379, 6379, "ecs_tasks")},
}
ALL_SERVICES = ["ecr", "elasticache", "rds", "s3", "secretsmanager", "ssm"]


@dataclass(frozen=True)
class Bucket:
    """`retention`: days until objects expire, None for never; `encryption`: aws:kms means with the deployment's own
    key.
    """

    name: str
    encryption: str
    retention: int | None
    versioned: bool = False
    delivery: str = ""  # the service that may write log files


@dataclass(frozen=True)
class Deployment:
    organization: str
    environment: str
    cidr: str
    subnets: dict[str, dict[str, str]]  # {tier: {zone: CIDR}}
    nat_zones: str
    flow_logs_days: int | None
    egress_groups: set[str]
    rules: dict[str, set]
    buckets: dict[str, Bucket]
    key_alias: str
    key_services: list[str]
    data_name: str
    data_tier: str
    prefix: str
    state_bucket: str
    state_key: str
    lock_table: str
    cluster: dict[str, Any] | None = None
    subnet_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    has_stores: bool = False
    repositories: dict[str, str] = field(default_factory=dict)


def connectly(
    environment: str, number: int, retention: int, insights: str, strategy: list, nat_zones: str, flow_logs: int | None
) -> Deployment:
    name = f"connectly-shared-{environment}"
    buckets = {
        "logs": Bucket(f"{name}-logs", "aws:kms", retention, delivery="delivery.logs.amazonaws.com"),
        "alb_logs": Bucket(
            f"{name}-alb-logs", "AES256", retention, delivery="logdelivery.elasticloadbalancing.amazonaws.com"
        ),
    }
    if environment == "prod":
        buckets["backup"] = Bucket(f"{name}-backup", "aws:kms", retention, versioned=True)
    return Deployment(
        organization="connectly",
        environment=environment,
        cidr=f"10.{number}.0.0/16",
        subnets={
            "public": {"a": f"10.{number}.0.0/22", "b": f"10.{number}.4.0/22"},
            "private": {"a": f"10.{number}.32.0/22", "b": f"10.{number}.36.0/22"},
        },
        nat_zones=nat_zones,
        flow_logs_days=flow_logs,
        egress_groups={"alb", "ecs_tasks"},
        rules=CONNECTLY_RULES,
        buckets=buckets,
        key_alias=name,
        key_services=ALL_SERVICES,
        data_name=name,
        data_tier="private",
        prefix=f"/connectly-shared/{environment}",
        state_bucket=f"{environment}-connectly",
        state_key=f"connectly-shared/{environment}/terraform.tfstate",
        lock_table=f"{environment}-connectly-tf-lock",
        cluster={"name": name, "insights": insights, "strategy": strategy},
    )


DEPLOYMENTS = {
    "connectly-dev": connectly("dev", 0, 30, "disabled", [("FARGATE_SPOT", 0, 4), ("FARGATE", 0, 1)], "a", None),
    "connectly-prod": connectly("prod", 1, 365, "enabled", [("FARGATE", 1, 4), ("FARGATE_SPOT", 0, 1)], "ab", 365),
    "wealist-prod": Deployment(
        organization="wealist",
        environment="prod",
        cidr="10.0.0.0/16",
        subnets={
            "public": {"a": "10.0.101.0/24", "b": "10.0.102.0/24", "c": "10.0.103.0/24"},
            "private": {"a": "10.0.1.0/24", "b": "10.0.2.0/24", "c": "10.0.3.0/24"},
            "database": {"a": "10.0.201.0/24", "b": "10.0.202.0/24", "c": "10.0.203.0/24"},
        },
        nat_zones="a",
        flow_logs_days=None,
        egress_groups=set(),
        rules={
            "rds": {("tcp", 5432, 5432, f"10.0.{number}.0/24") for number in (1, 2, 3)},
            "elasticache": {("tcp", 6379, 6379, f"10.0.{number}.0/24") for number in (1, 2, 3)},
        },
        buckets={"storage": Bucket("wealist-prod-storage", "AES256", None, versioned=True)},
        key_alias="wealist-prod",
        key_services=["ecr", "eks", "elasticache", "rds", "s3", "secretsmanager"],
        data_name="wealist-prod",
        data_tier="database",
        prefix="/wealist/prod",
        state_bucket="wealist-tf-state-advanced-k8s",
        state_key="prod/foundation/terraform.tfstate",
        lock_table="terraform-lock",
        subnet_tags={"public": {"kubernetes.io/role/elb": "1"}, "private": {"kubernetes.io/role/internal-elb": "1"}},
        has_stores=True,
        repositories={"backend": "prod/backend", "frontend": "prod/frontend"},
    ),
}
