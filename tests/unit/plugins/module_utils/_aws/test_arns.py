# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ARNs of all partitions, and of nothing else."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws import arns

UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = f"arn:aws:kms:ap-northeast-2:123456789012:key/{UUID}"


@pytest.mark.parametrize(
    "arn",
    [
        KEY,
        f"arn:aws-cn:kms:cn-north-1:123456789012:key/{UUID}",
        f"arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/{UUID}",
        "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    ],
)
def test_keys_of_every_partition_and_multi_region_keys_are_taken(arn):
    assert arns.KMS_KEY_ARN.fullmatch(arn)


@pytest.mark.parametrize(
    "arn",
    [
        UUID,
        "alias/acme",
        "arn:aws:kms:ap-northeast-2:123456789012:alias/acme",
        f"arn:azure:kms:ap-northeast-2:123456789012:key/{UUID}",
        f"arn:aws:kms:ap-northeast-2:12345:key/{UUID}",
        f"{KEY} ",
        f"{KEY}/more",
        KEY.replace("kms", "rds"),
    ],
)
def test_what_is_no_key_arn_is_refused(arn):
    assert not arns.KMS_KEY_ARN.fullmatch(arn)


def test_roles_and_policies():
    assert arns.ROLE_ARN.fullmatch("arn:aws-cn:iam::123456789012:role/service/acme")
    assert not arns.ROLE_ARN.fullmatch("arn:aws:iam::123456789012:user/acme")
    assert not arns.ROLE_ARN.fullmatch("arn:acme:iam::123456789012:role/acme")
    assert arns.POLICY_ARN.fullmatch("arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert arns.POLICY_ARN.fullmatch("arn:aws-us-gov:iam::123456789012:policy/boundary")


def test_what_is_built_is_what_is_matched():
    root = arns.account_root_arn("aws-cn", "123456789012")
    assert arns.ACCOUNT_ROOT_ARN.fullmatch(root)["account"] == "123456789012"
    bucket = arns.bucket_arn("aws-us-gov", "acme-logs")
    assert arns.BUCKET_ARN.fullmatch(f"{bucket}/*")["bucket"] == "acme-logs"
    assert arns.BUCKET_ARN.fullmatch(bucket)["bucket"] == "acme-logs"
    assert arns.regional_arn("aws", "logs", "eu-west-1", "123456789012") == "arn:aws:logs:eu-west-1:123456789012:*"


def test_a_key_is_the_same_under_its_arn_and_its_id():
    assert arns.same_key(KEY, KEY) and arns.same_key(KEY, UUID) and arns.same_key(UUID, KEY)
    assert not arns.same_key("", KEY) and not arns.same_key("other", KEY)


def test_the_replicas_of_a_multi_region_key_are_different_keys():
    replica = KEY.replace("ap-northeast-2", "eu-west-1")
    assert not arns.same_key(KEY, replica), "a database would be said to have a key of another region"
