# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The name in AWS of what the kms layer has: a key has none, so it is its alias's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rooms import WantedNames


def alias_name(params: Mapping[str, Any]) -> str:
    return f"alias/{params['alias']}"


def wanted(params: Mapping[str, Any]) -> list[WantedNames]:
    return [{"type": "kms_alias", "variable": "alias", "names": [alias_name(params)]}]
