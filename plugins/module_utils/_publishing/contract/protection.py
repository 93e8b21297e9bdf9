# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What publishing must not take away from consumers: outputs, their types, and the ids and addresses that they hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..._inputs.masking import is_masked
from .model import CONTRACT, Contract, Output

PERMISSION = "name it in allow_changes (of the playbooks: shared_infrastructure_allow_changes)"


def keeps_identity(before: Any, after: Any) -> bool:
    """Whether what consumers hold is still there: the same value, every item of a list, every entry of a map.

    Additions are fine.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return all(after.get(name) == value for name, value in before.items())
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return set(before) <= set(after)
    return before == after


def replaced(output: Output, published: Collection[Any], value: Any, allowed: Collection[str]) -> str:
    """Why a value must not become this one, or an empty text.

    published are the values that readers can have seen: the manifest's and the parameter's own. They differ after a
    killed run or a change by hand; a value that keeps either of them repairs that. What Ansible has masked is damage
    that no consumer can use.
    """
    published = [before for before in published if not is_masked(before)]
    if (
        not output.identity
        or output.name in allowed
        or not published
        or any(keeps_identity(before, value) for before in published)
    ):
        return ""
    return f"consumers hold the value of output {output.name}; {PERMISSION} to replace it"


def disappears(name: str, allowed: Collection[str]) -> str:
    """Why a published output must not go, or an empty text."""
    return "" if name in allowed else f"output {name} is published and would disappear; {PERMISSION} to remove it"


def type_changes(name: str, allowed: Collection[str]) -> str:
    """Why the type of a published output must not change, or an empty text."""
    return (
        "" if name in allowed else f"consumers of {name} expect the type that is published; {PERMISSION} to change it"
    )


def losses(
    published: Mapping[str, Any], planned: Mapping[str, Any], allowed: Collection[str], contract: Contract = CONTRACT
) -> list[str]:
    """What consumers would lose if a layer became as planned (it may hold placeholders), one line for each output."""
    lines = []
    for name, value in published.items():
        output = contract.outputs.get(name)
        if output is None or is_masked(value):
            continue  # no consumer can know it, or use it
        if name not in planned:
            lines.append(disappears(name, allowed))
        else:
            lines.append(replaced(output, [value], planned[name], allowed))
    return [line for line in lines if line]
