# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS's rules for a cache (ElastiCache user guide: quotas, CreateReplicationGroup, AUTH). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._inputs.problems import Problem
from ..._resources.secretsmanager import token
from ..._resources.stores import versions
from . import classes
from .common_checks import (
    identifier_problems,
    parameter_problems,
    port_problems,
    security_group_problems,
    window_problems,
)

NODES = (1, 6)
"""One primary and up to five replicas, since cluster mode is off."""
SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
SECRET_SUFFIX = re.compile(r".*-[A-Za-z0-9]{6}")


def redis_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    engine = params["redis_engine"]
    yield from identifier_problems("redis_identifier", params["redis_identifier"], 40)
    yield from identifier_problems("redis_parameter_group_name", params["redis_parameter_group_name"], 255)
    yield from identifier_problems("redis_final_snapshot_name", params["redis_final_snapshot_name"], 255)
    form, words = versions.FORMS[engine]
    if not form.fullmatch(params["redis_engine_version"]):
        yield Problem("redis_engine_version", params["redis_engine_version"], f"for {engine}, {words} is allowed")
    allowed = classes.unknown("cache", classes.NODE_TYPES, params["redis_node_type"])
    if allowed:
        yield Problem("redis_node_type", params["redis_node_type"], allowed)
    yield from _node_problems(params)
    yield from port_problems("redis_port", params["redis_port"], 1024)
    yield from security_group_problems(
        "redis_security_group_ids", params["redis_security_group_ids"], params["redis_enabled"]
    )
    yield from parameter_problems("redis_parameters", params["redis_parameters"])
    length, name = params["redis_auth_token_length"], params["redis_auth_token_secret_name"]
    yield from token_problems(length, "redis_auth_token_length", name, "redis_auth_token_secret_name")
    if not 7 <= params["redis_auth_token_secret_recovery_days"] <= 30:
        yield Problem(
            "redis_auth_token_secret_recovery_days",
            params["redis_auth_token_secret_recovery_days"],
            "allowed are 7 to 30 days",
        )
    if not 0 <= params["redis_snapshot_retention_days"] <= 35:
        yield Problem(
            "redis_snapshot_retention_days",
            params["redis_snapshot_retention_days"],
            "allowed are 0 (no automatic snapshots) to 35",
        )
    yield from window_problems(
        "redis_snapshot_window",
        params["redis_snapshot_window"],
        "redis_maintenance_window",
        params["redis_maintenance_window"],
        60,
    )
    if not 1 <= len(params["redis_description"]) <= 255:
        yield Problem("redis_description", params["redis_description"], "a description has 1 to 255 characters")
    if params["redis_wait_timeout"] < 60:
        yield Problem(
            "redis_wait_timeout",
            params["redis_wait_timeout"],
            "at least 60 seconds are needed; a cache takes 5 to 8 minutes",
        )


def _node_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    count = params["redis_node_count"]
    if not NODES[0] <= count <= NODES[1]:
        yield Problem(
            "redis_node_count",
            count,
            f"allowed are {NODES[0]} to {NODES[1]} nodes: one primary and its replicas, with cluster mode off",
        )
    for path in ("redis_automatic_failover_enabled", "redis_multi_az_enabled"):
        if params[path] and count < 2:
            yield Problem(path, True, "it needs two nodes or more (O(redis_node_count))")
    if params["redis_multi_az_enabled"] and params["redis_automatic_failover_enabled"] is False:
        yield Problem("redis_multi_az_enabled", True, "it needs O(redis_automatic_failover_enabled)")


def token_problems(length: int, length_path: str, secret_name: str | None, name_path: str) -> Iterator[Problem]:
    if not token.SHORTEST <= length <= token.LONGEST:
        yield Problem(length_path, length, f"allowed are {token.SHORTEST} to {token.LONGEST}; {token.RULES}")
    if secret_name and not SECRET_NAME.fullmatch(secret_name):
        yield Problem(name_path, secret_name, "a secret name has 1 to 512 letters, digits or / _ + = . @ -")
    elif secret_name and SECRET_SUFFIX.fullmatch(secret_name):
        yield Problem(
            name_path, secret_name, "it must not end with a hyphen and six characters, as the ARNs of secrets do"
        )
