# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS's rules for a database (RDS user guide: storage types, naming constraints, CreateDBInstance). Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._aws.arns import DB_SNAPSHOT_ARN
from ..._inputs.problems import Problem, log_retention_problems
from ..._resources.stores import versions
from . import classes
from .common_checks import (
    identifier_problems,
    parameter_problems,
    port_problems,
    security_group_problems,
    window_problems,
)
from .desired import LOG_TYPES

STORAGE_LEAST = {"gp2": 20, "gp3": 20, "io1": 100, "io2": 100}
STORAGE_MOST = 65536
GP3_SETTINGS_FROM = 400
"""Below so many GiB, gp3 has a fixed performance."""
GP3_IOPS = (12000, 64000)
GP3_THROUGHPUT = (500, 4000)
PROVISIONED_IOPS = (1000, 256000)
IOPS_PER_GIB = {"io1": 50, "io2": 1000}

USERNAMES = {
    "postgres": (re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,62}"), "1 to 63 letters, digits or _, starting with a letter"),
    "mysql": (re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,31}"), "1 to 32 letters, digits or _, starting with a letter"),
    "mariadb": (re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,15}"), "1 to 16 letters, digits or _, starting with a letter"),
}
SQL_WORDS = ("all", "default", "group", "select", "table", "user")
RDS_USERS = ("rdsadmin", "rdsrepladmin")
RESERVED_USERNAMES = {
    "postgres": (
        *SQL_WORDS,
        *RDS_USERS,
        "admin",
        "public",
        "rds_iam",
        "rds_password",
        "rds_replication",
        "rds_superuser",
        "rdstopmgr",
        "role",
    ),
    "mysql": (*SQL_WORDS, *RDS_USERS, "mysql"),
    "mariadb": (*SQL_WORDS, *RDS_USERS, "mysql"),
}
DATABASE_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,62}")
RESERVED_DATABASES = {
    "postgres",
    "rdsadmin",
    "template0",
    "template1",
    "mysql",
    "sys",
    "information_schema",
    "performance_schema",
}
SNAPSHOT_NAME = re.compile(r"(rds:)?(?!.*--)[a-zA-Z][a-zA-Z0-9-]{0,254}(?<!-)")
INSIGHTS_DAYS = (7, *(31 * months for months in range(1, 24)), 731)


def rds_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    engine = params["rds_engine"]
    yield from identifier_problems("rds_identifier", params["rds_identifier"], 63)
    yield from identifier_problems("rds_parameter_group_name", params["rds_parameter_group_name"], 255)
    yield from identifier_problems("rds_final_snapshot_identifier", params["rds_final_snapshot_identifier"], 255)
    form, words = versions.FORMS[engine]
    if not form.fullmatch(params["rds_engine_version"]):
        yield Problem("rds_engine_version", params["rds_engine_version"], f"for {engine}, {words} is allowed")
    allowed = classes.unknown("db", classes.DATABASE_CLASSES, params["rds_instance_class"])
    if allowed:
        yield Problem("rds_instance_class", params["rds_instance_class"], allowed)
    yield from _storage_problems(params)
    yield from _name_problems(params, engine)
    yield from port_problems("rds_port", params["rds_port"])
    yield from security_group_problems(
        "rds_security_group_ids", params["rds_security_group_ids"], params["rds_enabled"]
    )
    if not 0 <= params["rds_backup_retention_days"] <= 35:
        yield Problem(
            "rds_backup_retention_days",
            params["rds_backup_retention_days"],
            "allowed are 0 (no automated backups) to 35",
        )
    yield from window_problems(
        "rds_backup_window", params["rds_backup_window"], "rds_maintenance_window", params["rds_maintenance_window"], 30
    )
    yield from parameter_problems("rds_parameters", params["rds_parameters"])
    yield from _monitoring_problems(params, engine)
    if params["rds_wait_timeout"] < 60:
        yield Problem(
            "rds_wait_timeout",
            params["rds_wait_timeout"],
            "at least 60 seconds are needed; a database takes 8 to 12 minutes",
        )


