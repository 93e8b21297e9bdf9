"""The manifest of a published set, as another version of the collection would have written it."""

from __future__ import annotations

import json
from typing import Any


def rewrite_manifest(ssm: Any, prefix: str, **fields: Any) -> None:
    """Replaces these fields of the manifest below a prefix, through the client."""
    name = f"{prefix}/manifest"
    document = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    ssm.put_parameter(Name=name, Value=json.dumps({**document, **fields}), Overwrite=True)
