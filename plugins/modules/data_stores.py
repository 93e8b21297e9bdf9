#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: data_stores
version_added: 0.1.0
short_description: Manage the database and the cache of a deployment
description:
  - Manages the RDS and ElastiCache subnet groups of a deployment and, where they are switched on, a database on RDS and
    a cache on ElastiCache (Redis OSS or Valkey), with their parameter groups and the secret of the AUTH token.
  - Everything is one set, so that the database and the cache are created and changed side by side.
  - Everything is found by name and identity tags. What has a wanted name but not our tags is refused.
  - Changes that AWS makes in place are made; changes that would replace or lose a database or a cache are refused.
  - Databases are never publicly accessible; both are encrypted at rest, and the cache in transit.
options:
  name:
    description:
      - The base of all names that are not set by themselves.
      - Lower-case letters, digits and single hyphens, starting with a letter, at most 31 characters.
    type: str
    required: true
  kms_key_arn:
    description: The KMS key that encrypts databases, caches, snapshots, secrets and log groups. Without one, AWS's own
      keys do.
    type: str
  subnet_ids:
    description: The subnets of both subnet groups, in at least two availability zones of one VPC.
    type: list
    elements: str
    required: true
  rds_subnet_group_name:
    description: The name of the RDS subnet group, O(name) by default. It cannot be changed later.
    type: str
  rds_subnet_group_description:
    description: What the RDS subnet group is for.
    type: str
    default: Shared infrastructure
  elasticache_subnet_group_name:
    description: The name of the ElastiCache subnet group, O(name) by default. It cannot be changed later.
    type: str
  elasticache_subnet_group_description:
    description: What the ElastiCache subnet group is for.
    type: str
    default: Shared infrastructure
  rds_enabled:
    description:
      - Whether the deployment has a database.
      - A database that is switched off is reported and kept; O(state=absent) deletes it.
    type: bool
    default: false
  rds_identifier:
    description: The identifier of the database, C(<name>-<engine>) by default. It is part of the endpoint and cannot be
      changed later.
    type: str
  rds_engine:
    description: The database engine. It cannot be changed later.
    type: str
    choices: [mariadb, mysql, postgres]
    default: postgres
  rds_engine_version:
    description:
      - The version of the engine; a major version alone (V(17)) leaves the minor one to AWS.
      - A later minor version, to which AWS has upgraded by itself, is no difference. A downgrade is refused.
    type: str
    default: "17.7"
  rds_allow_major_version_upgrade:
    description: Whether a new major version in O(rds_engine_version) may upgrade the database. It cannot be undone.
    type: bool
    default: false
  rds_instance_class:
    description: The instance class. A change interrupts the database, see O(rds_apply_immediately).
    type: str
    default: db.t4g.small
  rds_allocated_storage:
    description:
      - The storage in GiB. It can grow, by at least 10 %, and never shrink.
      - Storage that autoscaling has grown beyond this is no difference.
    type: int
    default: 20
  rds_max_allocated_storage:
    description: Up to so many GiB RDS grows the storage by itself; V(0) turns autoscaling off.
    type: int
    default: 100
  rds_storage_type:
    description: The storage type.
    type: str
    choices: [gp2, gp3, io1, io2]
    default: gp3
  rds_iops:
    description: Provisioned IOPS of C(io1), C(io2), and of C(gp3) from 400 GiB on.
    type: int
  rds_storage_throughput:
    description: Throughput in MiB/s of C(gp3) from 400 GiB on.
    type: int
  rds_multi_az:
    description: Whether a standby in another availability zone takes over when the database fails.
    type: bool
    default: false
  rds_master_username:
    description:
      - The name of the master user, C(postgres) or C(admin) by default. It cannot be changed later.
      - Secrets Manager makes, keeps and rotates its password.
    type: str
  rds_database_name:
    description: A database that is made together with the instance. It cannot be changed later.
    type: str
  rds_port:
    description: The port of the database, the usual one of its engine by default.
    type: int
  rds_security_group_ids:
    description: The security groups of the database. At least one is needed where there is a database.
    type: list
    elements: str
    default: []
  rds_parameter_group_name:
    description: The name of the parameter group, the identifier and the parameter group family by default.
    type: str
  rds_parameters:
    description:
      - Parameters that differ from the engine's defaults.
      - Those that need a restart take effect with the next one, which is left to the operator.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the parameter.
        type: str
        required: true
      value:
        description: The value of the parameter.
        type: str
        required: true
  rds_parameters_exclusive:
    description: Whether parameters that are not listed go back to their defaults.
    type: bool
    default: false
  rds_backup_retention_days:
    description: Days for which automated backups are kept, 0 to 35; V(0) turns them off.
    type: int
    default: 7
  rds_backup_window:
    description: The daily backup window in UTC, C(hh24:mi-hh24:mi). AWS chooses one by default.
    type: str
  rds_maintenance_window:
    description: The weekly maintenance window in UTC, C(ddd:hh24:mi-ddd:hh24:mi). AWS chooses one by default.
    type: str
  rds_deletion_protection:
    description: Whether AWS refuses to delete the database. O(state=absent) is refused as long as it is on.
    type: bool
    default: true
  rds_skip_final_snapshot:
    description: Whether a deletion takes no last snapshot.
    type: bool
    default: false
  rds_final_snapshot_identifier:
    description: The name of the snapshot that a deletion takes, C(<identifier>-final) by default.
    type: str
  rds_delete_automated_backups:
    description: Whether a deletion removes the automated backups as well.
    type: bool
    default: true
  rds_snapshot_identifier:
    description:
      - The DB snapshot from which the database is made, in place of an empty one.
      - It is refused for a database that exists and was not made from it.
    type: str
  rds_auto_minor_version_upgrade:
    description: Whether AWS upgrades minor versions by itself in the maintenance window.
    type: bool
    default: true
  rds_apply_immediately:
    description:
      - Whether changes that interrupt the database (class, version, port) are made at once, and not in the maintenance
        window.
      - Changes that do not interrupt it are made at once in any case.
    type: bool
    default: false
  rds_performance_insights_enabled:
    description: Whether Performance Insights collects data.
    type: bool
    default: false
  rds_performance_insights_retention_days:
    description: Days for which Performance Insights keeps its data, V(7), a multiple of 31 up to 713, or V(731).
    type: int
    default: 7
  rds_cloudwatch_logs_exports:
    description: Logs that are exported to CloudWatch Logs, for PostgreSQL C(postgresql), C(upgrade) and
      C(iam-db-auth-error).
    type: list
    elements: str
    default: []
  rds_cloudwatch_logs_retention_days:
    description: Days for which the exported logs are kept; one of the values that CloudWatch Logs allows.
    type: int
    default: 30
  rds_wait_timeout:
    description: How many seconds to wait for the database; it takes 8 to 12 minutes to create.
    type: int
    default: 3600
  redis_enabled:
    description:
      - Whether the deployment has a cache.
      - A cache that is switched off is reported and kept; O(state=absent) deletes it.
    type: bool
    default: false
  redis_identifier:
    description: The identifier of the replication group, C(<name>-redis) by default. It is part of the endpoint and
      cannot be changed later.
    type: str
  redis_description:
    description: What the cache is for.
    type: str
    default: Shared infrastructure
  redis_engine:
    description: The engine. V(redis) can become V(valkey), and not the other way.
    type: str
    choices: [redis, valkey]
    default: redis
  redis_engine_version:
    description:
      - The version of the engine, major and minor.
      - A later minor version, to which AWS has upgraded by itself, is no difference. A downgrade is refused.
    type: str
    default: "7.1"
  redis_node_type:
    description: The node type.
    type: str
    default: cache.t4g.small
  redis_node_count:
    description: 'How many nodes, 1 to 6: one primary and its replicas, with cluster mode off.'
    type: int
    default: 1
  redis_automatic_failover_enabled:
    description: Whether a replica takes over when the primary fails; on where there are two nodes or more by default.
    type: bool
  redis_multi_az_enabled:
    description: Whether the nodes stand in several availability zones; on where there are two nodes or more by default.
    type: bool
  redis_port:
    description: The port of the cache. It cannot be changed later.
    type: int
    default: 6379
  redis_security_group_ids:
    description: The security groups of the cache. At least one is needed where there is a cache.
    type: list
    elements: str
    default: []
  redis_parameter_group_name:
    description: The name of the parameter group, the identifier and the parameter group family by default.
    type: str
  redis_parameters:
    description: Parameters that differ from the engine's defaults.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the parameter.
        type: str
        required: true
      value:
        description: The value of the parameter.
        type: str
        required: true
  redis_parameters_exclusive:
    description: Whether parameters that are not listed go back to their defaults.
    type: bool
    default: false
  redis_auth_enabled:
    description:
      - Whether clients need an AUTH token. It is made once and kept in Secrets Manager, as the bare value of a secret.
      - It is never part of a result, a diff or a message.
        M(connectly.shared_infrastructure.elasticache_auth_token_rotation) rotates it.
    type: bool
    default: true
  redis_auth_token_length:
    description: How many characters a new AUTH token has, 16 to 128.
    type: int
    default: 64
  redis_auth_token_secret_name:
    description: The name of the secret that holds the AUTH token, C(<identifier>-auth-token) by default. It cannot be
      changed later.
    type: str
  redis_auth_token_secret_recovery_days:
    description: Days for which a deleted secret can be restored, 7 to 30.
    type: int
    default: 30
  redis_snapshot_retention_days:
    description: Days for which automatic snapshots are kept, 0 to 35; V(0) turns them off.
    type: int
    default: 7
  redis_snapshot_window:
    description: The daily snapshot window in UTC, C(hh24:mi-hh24:mi), at least 60 minutes. AWS chooses one by default.
    type: str
  redis_maintenance_window:
    description: The weekly maintenance window in UTC, C(ddd:hh24:mi-ddd:hh24:mi), at least 60 minutes. AWS chooses one
      by default.
    type: str
  redis_auto_minor_version_upgrade:
    description: Whether AWS upgrades minor versions by itself in the maintenance window.
    type: bool
    default: true
  redis_snapshot_name:
    description:
      - The ElastiCache snapshot from which the cache is made, in place of an empty one.
      - It is refused for a cache that exists and was not made from it.
    type: str
  redis_skip_final_snapshot:
    description: Whether a deletion takes no last snapshot.
    type: bool
    default: false
  redis_final_snapshot_name:
    description: The name of the snapshot that a deletion takes, C(<identifier>-final) by default.
    type: str
  redis_wait_timeout:
    description: How many seconds to wait for the cache; it takes 5 to 8 minutes to create.
    type: int
    default: 3600
