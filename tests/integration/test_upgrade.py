"""What the last release built is planned by this checkout: nothing changes but what the upgrade notes list.

Normally dev is; `make test-all ARGS=upgrade` takes every deployment, side by side in one account.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from helpers import releases
from helpers.site import Site
from support.results import RunResult

only_dev = pytest.mark.skipif(
    not os.environ.get("FULL_UPGRADE"), reason="only dev was upgraded; `make test-all ARGS=upgrade` upgrades the others"
)
DEPLOYMENTS = ("dev", *(pytest.param(name, marks=only_dev) for name in ("prod", "wealist_prod")))
VERSION = list(releases.commits())[-1]


@pytest.fixture(scope="module")
def last_release(tmp_path_factory):
    """(its checkout, the environment in which Ansible finds its collection)"""
    folder = tmp_path_factory.mktemp(f"release-{VERSION}")
    return releases.check_out(VERSION, folder), {"ANSIBLE_COLLECTIONS_PATH": str(folder)}


def differences(plan: RunResult) -> Iterator[str]:
    """Each property that would change as "type property", each resource that would be made or go as "type action"."""
    for action in plan.actions():
        if action["action"] == "update":
            yield from (f"{action['type']} {path.partition('.')[0]}" for path in action["after"])
        elif action["action"] != "report":
            yield f"{action['type']} {action['action']}"


def test_every_release_can_be_upgraded_from():
    missing = releases.unrecorded()
    assert not missing, (
        f"{releases.COMMITS.name} has no commit of {', '.join(missing)}: add it (CONTRIBUTING.md, Release)"
    )


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_the_first_plan_after_an_upgrade_shows_what_the_notes_list(site: Site, last_release, deployment):
    tree, environment = last_release
    applied = site.run("site.yml", f"inventories/{deployment}", "-vv", cwd=tree, env=environment).assert_ok()
    assert f"task path: {tree}/roles/" in applied.stdout
    assert "site-packages/ansible_collections/connectly" not in applied.stdout, "this checkout ran, not the release"

    plan = site.run("site.yml", f"inventories/{deployment}", "--check", "--diff").assert_ok()
    unlisted = set(differences(plan)) - releases.noted(VERSION)
    assert not unlisted, f"docs/upgrading.md, From {VERSION}, does not list: {sorted(unlisted)}"
    assert bool(plan.changed) == bool(set(differences(plan)))
    assert not site.writes(), "\n".join(site.writes())
