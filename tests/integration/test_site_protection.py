"""A change that would take away what consumers hold is refused before anything is touched, and carried out when it
is allowed.
"""

from __future__ import annotations

SINGLE = {"network_nat_gateway_mode": "single"}


def gateways(account):
    found = account.client("ec2").describe_nat_gateways()["NatGateways"]
    return sorted(gateway["NatGatewayId"] for gateway in found if gateway["State"] == "available")


def test_a_nat_gateway_whose_address_partners_hold(account, proxy, run_playbook):
    layers = {"shared_infrastructure_layers": ["kms", "network"]}
    run_playbook("site.yml", "prod", extra_vars=layers).assert_ok()
    before = gateways(account)
    assert len(before) == 2
    proxy.clear()
    refused = run_playbook("site.yml", "prod", extra_vars={**layers, **SINGLE})
    refused.assert_failed("consumers hold the value of output nat_public_ips")
    assert proxy.writes() == [] and gateways(account) == before

    allowed = {"shared_infrastructure_allow_changes": ["nat_gateway_ids", "nat_public_ips"]}
    run_playbook("site.yml", "prod", extra_vars={**layers, **SINGLE, **allowed}).assert_ok()
    left = gateways(account)
    assert len(left) == 1 and left[0] in before
    published = account.client("ssm").get_parameter(Name="/connectly-shared/prod/nat-gateways/ids")["Parameter"][
        "Value"
    ]
    assert published == left[0]
