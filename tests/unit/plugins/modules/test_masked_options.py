"""What Ansible masked elsewhere is published by no module, whoever hands it over, and no module hands on what would be masked."""

from __future__ import annotations

import pytest
from support.module import ModuleFailed, run_module

OPTIONS = {
    "ssm_outputs": {"deployment": "acme-dev", "prefix": "/acme/dev", "outputs": {"ecs_cluster_name": "acme"}},
    "terraform_state_outputs": {
        "deployment": "acme-dev",
        "bucket": "dev-acme",
        "key": "dev/terraform.tfstate",
        "outputs": {"ecs_cluster_name": "acme"},
    },
}


@pytest.mark.parametrize("module", OPTIONS)
@pytest.mark.parametrize("value", ["acme-********", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"])
def test_a_masked_value_is_not_published(account, module, value):
    with pytest.raises(ModuleFailed, match=r"outputs\.ecs_cluster_name has been masked"):
        run_module(module, {**OPTIONS[module], "outputs": {"ecs_cluster_name": value}}, account.proxy.endpoint_url)
    assert account.proxy.calls == [], "AWS was asked although the input is known to be wrong"


@pytest.mark.parametrize("module", OPTIONS)
def test_a_secret_that_is_part_of_a_value_is_refused_before_the_first_write(account, module):
    options = {**OPTIONS[module], "secret_key": "cme"}
    with pytest.raises(ModuleFailed, match=r"Refused, nothing was changed: a secret.* is part of .*output ecs_cluster_name") as failure:
        run_module(module, options, account.proxy.endpoint_url)
    assert account.proxy.writes() == []
    assert "'cme'" not in str(failure.value)


def test_a_secret_that_is_part_of_a_name_is_refused_before_the_first_write(account):
    options = {"deployment": "dev", "name": "acme", "execute_command_logging": "default", "secret_key": "cme"}
    with pytest.raises(ModuleFailed, match=r"is part of .*ecs_cluster main"):
        run_module("ecs_cluster", options, account.proxy.endpoint_url)
    assert account.proxy.writes() == []
