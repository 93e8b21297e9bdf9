"""Rotating the AUTH token of a cache: both steps, one at a time, and after an interruption at every write."""

from __future__ import annotations

import contextlib
import hashlib
import json

import pytest
from support.faults import Fault, answer_error
from support.module import ModuleFailed, run_module
from support.proxy import RecordingProxy

CACHE, SECRET = "acme-prod-redis", "acme-prod-redis-auth-token"
TAGS = [
    {"Key": f"connectly:{name}", "Value": value}
    for name, value in (("deployment", "acme-prod"), ("layer", "data"), ("key", "main"))
]


@pytest.fixture
def account(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        emulator.elasticache, emulator.secrets = emulator.client("elasticache"), emulator.client("secretsmanager")
        yield emulator


@pytest.fixture
def cache(account):
    """A cache as data_stores makes it."""
    make_secret(account)
    make_cache(account, AuthToken=token(account))
    account.proxy.clear()
    return account


def make_secret(account):
    account.secrets.create_secret(Name=SECRET, SecretString="first" * 8, Tags=TAGS)


def make_cache(account, **options):
    common = {
        "ReplicationGroupDescription": "x",
        "Engine": "redis",
        "CacheNodeType": "cache.t4g.small",
        "TransitEncryptionEnabled": True,
        "Tags": TAGS,
    }
    account.elasticache.create_replication_group(ReplicationGroupId=CACHE, **{**common, **options})


def run(account, check=False, **options):
    parameters = {"deployment": "acme-prod", "replication_group_id": CACHE, **options}
    return run_module("elasticache_auth_token_rotation", parameters, account.proxy.endpoint_url, check=check)


def token(account):
    return account.secrets.get_secret_value(SecretId=SECRET)["SecretString"]


def stages(account):
    found = account.secrets.describe_secret(SecretId=SECRET)["VersionIdsToStages"]
    return sorted(label for labels in found.values() for label in labels)


def digest(value):
    return hashlib.sha256(value.encode()).hexdigest()[:12]


def valid(account):
    """The digests of the tokens that the cache takes, oldest first."""
    events = account.elasticache.describe_events(SourceType="replication-group", SourceIdentifier=CACHE)["Events"]
    return [event["Message"] for event in events if "digests" in event["Message"]][-1].split(": ")[1].split()


def test_both_steps(cache):
    old = token(cache)
    planned = run(cache, check=True)
    assert planned["steps"] == ["make_token", "rotate", "set"] and cache.proxy.writes() == []
    result = run(cache)
    assert result["changed"] and result["steps"] == planned["steps"]
    new = token(cache)
    assert new != old and len(new) == 64 and valid(cache) == [digest(new)]
    assert stages(cache) == ["AWSCURRENT", "AWSPREVIOUS"]
    assert new not in json.dumps(result) and old not in json.dumps(result)


def test_one_step_at_a_time_serves_clients_of_both_tokens(cache):
    old = token(cache)
    assert run(cache, step="set") == {**run(cache, step="set"), "changed": False, "steps": []}
    assert run(cache, step="rotate", token_length=20)["steps"] == ["make_token", "rotate"]
    new = token(cache)
    assert len(new) == 20 and valid(cache) == [digest(old), digest(new)]
    with pytest.raises(ModuleFailed, match="the last rotation is not finished"):
        run(cache, step="rotate")
    assert run(cache, step="set")["steps"] == ["set"] and valid(cache) == [digest(new)] and token(cache) == new


WRITES = 8  # tag, put, ROTATE, three labels, SET, one label


@pytest.mark.parametrize("executed", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("number", range(WRITES))
def test_an_interrupted_rotation_is_simply_run_again(cache, number, executed):
    old = token(cache)
    cache.proxy.add(Fault("writes", answer_error("AccessDenied", executed=executed), times=1, skip=number))
    with pytest.raises(ModuleFailed):
        run(cache)
    # Whoever reads the secret now is let in.
    assert digest(token(cache)) in valid(cache)
    cache.proxy.remove_faults()
    with contextlib.suppress(ModuleFailed):
        run(cache)
    assert valid(cache) == [digest(token(cache))] and token(cache) != old
    assert "ROTATED" not in stages(cache) and "AWSPENDING" not in stages(cache)
    # A second ROTATE would have dropped the token before while clients still used it.
    rotations = [
        call
        for call in cache.proxy.select("elasticache:ModifyReplicationGroup")
        if call.params["AuthTokenUpdateStrategy"] == "ROTATE"
    ]
    was_finished = executed and number == WRITES - 1
    assert len([call for call in rotations if call.executed]) == (2 if was_finished else 1)


def test_a_cache_without_a_token_gets_one(account):
    make_cache(account)
    result = run(account, tags={"Team": "platform"})
    assert result["steps"] == ["make_secret", "make_token", "rotate", "set"] and valid(account) == [
        digest(token(account))
    ]
    tags = {tag["Key"]: tag["Value"] for tag in account.secrets.describe_secret(SecretId=SECRET)["Tags"]}
    assert tags["Team"] == "platform" and tags["connectly:key"] == "main"
    assert account.elasticache.describe_replication_groups()["ReplicationGroups"][0]["AuthTokenEnabled"]


def test_a_lost_secret_is_made_anew(cache):
    cache.secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    run(cache)
    assert valid(cache) == [digest(token(cache))]


def test_what_is_not_of_the_deployment_is_refused(cache):
    for options, reason in (
        ({"deployment": "beta-prod"}, "not of this deployment"),
        ({"replication_group_id": "other"}, "there is no replication group other"),
        ({"token_length": 8}, "token_length is 8; allowed are 16 to 128"),
    ):
        with pytest.raises(ModuleFailed, match=reason):
            run(cache, **options)
    assert cache.proxy.writes() == []


def test_another_account_than_the_guards_is_not_rotated(cache):
    before = token(cache)
    guard = {"deployment": "acme-prod", "account_id": "999999999999", "region": cache.region}
    with pytest.raises(ModuleFailed, match="passed for account 999999999999, but this task reaches account") as caught:
        run(cache, guard=guard)
    assert cache.proxy.writes() == [] and token(cache) == before and caught.value.result["steps"] == []
    assert run(cache, guard={**guard, "account_id": cache.account_id})["changed"]
