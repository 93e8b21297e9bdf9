"""NAT gateways that are pending for a while."""

from __future__ import annotations

from .transitions import timed_status


def apply() -> None:
    from moto.ec2.models.nat_gateways import NatGateway

    timed_status(NatGateway, "state", "EMULATED_NAT_GATEWAY_SECONDS", creating="pending")
