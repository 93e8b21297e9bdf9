# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the options of the data_stores module to the resources that it wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.model import Resource
from .named import KEY


@dataclass(frozen=True)
class Names:
    """The names in AWS, also of what this deployment does not want now."""

    rds_subnet_group: str
    elasticache_subnet_group: str

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Names:
        name = params["name"]
        return cls(
            rds_subnet_group=params["rds_subnet_group_name"] or name,
            elasticache_subnet_group=params["elasticache_subnet_group_name"] or name,
        )


def resources(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    names = Names.of(params)
    return [
        _subnet_group("rds", names.rds_subnet_group, params, tags),
        _subnet_group("elasticache", names.elasticache_subnet_group, params, tags),
    ]


def _subnet_group(service: str, name: str, params: Mapping[str, Any], tags: Mapping[str, str]) -> Resource:
    properties = {
        "name": name,
        "description": params[f"{service}_subnet_group_description"],
        "subnet_ids": sorted(params["subnet_ids"]),
    }
    return Resource(f"{service}_subnet_group", KEY, properties, {"Name": name, **tags})