def _storage_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    kind, size, limit = params["rds_storage_type"], params["rds_allocated_storage"], params["rds_max_allocated_storage"]
    if not STORAGE_LEAST[kind] <= size <= STORAGE_MOST:
        yield Problem(
            "rds_allocated_storage", size, f"for {kind}, {STORAGE_LEAST[kind]} to {STORAGE_MOST} GiB are allowed"
        )
    least = math.ceil(size * 11 / 10)
    if limit and not least <= limit <= STORAGE_MOST:
        allowed = (
            f"allowed are 0 (no autoscaling) or {least} (10 % above O(rds_allocated_storage)) to {STORAGE_MOST} GiB"
        )
        yield Problem("rds_max_allocated_storage", limit, allowed)
    iops, throughput = params["rds_iops"], params["rds_storage_throughput"]
    if throughput is not None and kind != "gp3":
        yield Problem("rds_storage_throughput", throughput, "only gp3 takes a throughput")
    if kind == "gp2" and iops is not None:
        yield Problem("rds_iops", iops, "gp2 takes no IOPS; they follow from its size")
    elif kind == "gp3":
        yield from _gp3_problems(size, iops, throughput)
    elif kind in IOPS_PER_GIB:
        most = min(PROVISIONED_IOPS[1], size * IOPS_PER_GIB[kind])
        if iops is None or not PROVISIONED_IOPS[0] <= iops <= most:
            yield Problem("rds_iops", iops, f"{kind} with {size} GiB needs {PROVISIONED_IOPS[0]} to {most} IOPS")


def _gp3_problems(size: int, iops: int | None, throughput: int | None) -> Iterator[Problem]:
    for path, value, (least, most) in (
        ("rds_iops", iops, GP3_IOPS),
        ("rds_storage_throughput", throughput, GP3_THROUGHPUT),
    ):
        if value is None:
            continue
        if size < GP3_SETTINGS_FROM:
            yield Problem(
                path,
                value,
                f"gp3 below {GP3_SETTINGS_FROM} GiB has a fixed performance (3000 IOPS, 125 MiB/s); leave it out",
            )
        elif not least <= value <= most:
            yield Problem(path, value, f"allowed are {least} to {most}")
    if iops and throughput and throughput * 4 > iops:
        yield Problem(
            "rds_storage_throughput", throughput, f"at most a quarter of O(rds_iops) is allowed ({iops // 4})"
        )


def _name_problems(params: Mapping[str, Any], engine: str) -> Iterator[Problem]:
    username = params["rds_master_username"]
    form, words = USERNAMES[engine]
    if username and (not form.fullmatch(username) or username.lower().startswith("pg_")):
        yield Problem("rds_master_username", username, f"allowed are {words}, and no pg_ at the start")
    elif username and username.lower() in RESERVED_USERNAMES[engine]:
        yield Problem(
            "rds_master_username", username, f"{engine} and RDS reserve {', '.join(sorted(RESERVED_USERNAMES[engine]))}"
        )
    database = params["rds_database_name"]
    if database and not DATABASE_NAME.fullmatch(database):
        yield Problem("rds_database_name", database, "allowed are 1 to 63 letters, digits or _, starting with a letter")
    elif database and database.lower() in RESERVED_DATABASES:
        yield Problem(
            "rds_database_name", database, "it exists in every instance; leave it out, or choose another name"
        )
    snapshot = params["rds_snapshot_identifier"]
    if snapshot and not (DB_SNAPSHOT_ARN.fullmatch(snapshot) or SNAPSHOT_NAME.fullmatch(snapshot)):
        yield Problem("rds_snapshot_identifier", snapshot, "the name or the ARN of a DB snapshot is allowed")


def _monitoring_problems(params: Mapping[str, Any], engine: str) -> Iterator[Problem]:
    days = params["rds_performance_insights_retention_days"]
    if days not in INSIGHTS_DAYS:
        yield Problem(
            "rds_performance_insights_retention_days", days, "allowed are 7, a multiple of 31 up to 713, and 731"
        )
    small = params["rds_instance_class"].endswith((".micro", ".small"))
    if params["rds_performance_insights_enabled"] and small and engine != "postgres":
        yield Problem(
            "rds_performance_insights_enabled",
            True,
            f"{engine} on {params['rds_instance_class']} has no Performance Insights",
        )
    for number, log_type in enumerate(params["rds_cloudwatch_logs_exports"]):
        if log_type not in LOG_TYPES[engine]:
            yield Problem(
                f"rds_cloudwatch_logs_exports[{number}]", log_type, f"{engine} exports {', '.join(LOG_TYPES[engine])}"
            )
    yield from log_retention_problems(
        params["rds_cloudwatch_logs_retention_days"], "rds_cloudwatch_logs_retention_days"
    )
