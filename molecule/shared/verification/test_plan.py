"""What check mode announced is what there is: run with every scenario's own tests."""

from __future__ import annotations

import os

# The engine's name of a type -> its name in the account's reading. Types without tags of their own (routes, rules,
# associations, aliases) are part of the data of those that have some.
TYPES = {
    "dynamodb_table": "dynamodb_table",
    "ecr_repository": "repository",
    "ecs_cluster": "ecs_cluster",
    "elastic_ip": "elastic_ip",
    "elasticache_replication_group": "replication_group",
    "elasticache_subnet_group": "cache_subnet_group",
    "flow_log": "flow_log",
    "iam_role": "iam_role",
    "internet_gateway": "internet_gateway",
    "kms_key": "kms_key",
    "log_group": "log_group",
    "nat_gateway": "nat_gateway",
    "rds_instance": "rds_instance",
    "rds_subnet_group": "rds_subnet_group",
    "route_table": "route_table",
    "s3_bucket": "bucket",
    "secretsmanager_secret": "secret",
    "security_group": "security_group",
    "ssm_manifest": "parameter",
    "ssm_parameter": "parameter",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpc_endpoint": "vpc_endpoint",
}


def test_check_on_the_empty_account_named_everything(plan, account):
    actions = plan("empty")
    assert {action["action"] for action in actions} == {"create"}
    announced = sorted(f"{TYPES[action['type']]} {action['key']}" for action in actions if action["type"] in TYPES)
    present = sorted(
        name for name in account if name.partition(" ")[0] in TYPES.values() and not is_made_by_aws(name, account[name])
    )
    # Side effects leave what the product keeps (vars/main.yml: scenario_kept); the first verify comes before them.
    kept = os.environ["SCENARIO_KEPT"].split(",")
    assert [name for name in announced if name not in present] == []
    assert [name for name in present if name not in announced and name not in kept] == []
    assert len(present) == len(set(present))


def test_check_on_the_converged_account_found_nothing_to_do(plan):
    assert [action for action in plan("converged") if action["action"] != "report"] == []


def is_made_by_aws(name: str, data: dict) -> bool:
    """The secret of a database's master password comes with the database, and its tags with it."""
    return name.startswith("secret ") and data.get("OwningService") == "rds"
