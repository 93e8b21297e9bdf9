# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which CIDR the subnet of a tier in a zone has, where the caller does not say: a rule that nothing but the subnet's
own
place enters.

The VPC is cut into blocks of eight subnets of the tier's prefix_length. The tier takes the block number index, and the
zone's letter is the place in it: a is the first, h the eighth. So neither a further zone nor a further tier moves
another subnet.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

ZONES_PER_TIER = 8


def zone_place(zone: str) -> int:
    """0 for ap-northeast-2a. Raises ValueError where the name does not end in one of a to h."""
    place = ord(zone[-1:] or "?") - ord("a")
    if not 0 <= place < ZONES_PER_TIER:
        raise ValueError(f"the zone {zone} does not end in one of the letters a to h; give the subnets of this tier")
    return place


def blocks(vpc_cidr: str, prefix_length: int) -> int:
    """How many tiers of this prefix length the VPC has room for."""
    spare = prefix_length - 3 - ipaddress.IPv4Network(vpc_cidr).prefixlen
    return 2**spare if spare >= 0 else 0


def computed_cidr(vpc_cidr: str, prefix_length: int, index: int, zone: str) -> str:
    """computed_cidr("10.0.0.0/16", 22, 1, "ap-northeast-2b") is "10.0.36.0/22".

    Raises ValueError where there is no room.
    """
    room = blocks(vpc_cidr, prefix_length)
    if not 0 <= index < room:
        raise ValueError(f"{vpc_cidr} has room for {room} tiers of /{prefix_length} subnets (indexes from 0)")
    start = int(ipaddress.IPv4Network(vpc_cidr).network_address)
    size = 2 ** (32 - prefix_length)
    return f"{ipaddress.IPv4Address(start + (index * ZONES_PER_TIER + zone_place(zone)) * size)}/{prefix_length}"


def tier_cidrs(params: Mapping[str, Any], tier: Mapping[str, Any]) -> dict[str, str]:
    """The CIDRs of a tier by zone, in the order of availability_zones.

    Raises ValueError where one cannot be computed.
    """
    if tier.get("subnets"):
        given = {subnet["availability_zone"]: subnet["cidr"] for subnet in tier["subnets"]}
        return {zone: given[zone] for zone in params["availability_zones"] if zone in given}
    if tier.get("prefix_length") is None or tier.get("index") is None:
        raise ValueError("a tier has either subnets, or prefix_length and index")
    return {
        zone: computed_cidr(params["vpc_cidr"], tier["prefix_length"], tier["index"], zone)
        for zone in params["availability_zones"]
    }
