"""What a layer must not take away from its consumers, before its first write."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.protection import (
    losses,
)

PUBLISHED = {"vpc_id": "vpc-1", "nat_public_ips": ["192.0.2.1", "192.0.2.2"]}


@pytest.mark.parametrize(
    ("planned", "allowed", "lost"),
    [
        (PUBLISHED, [], []),
        ({**PUBLISHED, "nat_public_ips": ["192.0.2.2", "192.0.2.1", "known-after-apply.c"]}, [], []),
        ({**PUBLISHED, "nat_public_ips": ["192.0.2.1"]}, [], ["nat_public_ips"]),
        ({**PUBLISHED, "nat_public_ips": ["192.0.2.1"]}, ["nat_public_ips"], []),
        ({**PUBLISHED, "vpc_id": "vpc-known-after-apply.main"}, [], ["vpc_id"]),
        ({}, ["vpc_id"], ["nat_public_ips"]),
        ({**PUBLISHED, "vpc_cidr": "10.0.0.0/16"}, [], []),
    ],
)
def test_losses(planned, allowed, lost):
    lines = losses(PUBLISHED, planned, allowed)
    assert len(lines) == len(lost) and all(name in line for name, line in zip(lost, lines, strict=True))


def test_what_no_consumer_can_know_is_no_loss():
    assert losses({"bastion_ip": "192.0.2.9"}, {}, []) == []
