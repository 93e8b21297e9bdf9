# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs between the published state and the wanted outputs, and which of it is refused. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..._engine.model import Difference, has_placeholder
from ..._inputs.masking import is_masked
from ..contract import protection
from ..contract.model import CONTRACT
from .document import Document, Output, typed
from .types import kind_of

MIGRATE = (
    "writing over it would lose that. Take the resources over or remove them from that state first (terraform state "
    "rm), or set overwrite_managed_state (of the role outputs: outputs_terraform_state_overwrite_managed), "
    "which keeps a copy of the object beside it"
)


def differences(
    document: Document, values: Mapping[str, Any], *, allow_changes: frozenset[str], overwrite: bool
) -> list[Difference]:
    """Every output that is not as wanted, and what else stands in the way; one with a refusal is not written."""
    found = list(_output_differences(document.outputs, typed(values), allow_changes))
    if document.problem:
        refusal = "" if overwrite else f"it {document.problem}; {MIGRATE}"
        found.insert(0, Difference("resources", document.resources, 0, refusal))
    return found


def _output_differences(
    before: Mapping[str, Output], after: Mapping[str, Output], allow_changes: frozenset[str]
) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        refusal = _refusal(name, old, new, allow_changes)
        if old and new and old.value == new.value:
            yield Difference(f"outputs.{name}.type", old.type, new.type, refusal)
        else:
            yield Difference(f"outputs.{name}", old and old.value, new and new.value, refusal)


def _refusal(name: str, old: Output | None, new: Output | None, allow_changes: frozenset[str]) -> str:
    """Why consumers would break. Adding an output never breaks one, nor does repairing one that Ansible has masked."""
    if old is None or is_masked(old.value):
        return ""
    if new is None:
        return protection.disappears(name, allow_changes)
    # In check mode a text may stand for a whole list that is not known yet.
    unknown = isinstance(new.value, str) and has_placeholder(new.value)
    if kind_of(old.type) != kind_of(new.type) and not unknown:
        return protection.type_changes(name, allow_changes)
    declared = CONTRACT.outputs.get(name)
    return protection.replaced(declared, [old.value], new.value, allow_changes) if declared else ""
