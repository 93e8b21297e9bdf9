# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a deployment has published so far, by layer, for a run that wants to publish only what changed."""

from __future__ import annotations

from typing import Any

from .._inputs.masking import is_masked
from .._publishing.contract.model import CONTRACT
from .._publishing.contract.values import decode
from .._publishing.ssm.entries import clean_prefix
from .._publishing.ssm.reading import read_parameters


def published_outputs(ssm: Any, prefix: str) -> dict[str, dict[str, Any]]:
    """Outputs by layer and name; what the contract does not know or cannot read, or Ansible has masked, is left out."""
    found: dict[str, dict[str, Any]] = {}
    for path, stored in read_parameters(ssm, clean_prefix(prefix)).items():
        output = CONTRACT.by_path.get(path)
        if output is not None and not is_masked(stored.text):
            try:
                found.setdefault(output.layer, {})[output.name] = decode(output.type, stored.text)
            except ValueError:
                continue  # the publisher will refuse or mend it
    return found
