# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module of the same name; see plugin_utils/_in_process.py."""

from __future__ import annotations

from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._in_process import SetAction


class ActionModule(SetAction):
    """Nothing differs from the other modules."""
