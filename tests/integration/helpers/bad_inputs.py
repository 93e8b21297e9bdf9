"""The table of wrong inputs: (role, what is set, as YAML, the path that the message must name, what it must say is
allowed).
"""

from __future__ import annotations

ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

# What each role needs and these cases leave as it is: accepted by itself.
VALID: dict[str, dict[str, str]] = {
    "kms": {"kms_deployment": "acme-dev", "kms_alias": "acme"},
    "network": {
        "network_deployment": "acme-dev",
        "network_name": "acme",
        "network_vpc_cidr": "10.0.0.0/16",
        "network_availability_zones": "[ap-northeast-2a, ap-northeast-2b]",
    },
    "storage": {
        "storage_deployment": "acme-dev",
        "storage_kms_key_arn": ARN,
        "storage_buckets": "[{key: logs, name: acme-logs, purpose: logs}]",
    },
    "registry": {"registry_deployment": "acme-dev", "registry_repositories": "[{key: api, name: api}]"},
    "ecs": {"ecs_deployment": "acme-dev", "ecs_name": "acme", "ecs_kms_key_arn": ARN},
    "data": {
        "data_deployment": "acme-dev",
        "data_name": "acme",
        "data_subnet_ids": "[subnet-0a1b2c3d, subnet-4e5f6071]",
        "data_rds_enabled": "true",
        "data_rds_identifier": "acme-postgres",
        "data_rds_instance_class": "db.t4g.small",
        "data_rds_engine_version": '"17.7"',
        "data_rds_security_group_ids": "[sg-0a1b2c3d]",
        "data_redis_enabled": "true",
        "data_redis_identifier": "acme-redis",
        "data_redis_node_type": "cache.t4g.small",
        "data_redis_engine_version": '"7.1"',
        "data_redis_security_group_ids": "[sg-4e5f6071]",
    },
    "outputs": {"outputs_deployment": "acme-dev", "outputs_prefix": "/acme/dev"},
}

_BUCKET = "{key: logs, name: acme-logs, purpose: logs"
_LISTENER = "[{key: web, description: Web, rules: [{%s}]}]"
_STRATEGY = "[{capacity_provider: FARGATE, %s}]"

