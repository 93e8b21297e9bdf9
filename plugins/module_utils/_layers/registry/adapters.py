# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapters of the registry layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.clients import Clients
from ..._engine.adapter import Adapter
from ..._engine.identity import Scope
from ..._resources.ecr.repository import RepositoryAdapter

EXCLUSIVE_OPTIONS = {"policy": "policy_exclusive", "lifecycle_rules": "lifecycle_exclusive"}
"""Which option says that nobody else's entries are left in a property."""


def adapters(clients: Clients, scope: Scope, params: Mapping[str, Any]) -> list[Adapter]:
    return [RepositoryAdapter(clients, scope, [name for name, option in EXCLUSIVE_OPTIONS.items() if params[option]])]
