# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which account may be written to: the loopback is exempt, everything else must be named."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.reach import (
    account_problem,
    on_loopback,
    zone_problems,
)

REAL = "https://sts.ap-northeast-2.amazonaws.com"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4566",
        "http://127.8.9.1",
        "http://localhost:5000",
        "http://[::1]:4566",
        "http://s3.localhost:4566",
        "http://LOCALHOST:1",
    ],
)
def test_loopback(url):
    assert on_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        REAL,
        "https://vpce-0a1b.sts.ap-northeast-2.vpce.amazonaws.com",
        "http://10.0.0.1:4566",
        "http://0.0.0.0:4566",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "https://user:127.0.0.1@example.com/",
        "",
    ],
)
def test_anything_else_may_be_real(url):
    assert not on_loopback(url)


def test_a_real_account_must_be_named():
    problem = account_problem("", "111122223333", loopback=False)
    assert "shared_infrastructure_account_id is empty" in problem and "real account 111122223333" in problem
    assert 'set shared_infrastructure_account_id: "111122223333"' in problem
    assert account_problem("111122223333", "111122223333", loopback=False) == ""


def test_the_loopback_needs_no_account_but_a_named_one_counts():
    assert account_problem("", "000000000000", loopback=True) == ""
    assert account_problem("000000000000", "000000000000", loopback=True) == ""
    assert "'111122223333', but the credentials reach account 000000000000" in account_problem(
        "111122223333", "000000000000", loopback=True
    )


class _Zones:
    """Stands for Clients: a region with two zones and a local zone."""

    def get(self, service):
        assert service == "ec2"
        return self

    def describe_availability_zones(self):
        zone = {"RegionName": "ap-northeast-2", "ZoneType": "availability-zone"}
        local = {"RegionName": "ap-northeast-2", "ZoneType": "local-zone", "ZoneName": "ap-northeast-2-wl1-sel-1"}
        return {
            "AvailabilityZones": [
                {**zone, "ZoneName": "ap-northeast-2a"},
                {**zone, "ZoneName": "ap-northeast-2b"},
                local,
            ]
        }


def test_zones_must_exist():
    assert zone_problems(_Zones(), "ap-northeast-2", ["ap-northeast-2a", "ap-northeast-2b"]) == []
    (problem,) = zone_problems(_Zones(), "ap-northeast-2", ["ap-northeast-2a", "ap-northeast-2z"])
    assert problem.startswith(
        "network_availability_zones holds 'ap-northeast-2z', which ap-northeast-2 does not have; "
        "did you mean ap-northeast-2"
    )
    (problem,) = zone_problems(_Zones(), "ap-northeast-2", ["ap-northeast-2-wl1-sel-1"])
    assert "does not have" in problem


def test_the_region_must_be_the_one_that_answers():
    (problem,) = zone_problems(_Zones(), "eu-west-1", ["eu-west-1a"])
    assert (
        problem
        == "shared_infrastructure_region is 'eu-west-1', but the credentials and the endpoint reach ap-northeast-2"
    )
