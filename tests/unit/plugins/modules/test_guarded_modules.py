"""Every module that writes compares what the guard found: deployment and region before AWS is asked, the account
before the first write.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import yaml
from states import BUCKET, KEY, TABLE, TERRAFORMS_LOCK, item, plant_lock
from states import run as publish_state
from support.emulator import REGION
from support.module import MODULES, ModuleFailed, run_module

ROOT = Path(__file__).resolve().parents[4]
NOBODY = "http://127.0.0.1:9"  # whoever called AWS would fail with another message
GROUPS = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
GUARDED = GROUPS["guarded"]
READ_ONLY = {"deployment_guard", "ssm_outputs_info"}
KEY_OPTIONS = {"deployment": "acme-dev", "alias": "acme"}


def passed(account, **other):
    return {"deployment": "acme-dev", "account_id": account.account_id, "region": REGION, **other}


def required(module):
    """The least options that a module takes; their values are not looked at before the guard is."""
    imported = importlib.import_module(f"{MODULES}.{module}")
    own = imported.ARGUMENTS if hasattr(imported, "ARGUMENTS") else imported.arguments.ARGUMENTS
    specification = {"deployment": {"required": True}, **own}
    if module == "terraform_state_unlock":
        del specification["deployment"]
    least = {
        name: ["x"] if option.get("type") == "list" else "x"
        for name, option in specification.items()
        if option.get("required")
    }
    return {**least, "state": "absent"} if module == "network" else least  # to be present it needs more


def test_the_group_holds_every_module_that_writes():
    assert set(GUARDED) == {name for name in GROUPS["aws"] if isinstance(name, str)} - READ_ONLY


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
@pytest.mark.parametrize("module", GUARDED)
def test_without_the_guard_aws_is_not_even_asked(module, check):
    with pytest.raises(
        ModuleFailed,
        match=r"^The guard has not passed in this run for .*region ap-northeast-2\. Nothing was changed; run ",
    ) as caught:
        run_module(module, {**required(module), "guard": {}}, NOBODY, check=check)
    assert caught.value.result["changed"] is False and "\n" not in caught.value.result["msg"]


def test_a_key_is_made_where_the_guard_passed_and_the_account_is_asked_for_only_then(account):
    options = {**KEY_OPTIONS, "guard": passed(account)}
    assert run_module("kms_key", options, account.proxy.endpoint_url)["changed"]
    asked = account.proxy.count("sts", "GetCallerIdentity")
    account.proxy.clear()
    assert not run_module("kms_key", options, account.proxy.endpoint_url)["changed"]
    converged = account.proxy.count("sts", "GetCallerIdentity")
    account.proxy.clear()
    assert not run_module("kms_key", KEY_OPTIONS, account.proxy.endpoint_url)["changed"]
    assert asked == 1 and converged == account.proxy.count("sts", "GetCallerIdentity")


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_the_publisher_asks_for_the_account_before_its_first_write_only(account, check):
    """A module that needs no account id for itself."""
    options = {
        "deployment": "acme-dev",
        "prefix": "/acme/dev",
        "outputs": {"vpc_id": "vpc-1"},
        "guard": passed(account),
    }
    assert run_module("ssm_outputs", options, account.proxy.endpoint_url, check=check)["changed"]
    assert account.proxy.count("sts") == (0 if check else 1)
    account.proxy.clear()
    run_module("ssm_outputs", options, account.proxy.endpoint_url)
    account.proxy.clear()
    assert not run_module("ssm_outputs", options, account.proxy.endpoint_url)["changed"]
    assert account.proxy.count("sts") == 0


def test_another_account_than_the_guards_is_not_written_to(account):
    options = {**KEY_OPTIONS, "guard": passed(account, account_id="999999999999")}
    with pytest.raises(ModuleFailed, match="passed for account 999999999999, but this task reaches account") as caught:
        run_module("kms_key", options, account.proxy.endpoint_url)
    assert account.proxy.writes() == [] and caught.value.result["changed"] is False


@pytest.mark.parametrize("found", [False, True], ids=["asked", "found by the guard"])
def test_a_lock_of_another_account_is_not_cleared(account, found):
    """Also where the guard found the backend: what it says of the caller's account is no answer of STS."""
    publish_state(account)
    plant_lock(account)
    account.proxy.clear()
    options = {"bucket": BUCKET, "state_keys": [KEY], "lock_table": TABLE, "lock_id": TERRAFORMS_LOCK["ID"]}
    if found:
        backend = {"bucket": BUCKET, "region": REGION, "owner": account.account_id, "account": "999999999999"}
        options["found_backend"] = backend
    with pytest.raises(ModuleFailed, match="passed for account 999999999999, but this task reaches account"):
        run_module(
            "terraform_state_unlock",
            {**options, "guard": passed(account, account_id="999999999999")},
            account.proxy.endpoint_url,
        )
    assert account.proxy.writes() == [] and item(account, f"{BUCKET}/{KEY}") is not None
    assert run_module("terraform_state_unlock", {**options, "guard": passed(account)}, account.proxy.endpoint_url)[
        "changed"
    ]