extends_documentation_fragment:
  - connectly.shared_infrastructure.set
  - connectly.shared_infrastructure.guarded
  - connectly.shared_infrastructure.layer
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: connectly.shared_infrastructure.elasticache_auth_token_rotation
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Subnet groups in the private subnets
  connectly.shared_infrastructure.data_stores:
    deployment: connectly-dev
    name: connectly-dev
    subnet_ids: "{{ network.outputs.private_subnet_ids }}"
    tags:
      Team: platform

- name: A database and a cache beside them
  connectly.shared_infrastructure.data_stores:
    deployment: wealist-prod
    name: wealist-prod
    kms_key_arn: "{{ kms.outputs.kms_key_arn }}"
    subnet_ids: "{{ network.outputs.database_subnet_ids }}"
    rds_enabled: true
    rds_engine_version: "17.7"
    rds_security_group_ids: ["{{ network.outputs.rds_security_group_id }}"]
    redis_enabled: true
    redis_security_group_ids: ["{{ network.outputs.elasticache_security_group_id }}"]
  register: data

- name: What a standby and a second node would change
  connectly.shared_infrastructure.data_stores:
    deployment: wealist-prod
    name: wealist-prod
    kms_key_arn: "{{ kms.outputs.kms_key_arn }}"
    subnet_ids: "{{ network.outputs.database_subnet_ids }}"
    rds_enabled: true
    rds_multi_az: true
    rds_security_group_ids: ["{{ network.outputs.rds_security_group_id }}"]
    redis_enabled: true
    redis_node_count: 2
    redis_security_group_ids: ["{{ network.outputs.elasticache_security_group_id }}"]
  check_mode: true
  diff: true
