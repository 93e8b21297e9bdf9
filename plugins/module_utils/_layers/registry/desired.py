# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the ecr_repositories module to the repositories that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._engine.model import Resource
from ..._resources.ecr import lifecycle, policy
from ..rooms import Account
from .settings import effective

TYPE = "ecr_repository"


def resources(params: Mapping[str, Any], tags: Mapping[str, str], account: Account) -> list[Resource]:
    partition = account.partition
    return [_repository(effective(repository, params), tags, partition) for repository in params["repositories"]]


def _repository(repository: Mapping[str, Any], tags: Mapping[str, str], partition: str) -> Resource:
    properties = {
        "name": repository["name"],
        "encryption": {"type": repository["encryption_type"], "kms_key_arn": repository["kms_key_arn"]},
        "image_tag_mutability": repository["image_tag_mutability"],
        "exclusion_filters": sorted(set(repository["image_tag_mutability_exclusion_filters"])),
        "scan_on_push": repository["scan_on_push"],
        "lifecycle_rules": lifecycle.rules(repository),
        "policy": policy.statements(repository, partition),
    }
    own_tags = {str(name): str(value) for name, value in repository["tags"].items()}
    return Resource(TYPE, repository["key"], properties, {"Name": repository["name"], **tags, **own_tags})
