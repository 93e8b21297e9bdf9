# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The internet gateway and its attachment to the VPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.retrying import when_released, when_visible
from ..._engine.adapter import Found
from ..._engine.model import Difference, Existing, Resource
from . import routes
from .base import Ec2Adapter


class InternetGatewayAdapter(Ec2Adapter):
    type = "internet_gateway"
    waits_for = ("vpc",)
    operation, result, id_field, tag_type = (
        "describe_internet_gateways",
        "InternetGateways",
        "InternetGatewayId",
        "internet-gateway",
    )
    id_pattern = "igw-{}"
    stands_in = ("vpc", "vpc_id")
    delete_command = "ec2 delete-internet-gateway --internet-gateway-id {id}"

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        return routes.signs_of_use(twins, found)

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        attachments = item.get("Attachments") or [{}]
        return {"vpc_id": attachments[0].get("VpcId")}

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        before, after = existing.properties["vpc_id"], wanted.properties["vpc_id"]
        if before == after:
            return []
        # A gateway without an attachment was left by a run that was killed between the two calls.
        refusal = "it serves another VPC; detaching it there would cut that one off" if before else ""
        return [Difference("vpc_id", before, after, refusal)]

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        def call(client: Any) -> Existing:
            return self.existing(
                client.create_internet_gateway(TagSpecifications=self.tag_specifications(tags))["InternetGateway"]
            )

        return self._attach(self.create_exactly_one(wanted.key, call), wanted.properties["vpc_id"])

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        return self._attach(existing, wanted.properties["vpc_id"])

    def _attach(self, existing: Existing, vpc_id: str) -> Existing:
        try:
            when_visible(lambda: self.ec2.attach_internet_gateway(InternetGatewayId=existing.id, VpcId=vpc_id))
        except ClientError as error:
            # The answer to a first try was lost, and botocore tried again.
            if error_code(error) != "Resource.AlreadyAssociated":
                raise
        existing.properties["vpc_id"] = vpc_id
        return existing

    def delete(self, existing: Existing) -> None:
        vpc_id = existing.properties["vpc_id"]
        if vpc_id:
            try:
                when_released(lambda: self.ec2.detach_internet_gateway(InternetGatewayId=existing.id, VpcId=vpc_id))
            except ClientError as error:
                if error_code(error) != "Gateway.NotAttached" and not is_not_found(error):
                    raise
        self.ec2.delete_internet_gateway(InternetGatewayId=existing.id)