"""

RETURN = r"""
# BEGIN rendered by make render from the contract and roles/data/meta/options.yml
outputs:
  description: The part of the outputs contract that this layer publishes. What the deployment does not have is left
    out.
  returned: success
  type: dict
  contains:
    rds_subnet_group_name:
      description: The name of the DB subnet group.
      type: str
      sample: wealist-prod
    rds_subnet_group_id:
      description: The id of the DB subnet group, which is its name.
      type: str
      sample: wealist-prod
    elasticache_subnet_group_name:
      description: The name of the cache subnet group.
      type: str
      sample: wealist-prod
    rds_endpoint:
      description: The database's address as host:port.
      type: str
      returned: when O(rds_enabled=true)
      sample: wealist-prod-postgres.abcdefghijkl.ap-northeast-2.rds.amazonaws.com:5432
    rds_master_user_secret_arn:
      description: The ARN of the secret with the database's master password (JSON, .password); AWS may choose a new
        one.
      type: str
      returned: when O(rds_enabled=true)
      sample:
        arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds!db-1234abcd-12ab-34cd-56ef-1234567890ab-AbCdEf
    redis_endpoint:
      description: The host name of the Redis primary, without a port.
      type: str
      returned: when O(redis_enabled=true)
      sample: master.wealist-prod-redis.abcdef.apn2.cache.amazonaws.com
    redis_auth_token_secret_arn:
      description: The ARN of the secret whose value is the bare Redis AUTH token.
      type: str
      returned: when O(redis_enabled=true) and O(redis_auth_enabled=true)
      sample: arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:wealist-prod-redis-auth-token-AbCdEf
# END rendered
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.data import (
    adapters,
    arguments,
    checks,
    desired,
    outputs,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.layer_module import run_layer


def main() -> None:
    run_layer("data", arguments, checks, desired, adapters, outputs)


if __name__ == "__main__":
    main()