# (role, {variable: YAML}, path, what is allowed)
CASES: list[tuple[str, dict[str, str], str, str]] = [
    # kms
    ("kms", {"kms_alias": "alias/acme"}, "kms_alias", "leave out the prefix alias/"),
    ("kms", {"kms_alias": '"acme prod"'}, "kms_alias", "1 to 250 letters, digits"),
    ("kms", {"kms_alias": "010"}, "kms_alias", "put it in quotes"),
    ("kms", {"kms_rotation_period_days": "89"}, "kms_rotation_period_days", "90 to 2560"),
    ("kms", {"kms_rotation_period_days": "2561"}, "kms_rotation_period_days", "90 to 2560"),
    ("kms", {"kms_rotation_period_days": "a year"}, "kms_rotation_period_days", "must be an integer, not a string"),
    ("kms", {"kms_rotation_enabled": "sometimes"}, "kms_rotation_enabled", "true or false"),
    ("kms", {"kms_deletion_window_days": "5"}, "kms_deletion_window_days", "7 to 30"),
    ("kms", {"kms_services": "[s3, lambada]"}, "kms_services[1]", "must be one of ebs, ecr"),
    ("kms", {"kms_policy_statements": "[{Sid: A}]"}, "kms_policy_statements[0]", "Sid, Effect, Principal and Action"),
    (
        "kms",
        {
            "kms_policy": (
                "{Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: "
                "'arn:aws:iam::123456789012:role/x'}, Action: 'kms:*'}]}"
            )
        },
        "kms_policy",
        "account root",
    ),
    ("kms", {"kms_tags": "{'aws:owner': me}"}, "kms_tags.aws:owner", "reserved"),
    ("kms", {"kms_tags": "{'connectly:key': main}"}, "kms_tags.connectly:key", "reserved"),
    ("kms", {"kms_state": "gone"}, "kms_state", "present, absent"),
    ("kms", {"kms_rotaton_enabled": "true"}, "kms_rotaton_enabled", "did you mean kms_rotation_enabled?"),
    # network
    ("network", {"network_vpc_cidr": "10.0.0.0"}, "network_vpc_cidr", "/16 to /28"),
    ("network", {"network_vpc_cidr": "fd00::/56"}, "network_vpc_cidr", "IPv4 network"),
    ("network", {"network_vpc_cidr": "10.0.0.0/29"}, "network_vpc_cidr", "/16 to /28"),
    ("network", {"network_availability_zones": "ap-northeast-2a"}, "network_availability_zones", "must be a list"),
    (
        "network",
        {"network_availability_zones": "[ap-northeast-2a, ap-northeast-2a]"},
        "network_availability_zones[1]",
        "each zone is named once",
    ),
    (
        "network",
        {"network_availability_zones": "[ap-northeast-2a, eu-west-1a]"},
        "network_availability_zones",
        "zones of one region",
    ),
    ("network", {"network_name": "sg-acme"}, "network_name", "cannot start with sg-"),
    ("network", {"network_nat_gateway_mode": "no"}, "network_nat_gateway_mode", "put it in quotes"),
    (
        "network",
        {"network_tiers": "[{key: a, type: privat, prefix_length: 20, index: 0}]"},
        "network_tiers[0].type is 'privat'",
        "must be one of public, private, isolated",
    ),
    (
        "network",
        {"network_tiers": "[{type: private, prefix_length: 20, index: 0}]"},
        "network_tiers[0].key is required (missing in",
        "must be a string",
    ),
    (
        "network",
        {"network_security_groups": _LISTENER % "port: 80, self: true, direction: inn"},
        "network_security_groups[0].rules[0].direction is 'inn'",
        "must be one of ingress, egress",
    ),
    (
        "network",
        {"network_tiers": "[{key: a, type: private, index: 0}]"},
        "network_tiers[0]",
        "both prefix_length and index",
    ),
    (
        "network",
        {
            "network_tiers": (
                "[{key: a, type: public, prefix_length: 24, index: 0}, {key: a, type: private, prefix_length: 24, "
                "index: 1}]"
            )
        },
        "network_tiers[1].key",
        "used once",
    ),
    (
        "network",
        {"network_tiers": "[{key: a, type: public, prefix_length: 24, index: 0, subents: []}]"},
        "network_tiers[0].subents",
        "did you mean subnets?",
    ),
    ("network", {"network_flow_logs_retention_days": "31"}, "network_flow_logs_retention_days", "30, 60"),
    ("network", {"network_flow_logs_enabled": "true"}, "network_flow_logs_kms_key_arn", "ARN of a KMS key is required"),
    ("network", {"network_flow_logs_kms_key_arn": "alias/acme"}, "network_flow_logs_kms_key_arn", "ARN of a KMS key"),
    ("network", {"network_gateway_endpoints": "[s3]"}, "network_gateway_endpoints[0]", "s3_gateway_endpoint_enabled"),
    (
        "network",
        {"network_interface_endpoints": "[com.amazonaws.ap-northeast-2.ecr.api]"},
        "network_interface_endpoints[0]",
        "leave out com.amazonaws",
    ),
    (
        "network",
        {"network_security_groups": _LISTENER % "port: 70000, cidr_ipv4: 0.0.0.0/0"},
        "network_security_groups[0].rules[0].port",
        "0 to 65535",
    ),
    (
        "network",
        {"network_security_groups": _LISTENER % "port: 80, cidr_ipv4: 10.0.0.1/8"},
        "network_security_groups[0].rules[0].cidr_ipv4",
        "no host bits",
    ),
    (
        "network",
        {"network_security_groups": _LISTENER % "port: 80"},
        "network_security_groups[0].rules[0]",
        "exactly one of",
    ),
    (
        "network",
        {"network_security_groups": _LISTENER % "port: 80, security_group: wbe"},
        "network_security_groups[0].rules[0].security_group",
        "keys of",
    ),
    (
        "network",
        {"network_security_groups": _LISTENER % "protocol: tpc, port: 80, self: true"},
        "network_security_groups[0].rules[0].protocol",
        "tcp, udp",
    ),
    # storage
    (
        "storage",
        {"storage_buckets": "[{key: logs, name: Acme_Logs, purpose: logs}]"},
        "storage_buckets[0].name",
        "lowercase letters",
    ),
    (
        "storage",
        {"storage_buckets": "[{key: logs, name: 10.0.0.1, purpose: logs}]"},
        "storage_buckets[0].name",
        "IP address",
    ),
    (
        "storage",
        {"storage_buckets": "[{key: logs, name: acme-logs, purpose: diary}]"},
        "storage_buckets[0].purpose",
        "logs",
    ),
    (
        "storage",
        {"storage_buckets": f"[{_BUCKET}}}, {{key: logs, name: acme-more, purpose: logs}}]"},
        "storage_buckets[1].key",
        "used once",
    ),
    (
        "storage",
        {"storage_buckets": "[{key: a, name: acme-alb, purpose: alb_logs, encryption: 'aws:kms'}]"},
        "storage_buckets[0].encryption",
        "SSE-S3",
    ),
    ("storage", {"storage_kms_key_arn": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "storage_kms_key_arn", "arn:aws:kms"),
    ("storage", {"storage_buckets": f"[{_BUCKET}, retention_days: -1}}]"}, "storage_buckets[0].retention_days", "days"),
    (
        "storage",
        {
            "storage_buckets": (
                f"[{_BUCKET}, cors_rules: [{{id: a, allowed_origins: ['https://x/y'], allowed_methods: [GET]}}]}}]"
            )
        },
        "storage_buckets[0].cors_rules[0]",
        "scheme://host",
    ),
    ("storage", {"storage_account_id": "010"}, "storage_account_id", "put it in quotes"),
    (
        "storage",
        {"storage_buckets": f"[{_BUCKET}, tags: {{a: '<script>'}}}}]"},
        "storage_buckets[0].tags.a",
        "at most 256 letters",
    ),
    # registry
    (
        "registry",
        {"registry_repositories": "[{key: api, name: API}]"},
        "registry_repositories[0].name",
        "lowercase letters",
    ),
    ("registry", {"registry_image_tag_mutability": "FROZEN"}, "registry_image_tag_mutability", "IMMUTABLE"),
    ("registry", {"registry_keep_newest": "-1"}, "registry_keep_newest", "1 and more, or 0"),
    ("registry", {"registry_pull_account_ids": "['1234']"}, "registry_pull_account_ids[0]", "12 digits"),
    (
        "registry",
        {"registry_image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION"},
        "registry_image_tag_mutability_exclusion_filters",
        "one to five filters",
    ),
    ("registry", {"registry_kms_key_arn": "alias/acme"}, "registry_kms_key_arn", "arn:aws:kms"),
    # ecs
    ("ecs", {"ecs_name": "acme dev"}, "ecs_name", "letters, digits, hyphens"),
    ("ecs", {"ecs_container_insights": "on"}, "ecs_container_insights", "put it in quotes"),
    ("ecs", {"ecs_capacity_providers": "[FARGATE, FARGATE_SPOTS]"}, "ecs_capacity_providers[1]", "FARGATE_SPOT"),
    (
        "ecs",
        {"ecs_default_capacity_provider_strategy": _STRATEGY % "weight: 1001"},
        "ecs_default_capacity_provider_strategy[0].weight",
        "0 to 1000",
    ),
    (
        "ecs",
        {"ecs_default_capacity_provider_strategy": _STRATEGY % "weight: 0"},
        "ecs_default_capacity_provider_strategy",
        "above 0",
    ),
    ("ecs", {"ecs_execute_command_log_retention_days": "45"}, "ecs_execute_command_log_retention_days", "30, 60"),
    # data
    ("data", {"data_subnet_ids": "[subnet-0a1b2c3d]"}, "data_subnet_ids", "at least two subnets"),
    ("data", {"data_rds_engine_version": "17.7"}, "data_rds_engine_version", "put it in quotes"),
    ("data", {"data_rds_engine_version": '"17.x"'}, "data_rds_engine_version", "is allowed"),
    ("data", {"data_rds_instance_class": "t4g.small"}, "data_rds_instance_class", "db."),
    ("data", {"data_rds_allocated_storage": "10"}, "data_rds_allocated_storage", "20 to"),
    (
        "data",
        {"data_rds_allocated_storage": "50", "data_rds_max_allocated_storage": "40"},
        "data_rds_max_allocated_storage",
        "allowed",
    ),
    ("data", {"data_rds_backup_retention_days": "36"}, "data_rds_backup_retention_days", "35"),
    ("data", {"data_rds_master_username": "rdsadmin"}, "data_rds_master_username", "reserve"),
    ("data", {"data_rds_maintenance_window": "sunday"}, "data_rds_maintenance_window", "ddd:hh24:mi-ddd:hh24:mi"),
    (
        "data",
        {"data_redis_node_count": "1", "data_redis_multi_az_enabled": "true"},
        "data_redis_multi_az_enabled",
        "needs",
    ),
    ("data", {"data_redis_node_count": "7"}, "data_redis_node_count", "1 to 6"),
    ("data", {"data_redis_auth_token_length": "8"}, "data_redis_auth_token_length", "16 to 128"),
    ("data", {"data_rds_security_group_ids": "[default]"}, "data_rds_security_group_ids[0]", "sg- and 8 to 17"),
    # outputs
    ("outputs", {"outputs_prefix": "acme/dev"}, "outputs_prefix", "begins with a slash"),
    ("outputs", {"outputs_prefix": "/aws/acme"}, "outputs_prefix", "belong to AWS"),
    (
        "outputs",
        {"outputs_values": "{vpc_idd: vpc-1}", "outputs_layers": "[network]"},
        "outputs_values.vpc_idd",
        "did you mean vpc_id?",
    ),
    (
        "outputs",
        {"outputs_values": "{private_subnet_ids: 'subnet-1'}", "outputs_layers": "[network]"},
        "outputs_values.private_subnet_ids",
        "list",
    ),
    (
        "outputs",
        {"outputs_values": "{private_subnet_ids: ['a,b']}", "outputs_layers": "[network]"},
        "outputs_values.private_subnet_ids",
        "comma",
    ),
    (
        "outputs",
        {"outputs_values": "{vpc_id: ''}", "outputs_layers": "[network]"},
        "outputs_values.vpc_id",
        "leave out",
    ),
    (
        "outputs",
        {"outputs_terraform_state_bucket": "Acme", "outputs_terraform_state_key": "a"},
        "outputs_terraform_state_bucket",
        "lower-case letters",
    ),
    (
        "outputs",
        {
            "outputs_terraform_state_bucket": "acme",
            "outputs_terraform_state_key": "a",
            "outputs_terraform_state_region": "seoul",
        },
        "outputs_terraform_state_region",
        "like ap-northeast-2",
    ),
    (
        "outputs",
        {
            "outputs_terraform_state_bucket": "acme",
            "outputs_terraform_state_key": "a",
            "outputs_terraform_state_bucket_owner": "'1234'",
        },
        "outputs_terraform_state_bucket_owner",
        "12 digits",
    ),
    (
        "outputs",
        {"outputs_terraform_state_bucket": "acme", "outputs_terraform_state_key": "/a"},
        "outputs_terraform_state_key",
        "no slash at either end",
    ),
]

_SET = {"deployment": "acme-dev"}
_TIER = {"key": "public", "type": "public", "prefix_length": 24, "index": 0}
_NETWORK = {
    **_SET,
    "name": "acme",
    "vpc_cidr": "10.0.0.0/16",
    "availability_zones": ["ap-northeast-2a"],
    "tiers": [_TIER],
}
_STATE = {**_SET, "bucket": "acme", "key": "a.tfstate", "outputs": {"vpc_id": "vpc-1"}}
_DATA = {**_SET, "name": "acme", "subnet_ids": ["subnet-0a1b2c3d", "subnet-4e5f6071"]}

# (module, options, what the message must name, what it must say)
MODULE_CASES: list[tuple[str, dict, str, str]] = [
    ("kms_key", {**_SET, "alias": "aws/acme"}, "alias", "belong to AWS"),
    ("kms_key", {"alias": "acme"}, "deployment", "missing required arguments"),
    ("kms_key", {**_SET, "alias": "acme", "rotation_period_days": 1}, "rotation_period_days", "90 to 2560"),
    ("network", {**_NETWORK, "vpc_cidr": "10.0.0.0/99"}, "vpc_cidr", "10.0.0.0/16 for example"),
    (
        "network",
        {**_NETWORK, "availability_zones": ["eu-west-1a"]},
        "availability_zones[0]",
        "zones of the region ap-northeast-2",
    ),
    ("network", {**_NETWORK, "nat_gateways": "one"}, "nat_gateways", "Unsupported parameters"),
    ("s3_buckets", {**_SET, "buckets": [{"key": "a", "name": "a"}]}, "buckets[0].name", "3 to 63"),
    (
        "s3_buckets",
        {**_SET, "buckets": [{"key": "a", "name": "acme-a", "encryption": "aws:kms"}]},
        "buckets[0].kms_key_arn",
        "needs a key",
    ),
    (
        "ecr_repositories",
        {**_SET, "repositories": [{"key": "a", "name": "a//b"}]},
        "repositories[0].name",
        "lowercase letters",
    ),
    ("ecr_repositories", {**_SET, "repositories": [], "untagged_days": -1}, "untagged_days", "1 and more, or 0"),
    ("ecs_cluster", {**_SET, "name": "a b"}, "name", "letters, digits, hyphens"),
    ("ecs_cluster", {**_SET, "name": "acme", "kms_key_arn": "alias/a"}, "kms_key_arn", "ARN of a KMS key"),
    ("data_stores", {**_DATA, "subnet_ids": ["subnet-0a1b2c3d"]}, "subnet_ids", "at least two subnets"),
    ("data_stores", {**_DATA, "rds_allocated_storage": 3}, "rds_allocated_storage", "20 to"),
    ("elasticache_auth_token_rotation", {**_SET, "replication_group_id": "9acme"}, "replication_group_id", "letter"),
    (
        "elasticache_auth_token_rotation",
        {**_SET, "replication_group_id": "acme", "token_length": 4},
        "token_length",
        "16 to 128",
    ),
    (
        "ssm_outputs",
        {**_SET, "prefix": "/acme", "outputs": {"vpc": "x"}, "layers": ["network"]},
        "outputs.vpc",
        "did you mean",
    ),
    ("ssm_outputs", {**_SET, "prefix": "/acme/{{x}}", "outputs": {}}, "prefix", "a prefix begins with a slash"),
    ("ssm_outputs_info", {"prefix": "acme"}, "prefix", "begins with a slash"),
    ("terraform_state_outputs", {**_STATE, "bucket": "A"}, "bucket", "3 to 63"),
    ("terraform_state_outputs", {**_STATE, "extra_keys": ["a.tfstate"]}, "extra_keys[0]", "named once"),
    ("terraform_state_outputs", {**_STATE, "outputs": {}}, "outputs", "at least one output"),
    ("terraform_state_outputs", {**_STATE, "backend_region": "seoul"}, "backend_region", "like ap-northeast-2"),
    ("terraform_state_unlock", {"bucket": "A", "state_keys": ["a"], "lock_id": "x"}, "bucket", "3 to 63"),
    (
        "deployment_guard",
        {**_SET, "names": [{"type": "s3", "layer": "storage", "names": []}]},
        "s3",
        "value of type must be one of",
    ),
]
