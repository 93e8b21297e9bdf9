# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""NAT gateways, keyed by availability zone, so that a change of the mode keeps those that stay."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.errors import ClientError, is_not_found
from ..._engine.adapter import Found
from ..._engine.model import FAILED, PENDING, READY, ApplyFailed, Existing, Resource
from . import routes
from .base import Ec2Adapter

ADDRESS_FREE_SECONDS = 600.0
"""How long a gateway that is being deleted may keep its address from the one that is to take it over."""


class NatGatewayAdapter(Ec2Adapter):
    type = "nat_gateway"
    # A NAT gateway fails in a VPC without an internet gateway, and keeps its address until it is gone.
    after = ("internet_gateway", "elastic_ip")
    waits_for = ("subnet",)
    waits_for_deletion = True
    operation, result, id_field, tag_type = "describe_nat_gateways", "NatGateways", "NatGatewayId", "natgateway"
    filter_argument = "Filter"
    id_pattern = "nat-{}"
    stands_in = ("subnet", "subnet_id")
    delete_command = "ec2 delete-nat-gateway --nat-gateway-id {id}"
    fixed = {
        "subnet_id": "AWS cannot move a NAT gateway to another subnet",
        "allocation_id": "AWS cannot change the address of a NAT gateway",
    }

    def describe(self, filters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        # Deleted gateways stay listed for about an hour.
        return [item for item in super().describe(filters) if item["State"] != "deleted"]

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = super().observe(wanted, found)
        self._deleting = {
            item.properties["allocation_id"]: item for item in existing if item.raw["State"] == "deleting"
        }
        return existing

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        return routes.signs_of_use(twins, found)

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"subnet_id": item["SubnetId"], "allocation_id": _address(item).get("AllocationId")}

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {"public_ip": _address(item).get("PublicIp")}

    def state(self, item: Mapping[str, Any]) -> str:
        return {"pending": PENDING, "failed": FAILED}.get(item["State"], READY)

    def reason(self, item: Mapping[str, Any]) -> str:
        if item["State"] == "deleting":
            return "it is being deleted already"
        return (
            f"it failed: {item.get('FailureCode', '')} {item.get('FailureMessage', '')}".strip()
            if item["State"] == "failed"
            else ""
        )

    def discarded(self, existing: Existing) -> bool:
        return existing.raw["State"] in ("failed", "deleting")

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        self._wait_for_address(wanted)
        properties = wanted.properties
        token = str(uuid.uuid4())

        def call(client: Any) -> Existing:
            answer = client.create_nat_gateway(
                SubnetId=properties["subnet_id"],
                AllocationId=properties["allocation_id"],
                ConnectivityType="public",
                ClientToken=token,
                TagSpecifications=self.tag_specifications(tags),
            )
            return self.existing(answer["NatGateway"])

        existing = self.create_exactly_one(wanted.key, call)
        existing.properties.update(properties)
        return existing

    def _wait_for_address(self, wanted: Resource) -> None:
        previous = getattr(self, "_deleting", {}).get(wanted.properties["allocation_id"])
        if previous is None:
            return
        limit = time.monotonic() + ADDRESS_FREE_SECONDS
        while self.refresh([previous]):
            if time.monotonic() > limit:
                raise ApplyFailed(
                    f"nat_gateway {wanted.key} waits for {previous.id}, which is still being deleted and holds its "
                    "address"
                )
            time.sleep(5)

    def delete(self, existing: Existing) -> None:
        try:
            self.ec2.delete_nat_gateway(NatGatewayId=existing.id)
        except ClientError as error:
            if not is_not_found(error):
                raise


def _address(item: Mapping[str, Any]) -> dict[str, Any]:
    """The address that the gateway was made with; others may have added secondary ones."""
    addresses = item.get("NatGatewayAddresses") or [{}]
    return next((address for address in addresses if address.get("IsPrimary")), addresses[0])
