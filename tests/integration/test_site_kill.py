"""A run that dies, or that loses an answer, is simply run again: the account then holds what an undisturbed run leaves.

The deployment has every layer and every type of resource. Normally a spread of points is tried, several kills in a row
on one account. `make test-all ARGS=kill` kills after every single write, each in an empty account: about an hour, in
shards that can be run side by side. FULL_KILL_POINTS=4 takes every fourth of them.
"""

from __future__ import annotations

import json
import os
import signal

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.layers import (
    LAYER_NAMES,
)
from support.calls import Call
from support.faults import Fault, call, drop_answer, match
from support.snapshot import counts, difference
from support.spread import spread

EVERY = int(os.environ.get("FULL_KILL_POINTS") or 0)
only_a_spread = pytest.mark.skipif(
    not EVERY, reason="only a spread of kill points was tried; `make test-all ARGS=kill` tries every one"
)
DEPLOYMENT = "wealist_prod"
EVERYTHING = {
    "shared_infrastructure_layers": list(LAYER_NAMES),
    "network_flow_logs_enabled": True,
    "ecs_name": "wealist-prod",
}
LOCK_TABLE = "terraform-lock"
SHARDS = 4

# (operation, how many of it are let through first): one in each layer, so that every run gets further than the one
# before.
CHAINS = [
    (
        ("kms:CreateKey", 0),
        ("ec2:CreateNatGateway", 0),
        ("ecr:CreateRepository", 0),
        ("rds:CreateDBInstance", 0),
        ("dynamodb:PutItem", 0),
    ),
    (
        ("kms:CreateAlias", 0),
        ("ec2:CreateVpc", 0),
        ("s3:CreateBucket", 0),
        ("ecs:CreateCluster", 0),
        ("elasticache:CreateReplicationGroup", 0),
    ),
    (
        ("ssm:PutParameter", 0),
        ("ec2:CreateSubnet", 2),
        ("s3:PutBucketPolicy", 0),
        ("ecr:PutLifecyclePolicy", 1),
        ("secretsmanager:CreateSecret", 0),
    ),
    (
        ("kms:EnableKeyRotation", 0),
        ("ec2:AuthorizeSecurityGroupIngress", 1),
        ("ssm:PutParameter", 3),
        ("rds:CreateDBSubnetGroup", 0),
        ("s3:PutObject", 0),
    ),
]


@pytest.fixture(scope="module")
def undisturbed(site):
    """(what an undisturbed run leaves, its writes)."""
    site.run("site.yml", DEPLOYMENT, extra_vars=EVERYTHING).assert_ok()
    return site.snapshot(), site.proxy.writes()


@pytest.fixture
def emptied(site):
    site.proxy.remove_faults()
    site.emulator.reset()
    yield site
    site.proxy.remove_faults()


def killed_at(site, wanted, skip, when="after"):
    """A run of the site that is killed at a call, after it was executed (or before it reaches AWS), with no answer."""
    site.proxy.clear()
    site.proxy.remove_faults()
    run = site.start("site.yml", DEPLOYMENT, extra_vars=EVERYTHING)
    fault = site.proxy.add(Fault(wanted, call(run.kill, when, drop=True), times=1, skip=skip))
    result = run.start().wait()
    site.proxy.wait_idle()
    site.proxy.remove_faults()
    assert fault.hits == 1, f"the run made no such call as {wanted} {skip}:\n{result.explain()}"
    assert result.rc == -signal.SIGKILL
    clear_lock(site)


def clear_lock(site):
    """What the next run asks for when the killed one held Terraform's lock: one explicit command."""
    try:
        items = site.client("dynamodb").scan(TableName=LOCK_TABLE)["Items"]
    except site.client("dynamodb").exceptions.ResourceNotFoundException:
        return
    for item in items:
        if "Info" in item:
            lock = {"lock_id": json.loads(item["Info"]["S"])["ID"]}
            site.start("playbooks/unlock.yml", DEPLOYMENT, extra_vars={**EVERYTHING, **lock}).start().wait().assert_ok()


def finished(site):
    """What the account holds after one more run, which nobody disturbs."""
    site.run("site.yml", DEPLOYMENT, extra_vars=EVERYTHING).assert_ok()
    return site.snapshot()


def id_of_chain(chain):
    return " ".join(name.partition(":")[2] for name, _skip in chain)


def assert_same(taken, expected):
    assert counts(taken) == counts(expected)
    assert not difference(expected, taken), "\n".join(difference(expected, taken))


@pytest.mark.parametrize("chain", spread(CHAINS[:2], CHAINS[:1]), ids=id_of_chain)
def test_killed_in_each_layer_and_run_again(undisturbed, emptied, chain):
    for wanted, skip in chain:
        killed_at(emptied, wanted, skip)
    assert_same(finished(emptied), undisturbed[0])


@pytest.mark.full_kill_points
@only_a_spread
@pytest.mark.parametrize("shard", range(SHARDS), ids=lambda shard: f"shard {shard}")
def test_killed_after_every_write(undisturbed, emptied, shard):
    expected, writes = undisturbed
    wrong = []
    for number, write in list(enumerate(writes, 1))[::EVERY][shard::SHARDS]:
        emptied.emulator.reset()
        try:
            killed_at(emptied, "writes", number - 1)
            assert_same(finished(emptied), expected)
        except AssertionError as error:
            wrong.append(f"after write {number} ({write.name}): {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.full_kill_points
@only_a_spread
@pytest.mark.parametrize("chain", CHAINS[2:], ids=id_of_chain)
def test_more_chains_killed_before_the_call(undisturbed, emptied, chain):
    for wanted, skip in chain:
        killed_at(emptied, wanted, skip, when="before")
    assert_same(finished(emptied), undisturbed[0])


def _creates(call: Call) -> bool:
    return call.write and call.operation.startswith(("Create", "Allocate"))


def test_a_lost_answer_to_each_create_call(undisturbed, emptied):
    """The first answer to each kind of create call is lost. Nothing is made twice, and the run goes on by itself."""
    operations = sorted({call.name for call in undisturbed[1] if _creates(call)})
    assert len(operations) > 20, operations

    faults = {name: Fault(match(*name.split(":")), drop_answer()) for name in operations}
    emptied.proxy.add(*faults.values())
    taken = finished(emptied)
    assert [name for name, fault in faults.items() if not fault.hits] == []
    assert_same(taken, undisturbed[0])
