# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Engine versions: their form, which is newer, and the parameter group family that goes with them. Pure."""

from __future__ import annotations

import re

FORMS = {
    "postgres": (re.compile(r"1\d(\.\d{1,2})?"), "a major version from 10 on, or major.minor (17 or 17.7)"),
    "mysql": (re.compile(r"(8|9)\.\d(\.\d{1,2})?"), "major.minor or major.minor.patch (8.4 or 8.4.7)"),
    "mariadb": (re.compile(r"1\d\.\d{1,2}(\.\d{1,2})?"), "major.minor or major.minor.patch (11.4 or 11.4.8)"),
    "redis": (re.compile(r"7\.[01]|6\.[02]|5\.0\.[0-9]"), "7.1, 7.0, 6.2, 6.0 or 5.0.6"),
    "valkey": (re.compile(r"(7\.2|[89]\.\d)"), "major.minor from 7.2 on (8.1)"),
}
"""By engine: what a version looks like, and the same in words."""

MAJOR_PARTS = {"postgres": 1, "mysql": 2, "mariadb": 2, "redis": 1, "valkey": 1}
"""How many numbers make the major version: 17 of 17.7, but 8.4 of 8.4.7."""


def numbers(version: str) -> tuple[int, ...]:
    """(17, 7) of 17.7; what follows a number (7.1-rc1, 6.x) is left out."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def major(engine: str, version: str) -> tuple[int, ...]:
    return numbers(version)[: MAJOR_PARTS[engine]]


def satisfied(engine: str, current: str, wanted: str) -> bool:
    """Whether the current version is the wanted one, or a later minor one to which AWS has upgraded by itself."""
    if major(engine, current) != major(engine, wanted):
        return False
    length = len(numbers(wanted))
    return numbers(current)[:length] >= numbers(wanted)


def older(wanted: str, current: str) -> bool:
    """Whether the wanted version would be a step back."""
    length = min(len(numbers(wanted)), len(numbers(current)))
    return numbers(wanted)[:length] < numbers(current)[:length]


def family(engine: str, version: str) -> str:
    """The parameter group family: postgres17, mysql8.4, redis7, redis6.x, redis5.0, valkey8."""
    parts = version.split(".")
    if engine == "redis" and parts[0] == "6":
        return "redis6.x"
    if engine == "redis" and parts[0] == "5":
        return "redis5.0"
    return engine + ".".join(parts[: MAJOR_PARTS[engine]])
