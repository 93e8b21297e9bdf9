"""What the data layer refuses before AWS is asked, and what it accepts."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.data.arguments import ARGUMENTS
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.data.checks import problems

COMMON = {
    "deployment": {"type": "str"},
    "identity_tag_prefix": {"type": "str", "default": "connectly:"},
    "tags": {"type": "dict", "default": {}},
}
GROUP = "sg-known-after-apply.rds"
ON = {
    "name": "acme-prod",
    "subnet_ids": ["subnet-known-after-apply.database/a", "subnet-0123456789abcdef0"],
    "kms_key_arn": "arn:aws:kms:::key/known-after-apply.main",
    "rds_enabled": True,
    "rds_security_group_ids": [GROUP],
    "redis_enabled": True,
    "redis_security_group_ids": [GROUP],
}
BIG = {"rds_allocated_storage": 400, "rds_max_allocated_storage": 0}


def paths(**options):
    validated = ArgumentSpecValidator({**COMMON, **ARGUMENTS}).validate({**ON, **options})
    assert not validated.error_messages, validated.error_messages
    return [problem.path for problem in problems(validated.validated_parameters)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rds_enabled": False, "redis_enabled": False, "rds_security_group_ids": [], "redis_security_group_ids": []},
        {"rds_engine_version": "17", "rds_max_allocated_storage": 22},
        {"rds_engine": "mysql", "rds_engine_version": "8.4.7", "rds_cloudwatch_logs_exports": ["error"]},
        {**BIG, "rds_iops": 12000, "rds_storage_throughput": 500},
        {"rds_storage_type": "io1", "rds_allocated_storage": 100, "rds_max_allocated_storage": 0, "rds_iops": 3000},
        {"rds_backup_window": "17:00-18:00", "rds_maintenance_window": "Sun:18:00-Sun:19:00"},
        {"redis_node_count": 6, "redis_multi_az_enabled": False},
        {"redis_engine": "valkey", "redis_engine_version": "8.1"},
        {"redis_auth_token_length": 128, "redis_auth_token_secret_name": "acme/redis/auth-token"},
        {"rds_snapshot_identifier": "rds:acme-2026-01-01-00-00"},
    ],
)
def test_good_input_has_no_problem(options):
    assert paths(**options) == []


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"name": "Acme"}, "name"),
        ({"name": "x" * 32}, "name"),
        ({"kms_key_arn": "alias/acme"}, "kms_key_arn"),
        ({"subnet_ids": ["subnet-0123456789abcdef0"]}, "subnet_ids"),
        ({"subnet_ids": ["subnet-0123456789abcdef0", "subnet-1", "subnet-0123456789abcdef1"]}, "subnet_ids[1]"),
        ({"rds_subnet_group_name": "default"}, "rds_subnet_group_name"),
        ({"elasticache_subnet_group_name": "a_b"}, "elasticache_subnet_group_name"),
        ({"rds_identifier": "acme--prod"}, "rds_identifier"),
        ({"rds_identifier": "a" * 64}, "rds_identifier"),
        ({"rds_engine_version": "17.7.1"}, "rds_engine_version"),
        ({"rds_engine_version": "99.9"}, "rds_engine_version"),
        ({"rds_engine_version": "latest"}, "rds_engine_version"),
        ({"rds_instance_class": "db.t4g.tiny"}, "rds_instance_class"),
        ({"rds_instance_class": "db.t9.small"}, "rds_instance_class"),
        ({"rds_instance_class": "t4g.small"}, "rds_instance_class"),
        ({"rds_allocated_storage": 19}, "rds_allocated_storage"),
        ({"rds_allocated_storage": 70000, "rds_max_allocated_storage": 0}, "rds_allocated_storage"),
        ({"rds_allocated_storage": 100, "rds_max_allocated_storage": 100}, "rds_max_allocated_storage"),
        ({"rds_allocated_storage": 100, "rds_max_allocated_storage": 109}, "rds_max_allocated_storage"),
        ({"rds_iops": 12000}, "rds_iops"),
        ({**BIG, "rds_storage_throughput": 4001}, "rds_storage_throughput"),
        ({**BIG, "rds_iops": 12000, "rds_storage_throughput": 3500}, "rds_storage_throughput"),
        ({"rds_storage_type": "io1", **BIG}, "rds_iops"),
        ({"rds_storage_type": "gp2", "rds_storage_throughput": 500}, "rds_storage_throughput"),
        ({"rds_master_username": "rdsadmin"}, "rds_master_username"),
        ({"rds_master_username": "1st"}, "rds_master_username"),
        ({"rds_database_name": "a-b"}, "rds_database_name"),
        ({"rds_port": 80}, "rds_port"),
        ({"rds_security_group_ids": []}, "rds_security_group_ids"),
        ({"rds_security_group_ids": ["sg-x"]}, "rds_security_group_ids[0]"),
        ({"rds_backup_retention_days": 36}, "rds_backup_retention_days"),
        ({"rds_backup_window": "17:00-17:20"}, "rds_backup_window"),
        ({"rds_backup_window": "5pm"}, "rds_backup_window"),
        ({"rds_maintenance_window": "sunday:18:00-sunday:19:00"}, "rds_maintenance_window"),
        (
            {"rds_backup_window": "18:30-19:30", "rds_maintenance_window": "sun:18:00-sun:19:00"},
            "rds_maintenance_window",
        ),
        ({"rds_cloudwatch_logs_exports": ["slowquery"]}, "rds_cloudwatch_logs_exports[0]"),
        ({"rds_cloudwatch_logs_retention_days": 31}, "rds_cloudwatch_logs_retention_days"),
        ({"rds_performance_insights_retention_days": 30}, "rds_performance_insights_retention_days"),
        ({"rds_parameters": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}, "rds_parameters[1].name"),
        ({"redis_identifier": "a" * 41}, "redis_identifier"),
        ({"redis_engine_version": "7"}, "redis_engine_version"),
        ({"redis_engine": "valkey", "redis_engine_version": "7.1"}, "redis_engine_version"),
        ({"redis_node_type": "db.t4g.small"}, "redis_node_type"),
        ({"redis_node_type": "cache.t4g.large"}, "redis_node_type"),
        ({"redis_node_count": 7}, "redis_node_count"),
        ({"redis_node_count": 0}, "redis_node_count"),
        ({"redis_multi_az_enabled": True}, "redis_multi_az_enabled"),
        ({"redis_automatic_failover_enabled": True}, "redis_automatic_failover_enabled"),
        (
            {"redis_node_count": 2, "redis_multi_az_enabled": True, "redis_automatic_failover_enabled": False},
            "redis_multi_az_enabled",
        ),
        ({"redis_auth_token_length": 15}, "redis_auth_token_length"),
        ({"redis_auth_token_length": 129}, "redis_auth_token_length"),
        ({"redis_auth_token_secret_name": "acme-abcdef"}, "redis_auth_token_secret_name"),
        ({"redis_snapshot_window": "18:00-18:30"}, "redis_snapshot_window"),
        ({"redis_security_group_ids": []}, "redis_security_group_ids"),
    ],
)
def test_bad_input_names_the_one_option(options, path):
    assert paths(**options) == [path]
