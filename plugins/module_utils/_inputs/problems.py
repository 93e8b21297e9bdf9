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

from .._aws.limits import LOG_RETENTION_DAYS, OWN_TAGS, TAG_CHARACTERS, TAG_KEY_LENGTH, TAG_VALUE_LENGTH, TAGS

OPTION = re.compile(r"O\((\w+)\)")


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


def tag_problems(tags: Mapping[Any, Any], path: str = "tags", reserved_prefix: str = "connectly:") -> Iterable[Problem]:
    """AWS's limits on tags (EC2 user guide, "Tag restrictions"), and the prefixes that are not the caller's."""
    if len(tags) > OWN_TAGS:
        yield Problem(
            path,
            f"{len(tags)} tags",
            f"must be at most {OWN_TAGS} tags besides the identity tags (AWS takes {TAGS} in all)",
        )
    of = "letters, digits, spaces or . : / = + - @ _"
    for name, value in tags.items():
        here = f"{path}.{name}"
        if not isinstance(name, str) or not 1 <= len(name) <= TAG_KEY_LENGTH or not TAG_CHARACTERS.fullmatch(name):
            yield Problem(here, name, f"a tag key must have 1 to {TAG_KEY_LENGTH} {of}")
        elif name.lower().startswith("aws:") or name.startswith(reserved_prefix):
            yield Problem(here, name, f"the prefixes aws: and {reserved_prefix} are reserved")
        if isinstance(value, (dict, list)) or value is None:
            yield Problem(here, value, "a tag value must be a string")
        elif len(str(value)) > TAG_VALUE_LENGTH or not TAG_CHARACTERS.fullmatch(str(value)):
            yield Problem(here, value, f"a tag value must have at most {TAG_VALUE_LENGTH} {of}")


def duplicates(items: Sequence[Mapping[str, Any]], path: str, name: str = "key") -> Iterable[Problem]:
    """Entries of a list of dictionaries that share their key."""
    seen: set[Any] = set()
    for number, item in enumerate(items):
        if item.get(name) in seen:
            yield Problem(f"{path}[{number}].{name}", item.get(name), f"each {name} in {path} is used once")
        seen.add(item.get(name))


def log_retention_problems(days: int | None, path: str) -> Iterable[Problem]:
    if days is not None and days not in LOG_RETENTION_DAYS:
        yield Problem(path, days, f"must be one of {', '.join(map(str, LOG_RETENTION_DAYS))} (days)")
