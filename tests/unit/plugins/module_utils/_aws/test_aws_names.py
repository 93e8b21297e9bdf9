# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of buckets that S3 takes."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.names import is_bucket_name


@pytest.mark.parametrize("name", ["acme-states", "a.b", "123", "a" * 63])
def test_names_that_s3_takes(name):
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name", ["ab", "a" * 64, "Acme", "acme-", "a..b", "10.0.0.1", "xn--acme", "sthree-acme", "amzn-s3-demo-acme", ""]
)
def test_names_that_s3_refuses(name):
    assert not is_bucket_name(name)
