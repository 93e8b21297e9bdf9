# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names in AWS of what the data layer has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..._resources.stores import versions
from ..rooms import WantedNames


@dataclass(frozen=True)
class Names:
    """The names in AWS, also of what this deployment does not want now."""

    rds_subnet_group: str
    elasticache_subnet_group: str
    rds_instance: str
    rds_parameter_group: str
    rds_final_snapshot: str
    replication_group: str
    redis_parameter_group: str
    redis_final_snapshot: str
    auth_token_secret: str

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Names:
        name = params["name"]
        database = params["rds_identifier"] or f"{name}-{params['rds_engine']}"
        cache = params["redis_identifier"] or f"{name}-redis"
        rds_family = versions.family(params["rds_engine"], params["rds_engine_version"])
        redis_family = versions.family(params["redis_engine"], params["redis_engine_version"])
        return cls(
            rds_subnet_group=params["rds_subnet_group_name"] or name,
            elasticache_subnet_group=params["elasticache_subnet_group_name"] or name,
            rds_instance=database,
            rds_parameter_group=params["rds_parameter_group_name"] or f"{database}-{rds_family}".replace(".", "-"),
            rds_final_snapshot=""
            if params["rds_skip_final_snapshot"]
            else params["rds_final_snapshot_identifier"] or f"{database}-final",
            replication_group=cache,
            redis_parameter_group=params["redis_parameter_group_name"] or f"{cache}-{redis_family}".replace(".", "-"),
            redis_final_snapshot=""
            if params["redis_skip_final_snapshot"]
            else params["redis_final_snapshot_name"] or f"{cache}-final",
            auth_token_secret=params["redis_auth_token_secret_name"] or f"{cache}-auth-token",
        )

    def rds_log_groups(self, log_types: Any) -> dict[str, str]:
        """The log groups to which RDS exports, by key."""
        return {f"rds-{log_type}": f"/aws/rds/instance/{self.rds_instance}/{log_type}" for log_type in log_types}


def wanted(params: Mapping[str, Any]) -> list[WantedNames]:
    """A group is made in any case, the database and the cache only where they are switched on."""
    names = Names.of(params)
    result = [
        _wanted(params, "rds_subnet_group", "rds_subnet_group_name", names.rds_subnet_group),
        _wanted(params, "elasticache_subnet_group", "elasticache_subnet_group_name", names.elasticache_subnet_group),
    ]
    if params["rds_enabled"]:
        result.append(_wanted(params, "rds_instance", "rds_identifier", names.rds_instance))
    if params["redis_enabled"]:
        result.append(_wanted(params, "elasticache_replication_group", "redis_identifier", names.replication_group))
    return result


def _wanted(params: Mapping[str, Any], kind: str, option: str, name: str) -> WantedNames:
    """Without an option of its own, a name follows from that of the layer."""
    return {"type": kind, "variable": option if params[option] else "name", "names": [name]}
