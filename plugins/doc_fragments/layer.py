# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that the modules of all layers share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  published_outputs:
    description:
      - What the layer has published so far, by output name.
      - A change that would take one of these values away, or replace an id or an address among them, is refused before
        the first write.
    type: dict
    default: {}
  allow_changes:
    description: Outputs, by name, that may disappear or lose the value that consumers hold in this run.
    type: list
    elements: str
    default: []
"""
