# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapters of the kms layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.clients import Clients
from ..._engine.adapter import Adapter
from ..._engine.identity import Scope
from ..._resources.kms.alias import AliasAdapter
from ..._resources.kms.key import KeyAdapter
from .names import alias_name


def adapters(clients: Clients, scope: Scope, params: Mapping[str, Any]) -> list[Adapter]:
    alias = alias_name(params)
    return [KeyAdapter(clients, scope, alias, params["deletion_window_days"]), AliasAdapter(clients, scope, alias)]
