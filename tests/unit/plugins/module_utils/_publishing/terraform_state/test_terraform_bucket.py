# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What S3 may answer while the bucket of the states is created."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import Resource
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.s3.state_bucket import (
    TYPE,
    StateBucketAdapter,
)
from support.faults import Fault, answer_error
from support.proxy import RecordingProxy

SCOPE = Scope("acme-dev", "outputs")
PROPERTIES = {
    "versioning": "Enabled",
    "encryption": "AES256",
    "kms_key_arn": None,
    "public_access_blocked": True,
    "tls_only": True,
}
WANTED = Resource(TYPE, "acme-states", {**PROPERTIES, "tags": SCOPE.tags("acme-states")})


@pytest.fixture
def proxy(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as running:
        yield running


def test_a_name_that_s3_holds_back_after_a_deletion_is_waited_for(emulator, proxy):
    clients = Clients(
        lambda service, config: emulator.client(service, proxy.endpoint_url, config=config), emulator.region
    )
    held = proxy.add(Fault("s3:CreateBucket", answer_error("OperationAborted", 409), times=2))
    adapter = StateBucketAdapter(clients, SCOPE)
    adapter.create(WANTED, {})
    assert held.hits == 2
    (existing,) = adapter.observe([WANTED], {})
    assert adapter.differences(WANTED, existing) == []
    assert emulator.client("s3").get_bucket_versioning(Bucket="acme-states")["Status"] == "Enabled"
