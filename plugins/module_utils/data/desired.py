# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the data_stores module to the resources that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.model import Resource
from .named import KEY


def resources(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    return [subnet_group("rds", params, tags), subnet_group("elasticache", params, tags)]


def subnet_group(service: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> Resource:
    name = params[f"{service}_subnet_group_name"]
    properties = {
        "name": name,
        "description": params[f"{service}_subnet_group_description"],
        "subnet_ids": sorted(params["subnet_ids"]),
    }
    return Resource(f"{service}_subnet_group", KEY, properties, {"Name": name, **tags})
