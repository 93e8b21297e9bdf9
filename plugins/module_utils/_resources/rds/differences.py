# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which differences of a database RDS makes in place, which AWS has made by itself, and which would lose it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..._aws.arns import same_key
from ..._engine.model import Difference
from ..stores import versions

NEW_DATABASE = "; RDS does that only with a new database, so that this one and its endpoint would be lost"

FIXED = {
    "identifier": "the identifier is part of the endpoint that consumers know" + NEW_DATABASE,
    "engine": "RDS cannot change the engine of a database" + NEW_DATABASE,
    "encrypted": "RDS encrypts only a copy of a snapshot" + NEW_DATABASE,
    "kms_key_arn": "RDS changes the key only in a copy of a snapshot" + NEW_DATABASE,
    "master_username": "RDS cannot rename the master user" + NEW_DATABASE,
    "database_name": "RDS makes this database only together with the instance; make further ones with SQL",
    "subnet_group_name": (
        "RDS moves an instance only to a subnet group in another VPC, with an interruption and another network around "
        "it"
    )
    + NEW_DATABASE,
    "snapshot_identifier": (
        "a database that runs is not overwritten with a snapshot; restore under another identifier, "
        "or delete this one first"
    ),
}
"""Properties that are chosen at creation, with the reason of the refusal."""


def judge(
    differences: Sequence[Difference], current: Mapping[str, Any], wanted: Mapping[str, Any], allow_major: bool
) -> list[Difference]:
    """The differences that remain, refused where they would replace or lose the database."""
    return list(_judged(differences, current, wanted, allow_major))


def _judged(
    differences: Sequence[Difference], current: Mapping[str, Any], wanted: Mapping[str, Any], allow_major: bool
) -> Iterator[Difference]:
    for item in differences:
        if item.path == "engine_version" and current["engine"] == wanted["engine"]:
            if not versions.satisfied(current["engine"], item.before, item.after):
                yield _refused(item, _version_refusal(current["engine"], item.before, item.after, allow_major))
        elif item.path == "allocated_storage":
            limit = wanted.get("max_allocated_storage", current["max_allocated_storage"])
            if not (item.after < item.before <= limit):  # autoscaling has grown it
                yield _refused(item, _storage_refusal(item.before, item.after))
        elif item.path == "max_allocated_storage" and 0 < item.after <= current["allocated_storage"]:
            size = current["allocated_storage"]
            # At its limit, RDS shows none; that is what was asked for.
            if item.after < size:
                yield _refused(item, f"the storage has grown to {size} GiB by now; choose a limit above that")
        elif item.path == "master_user_secret_kms_key_arn":
            if not same_key(item.before, item.after):
                managed = current["manage_master_user_password"]
                yield _refused(item, "RDS keeps the key of a password that it manages already" if managed else "")
        elif item.path == "performance_insights_kms_key_arn":
            if not same_key(item.before, item.after):
                yield _refused(
                    item,
                    "RDS keeps the key of Performance Insights that is on already"
                    if current["performance_insights_enabled"]
                    else "",
                )
        elif item.path == "kms_key_arn" and same_key(item.before, item.after):
            continue
        else:
            yield _refused(item, item.refusal or FIXED.get(item.path, ""))


def _refused(item: Difference, refusal: str) -> Difference:
    return Difference(item.path, item.before, item.after, refusal)


def _version_refusal(engine: str, current: str, wanted: str, allow_major: bool) -> str:
    if versions.older(wanted, current):
        return (
            "RDS does not downgrade an engine; declare the version that runs, "
            "or restore a snapshot under another identifier"
        )
    if versions.major(engine, wanted) != versions.major(engine, current) and not allow_major:
        return (
            "a major upgrade interrupts the database and cannot be undone; take a snapshot, test it, "
            "then set rds_allow_major_version_upgrade"
        )
    return ""


def _storage_refusal(current: int, wanted: int) -> str:
    if wanted < current:
        return "RDS cannot shrink storage" + NEW_DATABASE
    least = (current * 11 + 9) // 10  # RDS would round up what is less, and the next run would see a shrinking
    if wanted < least:
        return f"RDS grows storage by at least 10 %; choose {least} GiB or more"
    return ""
