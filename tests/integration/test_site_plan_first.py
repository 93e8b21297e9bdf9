"""The whole site is planned before the first write, and a run enters only the layers that have something to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.site import empty_site, messages
from support.playbook import ROOT

CACHE = {"data_redis_enabled": True, "data_redis_engine_version": "7.1", "data_redis_node_type": "cache.t4g.small"}
# By inventory: what is set besides, and the name of the parameter group that its last layer wants.
LAST_LAYER = {
    "dev": (CACHE, "connectly-shared-dev-redis-redis7"),
    "prod": (CACHE, "connectly-shared-prod-redis-redis7"),
    "wealist_prod": ({}, "wealist-prod-redis-redis7"),
}
MANAGED = '{"version": 4, "serial": 1, "lineage": "theirs", "outputs": {}, "resources": [{"mode": "managed"}]}'
# The process of a task is most of what a converged run costs.
MOST_FORKS = 25


@pytest.fixture
def others_group(site):
    """Makes a cache parameter group of somebody else's with a name."""
    elasticache = site.client("elasticache")
    names = []

    def make(name: str) -> None:
        elasticache.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="redis7", Description="another team's"
        )
        names.append(name)

    yield make
    for name in names:
        elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)


@pytest.mark.parametrize("inventory", LAST_LAYER)
def test_what_the_last_layer_refuses_is_known_before_the_first_write(site, others_group, inventory):
    variables, name = LAST_LAYER[inventory]
    others_group(name)
    result = site.run("site.yml", inventory, extra_vars=variables)
    assert result.rc != 0 and site.writes() == []
    (message,) = messages(result)
    assert message.startswith("Refused, nothing was changed: ") and name in message and "\n" not in message


def test_every_refusal_is_named_at_once(site, others_group):
    """A layer's, and the publisher's: a state that Terraform manages."""
    variables, name = LAST_LAYER["dev"]
    others_group(name)
    s3 = site.client("s3")
    s3.create_bucket(Bucket="dev-connectly", CreateBucketConfiguration={"LocationConstraint": site.emulator.region})
    s3.put_object(Bucket="dev-connectly", Key="connectly-shared/dev/terraform.tfstate", Body=MANAGED)
    try:
        result = site.run("site.yml", "dev", extra_vars=variables)
    finally:
        s3.delete_object(Bucket="dev-connectly", Key="connectly-shared/dev/terraform.tfstate")
        s3.delete_bucket(Bucket="dev-connectly")
    assert result.rc != 0 and site.writes() == []
    (message,) = messages(result)
    assert name in message and "connectly-shared/dev/terraform.tfstate" in message


@pytest.fixture(scope="module")
def dev(emulator):
    """An account with dev."""
    with empty_site(emulator) as site:
        site.run("site.yml", "dev").assert_ok()
        yield site


def forks(folder: Path) -> dict[str, str]:
    """Settings that have a callback write the name of every task that gets a process."""
    return {"FORKED_TASKS": str(folder / "forks"), "ANSIBLE_CALLBACK_PLUGINS": _callbacks()}


def _callbacks() -> str:
    folders = ("tests/integration/callback_plugins", "tests/support/callback_plugins")
    return ":".join(str(ROOT / folder) for folder in folders)


def test_a_converged_run_is_the_plan_alone(dev, tmp_path):
    result = dev.run("site.yml", "dev", env=forks(tmp_path)).assert_ok()
    assert result.changed == 0 and dev.writes() == []
    started = (tmp_path / "forks").read_text().splitlines()
    assert "connectly.shared_infrastructure.network : Hand back the outputs" in started
    assert len(started) <= MOST_FORKS, "\n".join(started)


def test_check_mode_is_the_plan_without_the_second_half(dev):
    result = dev.run("site.yml", "dev", "--check", "--diff", extra_vars={"kms_rotation_period_days": 100}).assert_ok()
    assert result.changed == 1 and dev.writes() == []
    assert not [task for task in result.tasks if task.play.startswith(("Build", "Publish the outputs"))]


def test_a_run_enters_the_layers_that_have_something_to_do_and_shows_each_change_once(dev):
    result = dev.run("site.yml", "dev", "--diff", extra_vars={"kms_rotation_period_days": 200}).assert_ok()
    assert {task.play for task in result.tasks if task.play.startswith("Build")} == {"Build kms"}
    assert result.changed == 1
    assert result.stdout.count("+++ after: kms_key main") == 1
