# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The registry layer's part of the outputs contract."""

from __future__ import annotations

from typing import Any

from ..._engine.model import Reference
from ..._engine.plan import Plan
from .desired import TYPE


def outputs(plan: Plan) -> dict[str, Any]:
    """ecr_repository_urls maps the keys of the declared repositories to their addresses."""
    urls = {key: plan.lookup(Reference(kind, key, "uri")) for kind, key in plan.desired if kind == TYPE}
    return {"ecr_repository_urls": urls} if urls else {}
