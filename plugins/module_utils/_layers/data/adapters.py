# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapters of the data layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.clients import Clients
from ..._engine.adapter import Adapter
from ..._engine.identity import Scope
from ..._resources.elasticache.parameter_group import ElastiCacheParameterGroupAdapter
from ..._resources.elasticache.replication_group import ReplicationGroupAdapter
from ..._resources.elasticache.subnet_group import ElastiCacheSubnetGroupAdapter
from ..._resources.logs.log_group import LogGroupAdapter
from ..._resources.rds.instance import RdsInstanceAdapter
from ..._resources.rds.parameter_group import RdsParameterGroupAdapter
from ..._resources.rds.subnet_group import RdsSubnetGroupAdapter
from ..._resources.secretsmanager.secret import AuthTokenSecretAdapter
from .desired import LOG_TYPES
from .names import Names


def adapters(clients: Clients, scope: Scope, params: Mapping[str, Any]) -> list[Adapter]:
    """Within a step, what takes long comes first."""
    names = Names.of(params)
    search = params["state"] == "absent"
    log_types = LOG_TYPES[params["rds_engine"]] if search else params["rds_cloudwatch_logs_exports"]
    return [
        RdsSubnetGroupAdapter(clients, scope, names.rds_subnet_group, search),
        ElastiCacheSubnetGroupAdapter(
            clients, scope, names.elasticache_subnet_group, search, own_group=names.replication_group
        ),
        LogGroupAdapter(clients, scope, list(names.rds_log_groups(log_types).values())),
        RdsParameterGroupAdapter(
            clients, scope, names.rds_parameter_group, search, exclusive=params["rds_parameters_exclusive"]
        ),
        ElastiCacheParameterGroupAdapter(
            clients, scope, names.redis_parameter_group, search, exclusive=params["redis_parameters_exclusive"]
        ),
        AuthTokenSecretAdapter(
            clients,
            scope,
            names.auth_token_secret,
            search,
            token_length=params["redis_auth_token_length"],
            recovery_window_days=params["redis_auth_token_secret_recovery_days"],
        ),
        RdsInstanceAdapter(
            clients,
            scope,
            names.rds_instance,
            search,
            wait_seconds=params["rds_wait_timeout"],
            at_once=params["rds_apply_immediately"],
            allow_major=params["rds_allow_major_version_upgrade"],
            final_snapshot_identifier=names.rds_final_snapshot,
            delete_automated_backups=params["rds_delete_automated_backups"],
        ),
        ReplicationGroupAdapter(
            clients,
            scope,
            names.replication_group,
            search,
            wait_seconds=params["redis_wait_timeout"],
            final_snapshot_name=names.redis_final_snapshot,
        ),
    ]
