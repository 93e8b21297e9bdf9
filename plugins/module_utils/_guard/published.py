# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a deployment has published so far, by layer, for a run that wants to publish only what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._inputs.masking import is_masked
from .._publishing.contract.model import CONTRACT
from .._publishing.contract.values import decode
from .._publishing.ssm.compatibility import newer_writer
from .._publishing.ssm.entries import MANIFEST, clean_prefix
from .._publishing.ssm.reading import Stored, read_parameters


def read_published(ssm: Any, prefix: str) -> tuple[dict[str, dict[str, Any]], str]:
    """The outputs by layer and name, and why this version of the collection must not write beside them, or nothing."""
    prefix = clean_prefix(prefix)
    parameters = read_parameters(ssm, prefix)
    manifest = parameters.get(MANIFEST)
    return _outputs(parameters), newer_writer(prefix, manifest.text) if manifest else ""


def _outputs(parameters: Mapping[str, Stored]) -> dict[str, dict[str, Any]]:
    """What the contract does not know or cannot read, or Ansible has masked, is left out."""
    found: dict[str, dict[str, Any]] = {}
    for path, stored in parameters.items():
        output = CONTRACT.by_path.get(path)
        if output is not None and not is_masked(stored.text):
            try:
                found.setdefault(output.layer, {})[output.name] = decode(output.type, stored.text)
            except ValueError:
                continue  # the publisher will refuse or mend it
    return found
