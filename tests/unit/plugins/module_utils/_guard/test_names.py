# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cache whose tags ElastiCache does not tell now does not stop a run: the data layer waits for them."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.names import taken
from botocore.exceptions import ClientError
from support.faults import Fault, answer_error
from support.proxy import RecordingProxy

SCOPE = Scope("acme-dev", "data")
WANTED = [{"type": "elasticache_replication_group", "names": ["acme-redis"]}]


@pytest.fixture
def account(emulator):
    emulator.reset()
    emulator.client("elasticache").create_replication_group(
        ReplicationGroupId="acme-redis", ReplicationGroupDescription="of somebody else"
    )
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        yield emulator


@pytest.fixture
def clients(account):
    return Clients(
        lambda service, config: account.client(service, account.proxy.endpoint_url, config=config), account.region
    )


def test_a_cache_of_somebody_else_is_in_the_way(clients):
    (line,) = taken(clients, SCOPE, WANTED)
    assert "elasticache_replication_group 'acme-redis', which exists, but" in line


def test_a_cache_that_is_busy_is_left_to_the_data_layer(account, clients):
    asked = account.proxy.add(
        Fault("elasticache:ListTagsForResource", answer_error("InvalidReplicationGroupState"), times=None)
    )
    assert taken(clients, SCOPE, WANTED) == [] and asked.hits == 1


def test_tags_that_may_not_be_read_are_an_error(account, clients):
    account.proxy.add(Fault("elasticache:ListTagsForResource", answer_error("AccessDenied", 403), times=None))
    with pytest.raises(ClientError, match="AccessDenied"):
        taken(clients, SCOPE, WANTED)
