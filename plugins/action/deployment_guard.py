# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module of the same name (see plugin_utils/_in_process.py) and says where wrong variables were set."""

from __future__ import annotations

from typing import Any

from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._in_process import InProcessAction
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._origins import with_places


class ActionModule(InProcessAction):
    """A module does not know where a variable comes from; the controller does."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        if result.get("failed"):
            result["msg"] = with_places(str(result.get("msg")), task_vars or {}, self._loader)
        return result
