# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an entry of the option repositories means, with the set's own values where the entry has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._resources.ecr.terms import AES256, KMS
from .names import repository_name

DEFAULTS: dict[str, Any] = {
    "image_tag_mutability": "IMMUTABLE",
    "image_tag_mutability_exclusion_filters": [],
    "scan_on_push": True,
    "encryption_type": AES256,
    "kms_key_arn": None,
    "untagged_days": 1,
    "keep_newest": 50,
    "pull_account_ids": [],
    "policy_statements": [],
}
"""Options that are given for the whole set and may be given for a repository."""


def effective(repository: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with key, full name, tags and all settings. A mutability of its own takes no filters from the set."""
    settings: dict[str, Any] = {}
    for name, default in DEFAULTS.items():
        value = repository.get(name)
        if value is None and not (
            name == "image_tag_mutability_exclusion_filters" and repository.get("image_tag_mutability")
        ):
            value = params.get(name)
        settings[name] = default if value is None else value
    if settings["encryption_type"] != KMS:
        settings["kms_key_arn"] = None
    return {
        **settings,
        "key": repository.get("key") or repository.get("name"),
        "name": repository_name(params, repository),
        "tags": repository.get("tags") or {},
    }
