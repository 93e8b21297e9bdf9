# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the task's module, not kms_key alone: meta/runtime.yml routes every set module here. See _in_process.py."""

from __future__ import annotations

from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action of set modules, which have the option progress_file."""

    shows_progress = True
