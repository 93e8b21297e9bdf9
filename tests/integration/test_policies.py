# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whoever may do no more than one layer's policy, the guard's and the publisher's say can build that layer by its
playbook.
"""

from __future__ import annotations

from pathlib import Path

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.layers import (
    DEFAULT_LAYERS,
)
from helpers.site import empty_site
from support.permissions import Policy, action
from support.spread import every_case

POLICIES = Path(__file__).resolve().parents[2] / "docs" / "policies"
# prod has no registry, and wealist_prod no cluster.
RUNS = (*(("prod", layer) for layer in DEFAULT_LAYERS), ("wealist_prod", "registry"))


@every_case
def test_a_layer_needs_its_own_policy_those_of_guard_and_publisher_and_no_other(emulator):
    missing = set()
    with empty_site(emulator) as site:
        for inventory, layer in RUNS:
            site.run(f"playbooks/{layer}.yml", f"inventories/{inventory}").assert_ok()
            assert site.proxy.writes(), f"{layer} of {inventory} was built by an earlier run"
            policies = [Policy(POLICIES / f"{name}.json") for name in (layer, "guard", "outputs")]
            wanted = {action(call.service, call.operation) for call in site.proxy.calls} - {""}
            missing |= {(layer, name) for name in wanted if not any(policy.allows(name) for policy in policies)}
    assert missing == set()
