# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values that Ansible masks: it takes each secret that a module knows out of everything that the module returns,
names and
ids included.

The secrets are those of options with no_log: the credentials' secret key and session token, also where they come from
the environment. A result that is handed to another task is then no longer what AWS has, so what would be masked is
refused, and what is masked is damage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ansible.module_utils.common.parameters import remove_values

from .problems import Problem

MASK = "********"
"""What Ansible writes where a secret is part of a text."""
WHOLE_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What Ansible writes where a secret is the whole value."""

DAMAGED = (
    f"is damaged: it holds {MASK}, which Ansible once wrote in place of a secret; "
    "build and publish its layer again (site.yml) to repair it"
)


def masked_paths(value: Any, path: str = "") -> Iterator[str]:
    """Where a value of any depth holds a mask, in a key or in a text: outputs.ecs_cluster_name, names[0]."""
    if isinstance(value, str):
        if MASK in value or WHOLE_MASK in value:
            yield path
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from [path] if is_masked(name) else masked_paths(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple, set)):
        for number, item in enumerate(value):
            yield from masked_paths(item, f"{path}[{number}]")


def is_masked(value: Any) -> bool:
    """Whether Ansible has masked a part of a value."""
    return any(True for _path in masked_paths(value))


def would_be_masked(value: Any, secrets: Collection[str]) -> bool:
    """Whether Ansible would mask a part of a value that a module with these secrets returns."""
    return remove_values(value, secrets) != remove_values(value, ())


def masked_problems(params: Mapping[str, Any]) -> list[Problem]:
    """Options whose value has been masked. published_outputs may be: that is damage, which the publisher repairs."""
    allowed = f"Ansible wrote {MASK} there in place of a secret that is part of the value; give the value as AWS has it"
    given = {name: value for name, value in params.items() if name != "published_outputs"}
    return [Problem(path, "", allowed, "has been masked") for path in masked_paths(given)]


def masking(named: Iterable[tuple[str, Any]], secrets: Collection[str]) -> str:
    """Why these values, each with the name that its reader knows, cannot be returned, or an empty text."""
    names = list(dict.fromkeys(name for name, value in named if would_be_masked(value, secrets)))
    if not names:
        return ""
    return (
        f"a secret, that of the credentials or of another option that Ansible hides, is part of {', '.join(names)}; "
        f"Ansible would hand on {MASK} in its place; use credentials whose secret is part of no name, "
        "or choose another name"
    )
