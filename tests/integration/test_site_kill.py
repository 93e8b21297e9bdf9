"""A run that dies, or that loses an answer, is simply run again: the account then holds what an undisturbed run leaves.

Normally a spread of points is tried, three kills in a row on one account. FULL_KILL_POINTS=1 kills after every single write of the
kms, network and storage layers (and of their publishing), each in an empty account: about half an hour. FULL_KILL_POINTS=4 takes
every fourth of them.
"""

from __future__ import annotations

import os
import signal

import pytest
from helpers.site import empty_site
from support.calls import Call
from support.faults import Fault, call, drop_answer, match
from support.snapshot import counts, difference

EVERY = int(os.environ.get("FULL_KILL_POINTS") or 0)
requires_full = pytest.mark.skipif(not EVERY, reason="FULL_KILL_POINTS is not set: only a spread of kill points was tried")
# Without the other layers each run is shorter, and these do the same.
LAYERS = {"shared_infrastructure_layers": ["kms", "network", "storage"]}

# (operation, how many of it are let through first): one in each layer, so that every run gets further than the one before.
CHAINS = [
    (("kms:CreateKey", 0), ("ec2:CreateVpc", 0), ("s3:CreateBucket", 0)),
    (("kms:CreateAlias", 0), ("ec2:CreateSubnet", 2), ("s3:PutBucketPolicy", 0)),
    (("ssm:PutParameter", 0), ("ec2:CreateNatGateway", 0), ("s3:CreateBucket", 1)),
    (("kms:EnableKeyRotation", 0), ("ec2:AuthorizeSecurityGroupIngress", 1), ("ssm:PutParameter", 1)),
]


@pytest.fixture(scope="module")
def site(emulator):
    with empty_site(emulator) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(site):
    """(what an undisturbed run leaves, its writes)."""
    site.run("site.yml", "dev", extra_vars=LAYERS).assert_ok()
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
    run = site.start("site.yml", "dev", extra_vars=LAYERS)
    fault = site.proxy.add(Fault(wanted, call(run.kill, when, drop=True), times=1, skip=skip))
    result = run.start().wait()
    site.proxy.wait_idle()
    site.proxy.remove_faults()
    assert fault.hits == 1, f"the run made no such call:\n{result.explain()}"
    assert result.rc == -signal.SIGKILL


def assert_same(taken, expected):
    assert counts(taken) == counts(expected)
    assert not difference(expected, taken), "\n".join(difference(expected, taken))


@pytest.mark.parametrize("chain", CHAINS[:2], ids=lambda chain: " ".join(name.partition(":")[2] for name, _skip in chain))
def test_killed_in_each_layer_and_run_again(undisturbed, emptied, chain):
    for wanted, skip in chain:
        killed_at(emptied, wanted, skip)
    emptied.run("site.yml", "dev", extra_vars=LAYERS).assert_ok()
    assert_same(emptied.snapshot(), undisturbed[0])


@requires_full
def test_killed_after_every_write(undisturbed, emptied):
    expected, writes = undisturbed
    wrong = []
    for number, write in list(enumerate(writes, 1))[::EVERY]:
        emptied.emulator.reset()
        killed_at(emptied, "writes", number - 1)
        result = emptied.run("site.yml", "dev", extra_vars=LAYERS)
        found = difference(expected, emptied.snapshot()) if result.rc == 0 else [result.explain()]
        if found:
            wrong.append("\n  ".join([f"after write {number} ({write.name}):", *found]))
    assert not wrong, "\n".join(wrong)


@requires_full
@pytest.mark.parametrize("chain", CHAINS[2:], ids=lambda chain: " ".join(name.partition(":")[2] for name, _skip in chain))
def test_more_chains_killed_before_the_call(undisturbed, emptied, chain):
    for wanted, skip in chain:
        killed_at(emptied, wanted, skip, when="before")
    emptied.run("site.yml", "dev", extra_vars=LAYERS).assert_ok()
    assert_same(emptied.snapshot(), undisturbed[0])


def _creates(call: Call) -> bool:
    return call.write and call.operation.startswith(("Create", "Allocate"))


# A deployment with every layer and every type of resource.
EVERYTHING = {
    "shared_infrastructure_layers": ["kms", "network", "storage", "registry", "ecs", "data"],
    "network_flow_logs_enabled": True,
    "ecs_name": "wealist-prod",
}


def test_a_lost_answer_to_each_create_call(emptied):
    """The first answer to each kind of create call is lost. Nothing is made twice, and the run goes on by itself."""
    emptied.run("site.yml", "wealist_prod", extra_vars=EVERYTHING).assert_ok()
    expected = emptied.snapshot()
    operations = sorted({call.name for call in emptied.proxy.writes() if _creates(call)})
    assert len(operations) > 20, operations

    emptied.emulator.reset()
    faults = {name: Fault(match(*name.split(":")), drop_answer()) for name in operations}
    emptied.proxy.add(*faults.values())
    emptied.run("site.yml", "wealist_prod", extra_vars=EVERYTHING).assert_ok()
    assert [name for name, fault in faults.items() if not fault.hits] == []
    assert_same(emptied.snapshot(), expected)
