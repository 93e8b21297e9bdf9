# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The names in AWS of what the registry layer has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..rooms import WantedNames


def repository_name(params: Mapping[str, Any], repository: Mapping[str, Any]) -> str:
    return f"{params.get('prefix') or ''}{repository['name']}"


def wanted(params: Mapping[str, Any]) -> list[WantedNames]:
    names = [repository_name(params, repository) for repository in params["repositories"]]
    return [{"type": "ecr_repository", "variable": "repositories", "names": names}]
