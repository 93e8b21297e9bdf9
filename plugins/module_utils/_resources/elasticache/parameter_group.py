# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ElastiCache parameter group: settings of Redis OSS or Valkey."""

from __future__ import annotations

from typing import Any

from ..._aws.tags import tag_list
from ..._engine.model import Existing, Resource
from ..stores.parameter_group import ParameterGroupAdapter, entry, values_of


class ElastiCacheParameterGroupAdapter(ParameterGroupAdapter):
    type = "elasticache_parameter_group"
    service = "elasticache"
    noun = "ElastiCache parameter group"
    attribute_patterns = {"arn": "arn:aws:elasticache:parametergroup:{}"}

    def describe(self, name: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_cache_parameter_groups").paginate(
            **({"CacheParameterGroupName": name} if name else {})
        )
        return [
            group
            for page in pages
            for group in page["CacheParameterGroups"]
            if not group["CacheParameterGroupName"].startswith("default.")
        ]

    def name_of(self, description: dict[str, Any]) -> str:
        return description["CacheParameterGroupName"]

    def arn_of(self, description: dict[str, Any]) -> str:
        return description["ARN"]

    def existing(self, description: dict[str, Any], tags: dict[str, str]) -> Existing:
        return Existing(
            self.type,
            self.scope.key_of(tags),
            description["CacheParameterGroupName"],
            properties={
                "name": description["CacheParameterGroupName"],
                "family": description["CacheParameterGroupFamily"],
                "description": description["Description"],
            },
            tags=tags,
            attributes={"arn": description["ARN"]},
            raw=description,
        )

    def described_parameters(self, name: str, **source: str) -> dict[str, str]:
        pages = self.client.get_paginator("describe_cache_parameters").paginate(CacheParameterGroupName=name, **source)
        return values_of(pages)

    def send(self, name: str, values: dict[str, str | None]) -> None:
        parameters = [entry(parameter, value) for parameter, value in values.items()]
        if any(value is None for value in values.values()):
            self.client.reset_cache_parameter_group(
                CacheParameterGroupName=name, ResetAllParameters=False, ParameterNameValues=parameters
            )
        else:
            self.client.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=parameters)

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        request = {
            "CacheParameterGroupName": properties["name"],
            "CacheParameterGroupFamily": properties["family"],
            "Description": properties["description"],
            "Tags": tag_list(tags),
        }
        existing = self.create_named(
            wanted, tags, lambda client: client.create_cache_parameter_group(**request)["CacheParameterGroup"]
        )
        self.set_parameters(existing.id, dict(properties["parameters"]))
        existing.properties["parameters"] = dict(properties["parameters"])
        return existing

    def delete(self, existing: Existing) -> None:
        self.delete_released(lambda: self.client.delete_cache_parameter_group(CacheParameterGroupName=existing.id))
