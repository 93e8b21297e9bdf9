"""What emulators never show: answers that lag behind, roles that are not known yet, gateways that are on their way
out.
"""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.retrying import (
    when_released,
    when_visible,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    ApplyFailed,
    Resource,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.ec2.flow_log import (
    FlowLogAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.ec2.nat_gateway import (
    NatGatewayAdapter,
)
from botocore.exceptions import ClientError

SCOPE = Scope("acme", "network")
ZONE = "ap-northeast-2a"


def error(code, text=""):
    return ClientError({"Error": {"Code": code, "Message": text}}, "Operation")


class Script:
    """A client whose calls give the scripted answers in turn; an exception is raised."""

    def __init__(self, **answers):
        self.answers = {name: list(items) for name, items in answers.items()}
        self.calls = []

    def __getattr__(self, name):
        def call(**arguments):
            self.calls.append(name)
            answer = self.answers[name].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    taken = []
    monkeypatch.setattr("time.sleep", taken.append)
    return taken


def scripted(**answers):
    client = Script(**answers)
    return client, Clients(lambda service, config: client, region="ap-northeast-2")


def test_a_write_waits_until_what_it_refers_to_is_visible():
    slept = []
    answers = iter([error("InvalidVpcID.NotFound"), error("InvalidVpcID.NotFound"), None])

    def call():
        answer = next(answers)
        if answer:
            raise answer
        return "done"

    assert when_visible(call, sleep=slept.append) == "done" and len(slept) == 2


@pytest.mark.parametrize(
    ("helper", "code"), [(when_visible, "InvalidVpcID.NotFound"), (when_released, "DependencyViolation")]
)
def test_what_lasts_is_an_error_in_the_end(helper, code):
    slept = []

    def call():
        raise error(code)

    with pytest.raises(ClientError):
        helper(call, seconds=10, sleep=slept.append)
    assert 10 <= sum(slept) < 20


def test_other_errors_are_not_waited_for():
    slept = []

    def call():
        raise error("UnauthorizedOperation")

    for helper in (when_visible, when_released):
        with pytest.raises(ClientError):
            helper(call, sleep=slept.append)
    assert slept == []


FLOW_LOG = Resource(
    "flow_log",
    "vpc/all",
    {
        "resource_id": "vpc-1",
        "traffic_type": "ALL",
        "log_group_name": "g",
        "deliver_logs_permission_arn": "arn:aws:iam::1:role/r",
    },
)


def test_a_flow_log_waits_for_its_new_role():
    unknown = error("InvalidParameter", "Unable to assume given IAM role")
    client, clients = scripted(create_flow_logs=[unknown, unknown, {"FlowLogIds": ["fl-1"]}])
    assert FlowLogAdapter(clients, SCOPE).create(FLOW_LOG, {}).id == "fl-1" and len(client.calls) == 3


def test_a_flow_log_that_aws_does_not_make_is_a_failure():
    unsuccessful = [{"Error": {"Code": "400", "Message": "no log group"}, "ResourceId": "vpc-1"}]
    _client, clients = scripted(create_flow_logs=[{"FlowLogIds": [], "Unsuccessful": unsuccessful}])
    with pytest.raises(ApplyFailed, match="no log group"):
        FlowLogAdapter(clients, SCOPE).create(FLOW_LOG, {})


def gateway(state, identifier="nat-1"):
    tags = [{"Key": name, "Value": value} for name, value in SCOPE.tags(ZONE).items()]
    addresses = [{"AllocationId": "eipalloc-1", "PublicIp": "192.0.2.1"}]
    return {
        "NatGatewayId": identifier,
        "SubnetId": "subnet-1",
        "State": state,
        "NatGatewayAddresses": addresses,
        "Tags": tags,
    }


def test_a_gateway_waits_for_the_address_of_the_one_that_is_being_deleted():
    old, new = gateway("deleting"), gateway("pending", "nat-2")
    client, clients = scripted(
        describe_nat_gateways=[{"NatGateways": [item]} for item in (old, old, gateway("deleted"))],
        create_nat_gateway=[{"NatGateway": new}],
    )
    adapter = NatGatewayAdapter(clients, SCOPE)
    (existing,) = adapter.observe([], {})
    assert adapter.discarded(existing) and existing.reason == "it is being deleted already"
    made = adapter.create(Resource("nat_gateway", ZONE, {"subnet_id": "subnet-1", "allocation_id": "eipalloc-1"}), {})
    assert (made.id, made.state) == ("nat-2", "pending")
    assert client.calls == ["describe_nat_gateways"] * 3 + ["create_nat_gateway"]


def test_after_a_lost_answer_a_failed_gateway_is_not_taken_for_the_new_one():
    _client, clients = scripted(
        describe_nat_gateways=[{"NatGateways": [gateway("failed"), gateway("pending", "nat-2")]}]
    )
    assert NatGatewayAdapter(clients, SCOPE).find(ZONE).id == "nat-2"
