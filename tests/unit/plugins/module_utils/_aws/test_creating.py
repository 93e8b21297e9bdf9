# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A create call without a client token leaves one resource, whatever happens to its answer."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.creating import create_once
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.errors import is_not_found
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError


def client_error(code, status=400):
    return ClientError(
        {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "CreateVpc"
    )


class Account:
    """Creates on call; loses the answer when told to; shows what exists only after some lists."""

    def __init__(self, errors, executed=True, delay=0):
        self.errors, self.executed, self.delay = list(errors), executed, delay
        self.made, self.calls, self.slept = [], 0, []

    def create(self):
        self.calls += 1
        error = self.errors.pop(0) if self.errors else None
        if error is None or self.executed:
            self.made.append(f"vpc-{self.calls}")
        if error is not None:
            raise error
        return self.made[-1]

    def find(self):
        self.delay -= 1
        return self.made[0] if self.made and self.delay < 0 else None

    def run(self, **settings):
        return create_once(self.create, self.find, sleep=self.slept.append, **settings)


@pytest.mark.parametrize("error", [ConnectionClosedError(endpoint_url="x"), client_error("InternalError", 500)])
def test_a_lost_answer_finds_what_was_made(error):
    account = Account([error], delay=3)
    assert account.run() == "vpc-1"
    assert account.calls == 1 and len(account.slept) == 3


def test_a_request_that_was_not_carried_out_is_sent_again_after_the_window():
    account = Account([ConnectionClosedError(endpoint_url="x")], executed=False)
    assert account.run(window_seconds=5) == "vpc-2"
    assert sum(account.slept) >= 5


def test_throttling_is_waited_out_without_a_search():
    account = Account([client_error("RequestLimitExceeded", 503), client_error("Throttling")], executed=False)
    assert account.run() == "vpc-3"
    assert len(account.slept) == 2


def test_an_unreachable_endpoint_is_tried_again():
    account = Account([EndpointConnectionError(endpoint_url="x")], executed=False)
    assert account.run() == "vpc-2"


def test_other_errors_are_raised_at_once():
    account = Account([client_error("VpcLimitExceeded")], executed=False)
    with pytest.raises(ClientError, match="VpcLimitExceeded"):
        account.run()
    assert account.calls == 1


def test_it_gives_up():
    account = Account([ConnectionClosedError(endpoint_url="x")] * 9, executed=False)
    with pytest.raises(ConnectionClosedError):
        account.run(window_seconds=1)
    assert account.calls == 4


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidVpcID.NotFound", True),
        ("NoSuchBucket", True),
        ("404", True),
        ("ResourceNotFoundException", True),
        ("AccessDenied", False),
    ],
)
def test_not_found_in_the_words_of_many_services(code, expected):
    assert is_not_found(client_error(code)) is expected
