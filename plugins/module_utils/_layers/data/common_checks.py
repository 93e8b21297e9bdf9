# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks that databases and caches share: identifiers, ports, security groups, windows, parameters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._aws.names import SECURITY_GROUP_ID
from ..._engine.model import has_placeholder
from ..._inputs.problems import Problem, duplicates
from ..._resources.stores import windows

IDENTIFIER = re.compile(r"(?!.*--)[a-z][a-z0-9-]*(?<!-)")
PORTS = (1150, 65535)
SECURITY_GROUPS = 5


def identifier_problems(path: str, value: str | None, longest: int) -> Iterator[Problem]:
    if value and (not IDENTIFIER.fullmatch(value) or len(value) > longest):
        allowed = (
            f"allowed are 1 to {longest} lower-case letters, digits and single hyphens, "
            "starting with a letter and not ending with a hyphen"
        )
        yield Problem(path, value, allowed)


def port_problems(path: str, value: int | None, least: int = PORTS[0]) -> Iterator[Problem]:
    if value is not None and not least <= value <= PORTS[1]:
        yield Problem(path, value, f"allowed are {least} to {PORTS[1]}")


def security_group_problems(path: str, groups: list[str], needed: bool) -> Iterator[Problem]:
    for number, group in enumerate(groups):
        if not has_placeholder(group) and not SECURITY_GROUP_ID.fullmatch(group):
            yield Problem(
                f"{path}[{number}]", group, "the id of a security group is allowed (sg- and 8 to 17 hexadecimal digits)"
            )
        elif group in groups[:number]:
            yield Problem(f"{path}[{number}]", group, "each security group is listed once")
    if len(groups) > SECURITY_GROUPS:
        yield Problem(path, f"{len(groups)} groups", f"at most {SECURITY_GROUPS} are allowed")
    if needed and not groups:
        yield Problem(
            path,
            groups,
            "at least one is needed; without any, AWS would take the default group of the VPC, which lets nobody in",
        )


def window_problems(
    daily_path: str, daily: str | None, weekly_path: str, weekly: str | None, least: int
) -> Iterator[Problem]:
    """least: the shortest length of the daily window in minutes."""
    if daily:
        parts = windows.daily(daily)
        if parts is None:
            yield Problem(daily_path, daily, "the form is hh24:mi-hh24:mi in UTC, 17:00-18:00 for example")
        elif parts[1] < least:
            yield Problem(daily_path, daily, f"a window of at least {least} minutes is needed")
    if weekly:
        parts = windows.weekly(weekly)
        if parts is None:
            yield Problem(
                weekly_path, weekly, "the form is ddd:hh24:mi-ddd:hh24:mi in UTC, sun:18:00-sun:19:00 for example"
            )
        elif not least <= parts[1] <= windows.DAY_MINUTES:
            yield Problem(weekly_path, weekly, f"a window of {least} minutes to 24 hours is needed")
    if daily and weekly and windows.overlap(daily, weekly):
        yield Problem(weekly_path, weekly, f"it must not overlap {daily_path} ({daily})")


def parameter_problems(path: str, parameters: list[Mapping[str, Any]]) -> Iterator[Problem]:
    yield from duplicates(parameters, path, "name")
    for number, item in enumerate(parameters):
        if not re.fullmatch(r"[a-z0-9_.-]{1,255}", item["name"]):
            yield Problem(
                f"{path}[{number}].name", item["name"], "a parameter name has lower-case letters, digits or _ . -"
            )
