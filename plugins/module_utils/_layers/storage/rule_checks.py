# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks of lifecycle and CORS rules (S3 user guide: "Lifecycle configuration elements", "CORS configuration")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..._inputs.problems import Problem
from ..._resources.s3.rules import CLEAN_UP_ID, RETENTION_ID

STORAGE_CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
"""In the order in which S3 lets objects move: always to a later one."""
INFREQUENT_ACCESS = ("STANDARD_IA", "ONEZONE_IA")
INFREQUENT_ACCESS_DAYS = 30
"""Objects must be so old before they move to an infrequent-access class, and stay there for as long."""
METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")
ID = re.compile(r"[A-Za-z0-9._-]{1,200}")
ORIGIN = re.compile(r"(?:[a-z][a-z0-9+.-]*://)[^/\s]+")
ACTIONS = (
    "expiration_days",
    "noncurrent_expiration_days",
    "abort_incomplete_multipart_upload_days",
    "transitions",
    "noncurrent_transitions",
)


def lifecycle_problems(path: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("retention_days", "noncurrent_retention_days"):
        if settings[name] is not None:
            yield from _at_least_one_day(f"{path}.{name}", settings[name])
    days = settings["abort_incomplete_multipart_upload_days"]
    if days < 0:
        yield Problem(
            f"{path}.abort_incomplete_multipart_upload_days", days, "allowed are 1 and more days, or 0 for no clean-up"
        )
    seen = {RETENTION_ID, CLEAN_UP_ID}
    for number, rule in enumerate(settings["lifecycle_rules"]):
        here = f"{path}.lifecycle_rules[{number}]"
        yield from _id_problems(
            f"{here}.id",
            rule.get("id"),
            seen,
            f"each id is used once, and {RETENTION_ID} and {CLEAN_UP_ID} are the module's own",
        )
        yield from _lifecycle_rule_problems(here, rule)
    if len(settings["lifecycle_rules"]) > 998:
        yield Problem(
            f"{path}.lifecycle_rules",
            f"{len(settings['lifecycle_rules'])} rules",
            "a bucket has at most 1000 lifecycle rules",
        )


def _lifecycle_rule_problems(path: str, rule: Mapping[str, Any]) -> Iterator[Problem]:
    if not any(rule.get(name) for name in ACTIONS):
        yield Problem(path, rule, f"a lifecycle rule does something: give one of {', '.join(ACTIONS)}")
    if len(str(rule.get("prefix") or "").encode()) > 1024:
        yield Problem(f"{path}.prefix", rule["prefix"], "a prefix has at most 1024 bytes")
    for name in ACTIONS[:3]:
        if rule.get(name) is not None:
            yield from _at_least_one_day(f"{path}.{name}", rule[name])
    yield from _transition_problems(
        f"{path}.transitions", rule.get("transitions") or [], rule.get("expiration_days"), "expiration_days"
    )
    yield from _transition_problems(
        f"{path}.noncurrent_transitions",
        rule.get("noncurrent_transitions") or [],
        rule.get("noncurrent_expiration_days"),
        "noncurrent_expiration_days",
    )


def _transition_problems(
    path: str, transitions: Sequence[Mapping[str, Any]], expiration: int | None, expiration_name: str
) -> Iterator[Problem]:
    before: Mapping[str, Any] | None = None
    for number, transition in enumerate(transitions):
        here, days, storage_class = f"{path}[{number}]", transition["days"], transition["storage_class"]
        minimum = INFREQUENT_ACCESS_DAYS if storage_class in INFREQUENT_ACCESS else 0
        if days < minimum:
            yield Problem(f"{here}.days", days, f"objects move to {storage_class} after {minimum} days at the earliest")
        if before is not None:
            if STORAGE_CLASSES.index(storage_class) <= STORAGE_CLASSES.index(before["storage_class"]):
                yield Problem(
                    f"{here}.storage_class",
                    storage_class,
                    f"objects move only in this order: {', '.join(STORAGE_CLASSES)}",
                )
            stay = INFREQUENT_ACCESS_DAYS if before["storage_class"] in INFREQUENT_ACCESS else 1
            if days < before["days"] + stay:
                yield Problem(
                    f"{here}.days",
                    days,
                    f"objects stay in {before['storage_class']} until day {before['days'] + stay} at the earliest",
                )
        if expiration is not None and expiration <= days:
            yield Problem(f"{here}.days", days, f"objects must move before {expiration_name} ({expiration})")
        before = transition


def cors_problems(path: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, rule in enumerate(settings["cors_rules"]):
        here = f"{path}.cors_rules[{number}]"
        yield from _id_problems(f"{here}.id", rule.get("id"), seen, "each id is used once")
        methods, origins = rule.get("allowed_methods") or [], rule.get("allowed_origins") or []
        if not methods:
            yield Problem(f"{here}.allowed_methods", methods, f"give at least one of {', '.join(METHODS)}")
        if not origins:
            yield Problem(
                f"{here}.allowed_origins", origins, "give at least one origin, https://example.com for example"
            )
        for origin in origins:
            if origin != "*" and (not ORIGIN.fullmatch(str(origin)) or str(origin).count("*") > 1):
                yield Problem(
                    f"{here}.allowed_origins",
                    origin,
                    "an origin is * or scheme://host without a path, with at most one *",
                )
        for header in rule.get("allowed_headers") or []:
            if str(header).count("*") > 1:
                yield Problem(f"{here}.allowed_headers", header, "a header has at most one *")
        if (rule.get("max_age_seconds") or 0) < 0:
            yield Problem(f"{here}.max_age_seconds", rule["max_age_seconds"], "allowed are 0 and more seconds")
    if len(settings["cors_rules"]) > 100:
        yield Problem(
            f"{path}.cors_rules", f"{len(settings['cors_rules'])} rules", "a bucket has at most 100 CORS rules"
        )


def _id_problems(path: str, identifier: Any, seen: set[str], unique: str) -> Iterator[Problem]:
    if not ID.fullmatch(str(identifier)):
        yield Problem(path, identifier, "an id has 1 to 200 letters, digits, dots, _ or -")
    elif identifier in seen:
        yield Problem(path, identifier, unique)
    seen.add(str(identifier))


def _at_least_one_day(path: str, days: int) -> Iterator[Problem]:
    if days < 1:
        yield Problem(path, days, "allowed are 1 and more days")
