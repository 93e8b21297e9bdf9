"""The plan is honest: --check --diff names what the real run creates, writes nothing, and is silent when there is
nothing to do.
"""

from __future__ import annotations

import pytest
from helpers.site import empty_site, held, named
from helpers.site_tests import assert_holds_what_it_must
from support.spread import spread

# Together they hold every type of resource; dev holds less of the same, and is what the other files of the site are
# about. What prod alone has, scenarios plan in `make test` too: the cluster in site_dev, flow logs in network.
DEPLOYMENTS = {"prod": "connectly-prod", "wealist_prod": "wealist-prod"}


@pytest.fixture(scope="module", params=spread(DEPLOYMENTS, ["wealist_prod"]))
def runs(request, emulator):
    """(site, inventory, plan on the empty account, the real run, what the account held before it)."""
    with empty_site(emulator) as site:
        before = site.snapshot()
        plan = site.run("site.yml", request.param, "--check", "--diff").assert_ok()
        assert not site.writes(), "\n".join(site.writes())
        assert site.snapshot() == before
        yield site, request.param, plan, site.run("site.yml", request.param).assert_ok()


def test_the_plan_names_what_the_real_run_creates(runs):
    _site, _inventory, plan, real = runs
    planned = named(plan.actions())
    assert len(planned) > 50
    assert planned == named(real.actions())
    # On an empty account nothing else is planned, and each resource once.
    assert len(plan.actions()) == len(planned)


def test_each_planned_resource_is_in_the_account_and_no_other(runs):
    site, inventory, plan, _real = runs
    planned = named(plan.actions())
    there = held(site.snapshot(), DEPLOYMENTS[inventory])
    assert planned - there == set(), "planned, and not there"
    assert there - planned == set(), "there, and not planned"


def test_it_holds_what_the_deployment_must_hold(runs):
    site, inventory, _plan, _real = runs
    assert_holds_what_it_must(site, DEPLOYMENTS[inventory])


def test_the_diff_shows_each_resource(runs):
    _site, _inventory, plan, _real = runs
    headers = {
        line.removeprefix("+++ after: ").strip() for line in plan.stdout.splitlines() if line.startswith("+++ after: ")
    }
    missing = {f"{kind} {key}" for kind, key in named(plan.actions())} - headers
    assert not missing


def test_a_converged_account_has_an_empty_plan(runs):
    site, inventory, _plan, _real = runs
    again = site.run("site.yml", inventory, "--check", "--diff").assert_ok()
    assert again.changed == 0
    assert [action for action in again.actions() if action["action"] != "report"] == []
    assert not site.writes(), "\n".join(site.writes())
