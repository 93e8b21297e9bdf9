# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wrong input in one form: what is wrong, where it was set, what is allowed.

Used by modules and by the roles' guards alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

OPTION = re.compile(r"O\((\w+)\)")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
ACCOUNT_ID = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Problem:
    """One wrong value. path starts with the module option, which is the role variable without the role's prefix.

    statement says what is wrong where "is <value>" would not. Other options are named as O(option), and get the prefix
    as well. missing is for what was written nowhere: its place is that of what should hold it.
    """

    path: str
    value: Any
    allowed: str
    statement: str = ""
    missing: bool = False

    def prefixed(self, prefix: str) -> Problem:
        """The same of role variables, whose names start with this prefix."""
        return replace(self, path=prefix + self.path, allowed=OPTION.sub(rf"{prefix}\1", self.allowed))

    def text(self, prefix: str = "", origin: str = "") -> str:
        whole = self.prefixed(prefix)
        place = f" ({'missing' if self.missing else 'set'} in {origin})" if origin else ""
        return f"{whole.path} {self.statement or f'is {self.value!r}'}{place}; {whole.allowed}"


def message(problems: Sequence[Problem], prefix: str) -> str:
    """All problems in one line; prefix is "network_" where the reader knows role variables, "" where module options."""
    return "Bad input, nothing was changed: " + " | ".join(problem.text(prefix) for problem in problems)


# Checks that several layers share --------------------------------------------------------------------------------

TAG_CHARACTERS = re.compile(r"[\w\s.:/=+\-@]*", re.UNICODE)


def tag_problems(tags: Mapping[Any, Any], path: str = "tags", reserved_prefix: str = "connectly:") -> Iterable[Problem]:
    """AWS's limits on tags (EC2 user guide, "Tag restrictions"), and the prefixes that are not the caller's."""
    if len(tags) > 45:
        yield Problem(
            path, f"{len(tags)} tags", "must be at most 45 tags besides the identity tags (AWS takes 50 in all)"
        )
    for name, value in tags.items():
        here = f"{path}.{name}"
        if not isinstance(name, str) or not 1 <= len(name) <= 128 or not TAG_CHARACTERS.fullmatch(name):
            yield Problem(here, name, "a tag key must have 1 to 128 letters, digits, spaces or . : / = + - @ _")
        elif name.lower().startswith("aws:") or name.startswith(reserved_prefix):
            yield Problem(here, name, f"the prefixes aws: and {reserved_prefix} are reserved")
        if isinstance(value, (dict, list)) or value is None:
            yield Problem(here, value, "a tag value must be a string")
        elif len(str(value)) > 256 or not TAG_CHARACTERS.fullmatch(str(value)):
            yield Problem(here, value, "a tag value must have at most 256 letters, digits, spaces or . : / = + - @ _")


def duplicates(items: Sequence[Mapping[str, Any]], path: str, name: str = "key") -> Iterable[Problem]:
    """Entries of a list of dictionaries that share their key."""
    seen: set[Any] = set()
    for number, item in enumerate(items):
        if item.get(name) in seen:
            yield Problem(f"{path}[{number}].{name}", item.get(name), f"each {name} in {path} is used once")
        seen.add(item.get(name))


LOG_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""What CloudWatch Logs accepts in PutRetentionPolicy; emulators accept anything."""


def log_retention_problems(days: int | None, path: str) -> Iterable[Problem]:
    if days is not None and days not in LOG_RETENTION_DAYS:
        yield Problem(path, days, f"must be one of {', '.join(map(str, LOG_RETENTION_DAYS))} (days)")
