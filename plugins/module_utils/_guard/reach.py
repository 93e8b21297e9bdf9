# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the credentials reach the account, the region and the availability zones that an inventory names."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from .._aws.clients import Clients
from .._inputs.strict import closest


def on_loopback(endpoint_url: str) -> bool:
    """Whether an endpoint is on this machine, where no AWS is."""
    host = urlsplit(endpoint_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def account_problem(named: str, reached: str, loopback: bool) -> str:
    """Why this account must not be written to, or nothing."""
    if named and named != reached:
        return (
            f"shared_infrastructure_account_id is {named!r}, but the credentials reach account {reached}; "
            f"use those of {named}, or correct the inventory"
        )
    if not named and not loopback:
        return (
            f"shared_infrastructure_account_id is empty, and the credentials reach the real account {reached}; "
            f'set shared_infrastructure_account_id: "{reached}" in the inventory if that is the account that you mean'
        )
    return ""


def zone_problems(clients: Clients, region: str, wanted: Sequence[str]) -> list[str]:
    """One line for each availability zone that the region does not have (for this account)."""
    zones = clients.get("ec2").describe_availability_zones()["AvailabilityZones"]
    names = [zone["ZoneName"] for zone in zones if zone.get("ZoneType", "availability-zone") == "availability-zone"]
    reached = {zone["RegionName"] for zone in zones}
    if region and region not in reached:
        return [
            (
                f"shared_infrastructure_region is {region!r}, but the credentials and the endpoint reach "
                f"{', '.join(sorted(reached))}"
            )
        ]
    return [
        f"network_availability_zones holds {zone!r}, which {region} does not have; {closest(zone, names)}"
        for zone in wanted
        if zone not in names
    ]
