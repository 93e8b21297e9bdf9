# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ElastiCache subnet group: in which subnets cache nodes stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._aws.tags import tag_list
from ..._engine.model import Difference, Existing, Resource
from ..stores.subnet_group import SubnetGroupAdapter


class ElastiCacheSubnetGroupAdapter(SubnetGroupAdapter):
    type = "elasticache_subnet_group"
    service = "elasticache"
    noun = "ElastiCache subnet group"
    user_type = "elasticache_replication_group"
    tagged_as = "elasticache:subnetgroup"
    untag_command = "elasticache remove-tags-from-resource --resource-name {arn} --tag-keys {tag_keys}"
    delete_command = "elasticache delete-cache-subnet-group --cache-subnet-group-name {id}"
    attribute_patterns = {"arn": "arn:aws:elasticache:subnetgroup:{}"}

    def __init__(self, *arguments: Any, own_group: str = "", **settings: Any):
        """own_group: the replication group of this layer, which is deleted before the subnet group is."""
        super().__init__(*arguments, **settings)
        self._own_group = own_group

    def describe(self, name: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_cache_subnet_groups").paginate(
            **({"CacheSubnetGroupName": name} if name else {})
        )
        return [group for page in pages for group in page["CacheSubnetGroups"]]

    def name_of(self, description: dict[str, Any]) -> str:
        return description["CacheSubnetGroupName"]

    def arn_of(self, description: dict[str, Any]) -> str:
        return description["ARN"]

    def told_tags(self, description: dict[str, Any]) -> dict[str, str]:
        # The default group is AWS's own and takes no tags.
        return {} if description["CacheSubnetGroupName"] == "default" else super().told_tags(description)

    def existing(self, description: dict[str, Any], tags: dict[str, str]) -> Existing:
        return Existing(
            self.type,
            self.scope.key_of(tags),
            description["CacheSubnetGroupName"],
            properties={
                "name": description["CacheSubnetGroupName"],
                "description": description["CacheSubnetGroupDescription"],
                "subnet_ids": sorted(subnet["SubnetIdentifier"] for subnet in description["Subnets"]),
            },
            tags=tags,
            attributes={"arn": description["ARN"], "vpc_id": description.get("VpcId", "")},
            raw=description,
        )

    def users(self, existing: Existing) -> list[str]:
        pages = self.client.get_paginator("describe_cache_clusters").paginate()
        used = {
            cluster.get("ReplicationGroupId") or cluster["CacheClusterId"]
            for page in pages
            for cluster in page["CacheClusters"]
            if cluster.get("CacheSubnetGroupName") == existing.id
        }
        return [f"the cache {name}" for name in sorted(used - {self._own_group})]

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        request = {
            "CacheSubnetGroupName": wanted.properties["name"],
            "CacheSubnetGroupDescription": wanted.properties["description"],
            "SubnetIds": wanted.properties["subnet_ids"],
            "Tags": tag_list(tags),
        }
        return self.create_named(
            wanted, tags, lambda client: client.create_cache_subnet_group(**request)["CacheSubnetGroup"]
        )

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        answer = self.client.modify_cache_subnet_group(
            CacheSubnetGroupName=existing.id,
            CacheSubnetGroupDescription=wanted.properties["description"],
            SubnetIds=wanted.properties["subnet_ids"],
        )
        return self.existing(answer["CacheSubnetGroup"], existing.tags)

    def delete(self, existing: Existing) -> None:
        self.delete_released(lambda: self.client.delete_cache_subnet_group(CacheSubnetGroupName=existing.id))
