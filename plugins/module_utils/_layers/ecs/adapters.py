# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapters of the ecs layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.clients import Clients
from ..._engine.adapter import Adapter
from ..._engine.identity import Scope
from ..._resources.ecs.cluster import EcsClusterAdapter
from ..._resources.logs.log_group import LogGroupAdapter
from .names import log_group_name


def adapters(clients: Clients, scope: Scope, params: Mapping[str, Any]) -> list[Adapter]:
    return [LogGroupAdapter(clients, scope, [log_group_name(params)]), EcsClusterAdapter(clients, scope)]
