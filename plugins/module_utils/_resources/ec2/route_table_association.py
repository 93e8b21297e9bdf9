# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which route table a subnet uses."""

from __future__ import annotations

from collections.abc import Sequence

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code
from ..._aws.retrying import when_visible
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import ApplyFailed, Difference, Existing, Resource
from .base import pages
from .route_table import RouteTableAdapter


class RouteTableAssociationAdapter(AwsAdapter):
    type = "route_table_association"
    after = ("route",)  # a subnet that changes its table is never without a way out for longer than this one call
    reads = ("subnet", "route_table")
    taggable = False
    id_pattern = "rtbassoc-{}"
    stands_in = ("subnet", "subnet_id")
    fixed = {"subnet_id": "an association belongs to its subnet"}

    def __init__(self, clients: Clients, scope: Scope, tables: RouteTableAdapter):
        """tables has listed all tables of the VPC, so that a subnet of ours in somebody's table is seen as well."""
        super().__init__(clients, scope)
        self.tables = tables

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        subnets = {subnet.id: subnet.key for subnet in found.get("subnet", ()) if subnet.key and subnet.owned}
        return [
            Existing(
                self.type,
                subnets[association["SubnetId"]],
                association["RouteTableAssociationId"],
                {"route_table_id": table["RouteTableId"], "subnet_id": association["SubnetId"]},
                raw=association,
            )
            for table in self.tables.listed
            for association in table.get("Associations", ())
            if association.get("SubnetId") in subnets
            and association.get("AssociationState", {}).get("State") != "disassociated"
        ]

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        ec2 = self.clients.get("ec2")
        properties = dict(wanted.properties)
        try:
            answer = when_visible(
                lambda: ec2.associate_route_table(
                    RouteTableId=properties["route_table_id"], SubnetId=properties["subnet_id"]
                )
            )
            return Existing(self.type, wanted.key, answer["AssociationId"], properties)
        except ClientError as error:
            # The answer to a first try was lost, and botocore tried again.
            if error_code(error) != "Resource.AlreadyAssociated":
                raise
        return self._existing_association(wanted)

    def _existing_association(self, wanted: Resource) -> Existing:
        properties = dict(wanted.properties)
        filters = [{"Name": "association.subnet-id", "Values": [properties["subnet_id"]]}]
        for table in pages(self.clients.get("ec2").describe_route_tables, "RouteTables", Filters=filters):
            for association in table["Associations"]:
                if association.get("SubnetId") == properties["subnet_id"]:
                    if table["RouteTableId"] == properties["route_table_id"]:
                        return Existing(self.type, wanted.key, association["RouteTableAssociationId"], properties)
                    raise ApplyFailed(
                        f"{properties['subnet_id']} was associated with {table['RouteTableId']} by others during this "
                        "run; run again"
                    )
        raise ApplyFailed(
            f"AWS says that {properties['subnet_id']} has a route table already, and does not list it; run again"
        )

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        table = wanted.properties["route_table_id"]
        answer = when_visible(
            lambda: self.clients.get("ec2").replace_route_table_association(
                AssociationId=existing.id, RouteTableId=table
            )
        )
        return Existing(self.type, wanted.key, answer["NewAssociationId"], dict(wanted.properties))

    def delete(self, existing: Existing) -> None:
        self.clients.get("ec2").disassociate_route_table(AssociationId=existing.id)
