# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The RDS subnet group: in which subnets databases stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._aws.tags import tag_dict, tag_list
from ..._engine.model import Difference, Existing, Resource
from ..stores.subnet_group import SubnetGroupAdapter


class RdsSubnetGroupAdapter(SubnetGroupAdapter):
    type = "rds_subnet_group"
    service = "rds"
    noun = "RDS subnet group"
    user_type = "rds_instance"
    tagged_as = "rds:subgrp"
    untag_command = "rds remove-tags-from-resource --resource-name {arn} --tag-keys {tag_keys}"
    delete_command = "rds delete-db-subnet-group --db-subnet-group-name {id}"
    least_zones = 2
    attribute_patterns = {"arn": "arn:aws:rds:subgrp:{}"}

    def describe(self, name: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_db_subnet_groups").paginate(
            **({"DBSubnetGroupName": name} if name else {})
        )
        return [group for page in pages for group in page["DBSubnetGroups"]]

    def name_of(self, description: dict[str, Any]) -> str:
        return description["DBSubnetGroupName"]

    def arn_of(self, description: dict[str, Any]) -> str:
        return description["DBSubnetGroupArn"]

    def existing(self, description: dict[str, Any], tags: dict[str, str]) -> Existing:
        return Existing(
            self.type,
            self.scope.key_of(tags),
            description["DBSubnetGroupName"],
            properties={
                "name": description["DBSubnetGroupName"],
                "description": description["DBSubnetGroupDescription"],
                "subnet_ids": sorted(subnet["SubnetIdentifier"] for subnet in description["Subnets"]),
            },
            tags=tags,
            attributes={"arn": description["DBSubnetGroupArn"], "vpc_id": description.get("VpcId", "")},
            raw=description,
        )

    def users(self, existing: Existing) -> list[str]:
        pages = self.client.get_paginator("describe_db_instances").paginate()
        return [
            f"the database {instance['DBInstanceIdentifier']}"
            for page in pages
            for instance in page["DBInstances"]
            if (instance.get("DBSubnetGroup") or {}).get("DBSubnetGroupName") == existing.id
            # What this layer owns is deleted before the group is.
            and self.scope.key_of(tag_dict(instance.get("TagList"))) is None
        ]

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        request = {
            "DBSubnetGroupName": wanted.properties["name"],
            "DBSubnetGroupDescription": wanted.properties["description"],
            "SubnetIds": wanted.properties["subnet_ids"],
            "Tags": tag_list(tags),
        }
        return self.create_named(wanted, tags, lambda client: client.create_db_subnet_group(**request)["DBSubnetGroup"])

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        answer = self.client.modify_db_subnet_group(
            DBSubnetGroupName=existing.id,
            DBSubnetGroupDescription=wanted.properties["description"],
            SubnetIds=wanted.properties["subnet_ids"],
        )
        return self.existing(answer["DBSubnetGroup"], existing.tags)

    def delete(self, existing: Existing) -> None:
        self.delete_released(lambda: self.client.delete_db_subnet_group(DBSubnetGroupName=existing.id))
