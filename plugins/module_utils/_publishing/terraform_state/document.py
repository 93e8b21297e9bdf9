# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state file that Terraform's consumers read: parsing what is there and building what comes next. Pure."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from .types import type_of

VERSION = 4
TERRAFORM_VERSION = "1.0.0"
"""A low one: every Terraform that knows state version 4 and is at least as new reads the file."""


@dataclass(frozen=True)
class Output:
    """One output as a state file holds it."""

    value: Any
    type: Any


@dataclass(frozen=True)
class Document:
    """A state file; problem says why we may not write over it without being told to, resources counts its resources."""

    outputs: Mapping[str, Output] = field(default_factory=dict)
    serial: int = 0
    lineage: str = ""
    resources: int = 0
    problem: str = ""


def parse(body: bytes) -> Document:
    """Read a state file of any origin; what is not a state of version 4 comes back with its problem."""
    try:
        data = json.loads(body)
    except ValueError:
        return Document(problem="is not JSON, so no Terraform state")
    if not isinstance(data, dict):
        return Document(problem="is JSON, but no Terraform state")
    listed = data.get("resources")
    resources = len(listed) if isinstance(listed, list) else 0
    serial, lineage = data.get("serial"), data.get("lineage")
    problem = ""
    if data.get("version") != VERSION:
        problem = f"has state version {data.get('version')!r}, and only version {VERSION} is understood"
    elif resources:
        problem = f"lists {resources} resource{'s' if resources > 1 else ''}, so it is the state of a Terraform project"
    elif not lineage or not isinstance(lineage, str) or not _is_serial(serial):
        problem = f"has lineage {lineage!r} and serial {serial!r}, so no history that could be continued"
    return Document(
        outputs=_outputs(data.get("outputs")),
        serial=serial if _is_serial(serial) else 0,
        lineage=lineage if isinstance(lineage, str) else "",
        resources=resources,
        problem=problem,
    )


def _is_serial(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _outputs(data: Any) -> dict[str, Output]:
    entries = data.items() if isinstance(data, dict) else ()
    return {name: Output(entry.get("value"), entry.get("type")) for name, entry in entries if isinstance(entry, dict)}


def typed(values: Mapping[str, Any]) -> dict[str, Output]:
    """Outputs out of plain values."""
    return {name: Output(value, type_of(value)) for name, value in values.items()}


def following(before: Document | None, outputs: Mapping[str, Output]) -> Document:
    """The document after this one: the same lineage and the next serial, or a new lineage where there is none."""
    if before is None:
        return Document(outputs, serial=1, lineage=str(uuid.uuid4()))
    return Document(outputs, serial=before.serial + 1, lineage=before.lineage or str(uuid.uuid4()))


def render(document: Document) -> bytes:
    """The file, in the form in which Terraform writes it."""
    data = {
        "version": VERSION,
        "terraform_version": TERRAFORM_VERSION,
        "serial": document.serial,
        "lineage": document.lineage,
        "outputs": {
            name: {"value": output.value, "type": output.type} for name, output in sorted(document.outputs.items())
        },
        "resources": [],
        "check_results": None,
    }
    return (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def md5(body: bytes) -> str:
    """The digest that Terraform's S3 backend compares: 32 hex digits."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()
