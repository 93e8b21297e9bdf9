# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What error codes mean."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.errors import is_access_denied
from botocore.exceptions import ClientError


@pytest.mark.parametrize(
    ("code", "denied"),
    [("AccessDenied", True), ("AccessDeniedException", True), ("403", True), ("NoSuchBucket", False), ("404", False)],
)
def test_denied_access_in_the_words_of_each_service(code, denied):
    assert is_access_denied(ClientError({"Error": {"Code": code}}, "HeadBucket")) is denied


def test_an_error_that_is_not_an_answer_of_aws_denies_nothing():
    assert not is_access_denied(ValueError("no"))
