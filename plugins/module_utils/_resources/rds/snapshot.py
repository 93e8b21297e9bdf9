# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a database can be restored from a snapshot as it is declared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.arns import same_key
from ..stores import versions


def misfit(name: str, snapshot: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    """Why not, or nothing: what is restored keeps its engine, version, key and master user."""
    engine, version = properties["engine"], properties["engine_version"]
    kept = {
        "engine": snapshot["Engine"] == engine,
        "encrypted": snapshot.get("Encrypted", False) == properties["encrypted"],
        "kms_key_arn": not properties.get("kms_key_arn")
        or same_key(snapshot.get("KmsKeyId") or "", properties["kms_key_arn"]),
        "master_username": snapshot["MasterUsername"] == properties["master_username"],
        "allocated_storage": snapshot["AllocatedStorage"] <= properties["allocated_storage"],
        "engine_version": not versions.older(version, snapshot["EngineVersion"]),
    }
    wrong = [f"rds_{name}" for name, fits in kept.items() if not fits]
    if wrong:
        return (
            f"the snapshot {name} ({snapshot['Engine']} {snapshot['EngineVersion']}, "
            f"{snapshot['AllocatedStorage']} GiB, user {snapshot['MasterUsername']}, "
            f"key {snapshot.get('KmsKeyId') or 'none'}) does not fit {', '.join(wrong)}; declare what it holds, "
            "or copy it with the key of the deployment first"
        )
    if versions.major(engine, version) != versions.major(engine, snapshot["EngineVersion"]):
        return (
            f"the snapshot {name} holds {engine} {snapshot['EngineVersion']}, and RDS restores no other major version; "
            f"restore with rds_engine_version {snapshot['EngineVersion']}, then upgrade to {version}"
        )
    return ""
