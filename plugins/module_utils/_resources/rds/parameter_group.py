# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The RDS parameter group: settings of the database engine."""

from __future__ import annotations

from typing import Any

from ..._aws.tags import tag_list
from ..._engine.model import Existing, Resource
from ..stores.parameter_group import ParameterGroupAdapter, entry, values_of


class RdsParameterGroupAdapter(ParameterGroupAdapter):
    type = "rds_parameter_group"
    service = "rds"
    noun = "RDS parameter group"
    attribute_patterns = {"arn": "arn:aws:rds:pg:{}"}

    def describe(self, name: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("describe_db_parameter_groups").paginate(
            **({"DBParameterGroupName": name} if name else {})
        )
        return [
            group
            for page in pages
            for group in page["DBParameterGroups"]
            if not group["DBParameterGroupName"].startswith("default.")
        ]

    def name_of(self, description: dict[str, Any]) -> str:
        return description["DBParameterGroupName"]

    def arn_of(self, description: dict[str, Any]) -> str:
        return description["DBParameterGroupArn"]

    def existing(self, description: dict[str, Any], tags: dict[str, str]) -> Existing:
        return Existing(
            self.type,
            self.scope.key_of(tags),
            description["DBParameterGroupName"],
            properties={
                "name": description["DBParameterGroupName"],
                "family": description["DBParameterGroupFamily"],
                "description": description["Description"],
            },
            tags=tags,
            attributes={"arn": description["DBParameterGroupArn"]},
            raw=description,
        )

    def described_parameters(self, name: str, **source: str) -> dict[str, str]:
        pages = self.client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name, **source)
        return values_of(pages)

    def send(self, name: str, values: dict[str, str | None]) -> None:
        dynamic = self._dynamic(name)
        parameters = [
            {**entry(parameter, value), "ApplyMethod": _method(parameter in dynamic)}
            for parameter, value in values.items()
        ]
        if any(value is None for value in values.values()):
            self.client.reset_db_parameter_group(
                DBParameterGroupName=name, ResetAllParameters=False, Parameters=parameters
            )
        else:
            self.client.modify_db_parameter_group(DBParameterGroupName=name, Parameters=parameters)

    def _dynamic(self, name: str) -> set[str]:
        """The parameters that take effect without a reboot; AWS refuses to apply the others at once."""
        pages = self.client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=name)
        return {
            item["ParameterName"] for page in pages for item in page["Parameters"] if item.get("ApplyType") == "dynamic"
        }

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        request = {
            "DBParameterGroupName": properties["name"],
            "DBParameterGroupFamily": properties["family"],
            "Description": properties["description"],
            "Tags": tag_list(tags),
        }
        existing = self.create_named(
            wanted, tags, lambda client: client.create_db_parameter_group(**request)["DBParameterGroup"]
        )
        self.set_parameters(existing.id, dict(properties["parameters"]))
        existing.properties["parameters"] = dict(properties["parameters"])
        return existing

    def delete(self, existing: Existing) -> None:
        self.delete_released(lambda: self.client.delete_db_parameter_group(DBParameterGroupName=existing.id))


def _method(dynamic: bool) -> str:
    return "immediate" if dynamic else "pending-reboot"
