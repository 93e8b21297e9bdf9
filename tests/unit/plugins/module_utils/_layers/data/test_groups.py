# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parameter groups and subnet groups, where AWS behaves otherwise than emulators do."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import Existing, Resource
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.order import order_of
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache import (
    parameter_group,
    replication_group,
    subnet_group,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.logs.log_group import (
    LogGroupAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds.instance import (
    RdsInstanceAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds.parameter_group import (
    RdsParameterGroupAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.rds.subnet_group import (
    RdsSubnetGroupAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.secretsmanager.secret import (
    AuthTokenSecretAdapter,
)
from botocore.exceptions import ClientError
from fake_aws import SCOPE, TAGS, FakeClient, Time, error

ELASTICACHE_PARAMETERS = parameter_group.ElastiCacheParameterGroupAdapter
TAG_LIST = {"TagList": [{"Key": name, "Value": value} for name, value in TAGS.items()]}
RDS_GROUP = {
    "DBParameterGroupName": "acme",
    "DBParameterGroupFamily": "postgres17",
    "Description": "x",
    "DBParameterGroupArn": "arn:acme",
}
CACHE_GROUP = {
    "CacheParameterGroupName": "acme",
    "CacheParameterGroupFamily": "redis7",
    "Description": "x",
    "ARN": "arn:acme",
}
PARAMETERS = [
    {"ParameterName": "work_mem", "ParameterValue": "8192", "Source": "user"},
    {"ParameterName": "somebodys", "ParameterValue": "1", "Source": "user"},
    {"ParameterName": "timeout", "ParameterValue": "0", "Source": "engine-default"},
    {"ParameterName": "undeclared", "ParameterValue": "5", "Source": "system"},
    {"ParameterName": "without_a_value", "Source": "engine-default"},
]


def parameters(Source=None, **_group):  # noqa: N803
    return {"Parameters": [item for item in PARAMETERS if Source in (None, item["Source"])]}


def adapter_of(adapter_class, exclusive=False):
    """The adapter in front of a group with PARAMETERS, and its client."""
    client = FakeClient(
        list_tags_for_resource=lambda **_request: TAG_LIST,
        describe_db_parameter_groups=lambda **_request: {"DBParameterGroups": [RDS_GROUP]},
        describe_db_parameters=parameters,
        describe_cache_parameter_groups=lambda **_request: {"CacheParameterGroups": [CACHE_GROUP]},
        describe_cache_parameters=parameters,
    )
    return adapter_class(client.clients(), SCOPE, "acme", exclusive=exclusive), client


def differences(adapter_class, declared, exclusive=False):
    """What differs for a group with these parameters, and how often parameters were described."""
    adapter, client = adapter_of(adapter_class, exclusive)
    family = "postgres17" if adapter_class is RdsParameterGroupAdapter else "redis7"
    wanted = Resource(
        adapter.type, "main", {"name": "acme", "family": family, "description": "x", "parameters": declared}
    )
    found = adapter.observe([wanted], {})[0]
    described = client.requests("describe_db_parameters", "describe_cache_parameters")
    return {item.path: (item.before, item.after) for item in adapter.differences(wanted, found)}, len(described)


@pytest.mark.parametrize("adapter_class", [RdsParameterGroupAdapter, ELASTICACHE_PARAMETERS])
class TestParameters:
    def test_one_declared_with_its_default_is_no_difference(self, adapter_class):
        assert differences(adapter_class, {"timeout": "0", "work_mem": "8192"}) == ({}, 2)

    def test_what_somebody_has_set_is_read_in_one_call(self, adapter_class):
        assert differences(adapter_class, {"work_mem": "8192"}) == ({}, 1)

    def test_others_differ(self, adapter_class):
        found, _calls = differences(adapter_class, {"timeout": "10", "work_mem": "4", "without_a_value": "7"})
        assert found == {
            "parameters.timeout": ("0", "10"),
            "parameters.work_mem": ("8192", "4"),
            "parameters.without_a_value": (None, "7"),
        }

    def test_exclusive_resets_what_somebody_has_set_and_nothing_else(self, adapter_class):
        found, _calls = differences(adapter_class, {"timeout": "0", "work_mem": "8192"}, exclusive=True)
        assert found == {"parameters.somebodys": ("1", None)}


GROUPS = [
    (RdsParameterGroupAdapter, "delete_db_parameter_group", "InvalidDBParameterGroupState"),
    (RdsSubnetGroupAdapter, "delete_db_subnet_group", "InvalidDBSubnetGroupStateFault"),
    (
        parameter_group.ElastiCacheParameterGroupAdapter,
        "delete_cache_parameter_group",
        "InvalidCacheParameterGroupState",
    ),
    (subnet_group.ElastiCacheSubnetGroupAdapter, "delete_cache_subnet_group", "CacheSubnetGroupInUse"),
]


def delete(monkeypatch, adapter_class, operation, code, times):
    """The calls, and the seconds of the pauses between them, where AWS says so many times that the group is in use."""
    time, left = Time(), [error(code)] * times

    def answer(**_request):
        if left:
            raise left.pop()
        return {}

    client = FakeClient(**{operation: answer})
    adapter = adapter_class(client.clients(), SCOPE, "acme")
    monkeypatch.setattr(adapter_class, "sleep", time.sleep)
    try:
        adapter.delete(Existing(adapter.type, "main", "acme"))
    finally:
        delete.seconds = time.now
    return len(client.calls)


@pytest.mark.parametrize(("adapter_class", "operation", "code"), GROUPS)
def test_a_group_whose_user_has_just_gone_is_deleted_when_aws_knows(monkeypatch, adapter_class, operation, code):
    assert delete(monkeypatch, adapter_class, operation, code, 10) == 11
    with pytest.raises(ClientError, match=code):
        delete(monkeypatch, adapter_class, operation, code, 1000)
    assert 180 <= delete.seconds < 200
    with pytest.raises(ClientError, match="AccessDenied"):
        delete(monkeypatch, adapter_class, operation, "AccessDenied", 1)
    assert delete.seconds == 0


def test_groups_and_secret_go_after_what_uses_them():
    classes = [RdsSubnetGroupAdapter, subnet_group.ElastiCacheSubnetGroupAdapter, RdsParameterGroupAdapter]
    classes += [
        ELASTICACHE_PARAMETERS,
        AuthTokenSecretAdapter,
        RdsInstanceAdapter,
        replication_group.ReplicationGroupAdapter,
    ]
    adapters = [adapter_class(FakeClient().clients(), SCOPE, "acme") for adapter_class in classes]
    adapters.insert(2, LogGroupAdapter(FakeClient().clients(), SCOPE))
    order = order_of(adapters, [])
    assert order.backward[:2] == ["rds_instance", "elasticache_replication_group"]
    assert order.needs["rds_instance"] == {"rds_subnet_group", "rds_parameter_group", "log_group"}
    assert order.needs["elasticache_replication_group"] == {
        "elasticache_subnet_group",
        "elasticache_parameter_group",
        "secretsmanager_secret",
    }
