# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wrong values of AWS's own kinds, told in one way."""

from __future__ import annotations

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import placeholder
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.aws_problems import (
    account_id_problems,
    all_tags_problems,
    key_arn_problems,
    statement_problems,
)


def texts(problems):
    return [problem.text() for problem in problems]


def test_an_alias_is_refused_where_a_key_arn_is_needed():
    assert texts(key_arn_problems("kms_key_arn", "alias/acme", "give the ARN")) == [
        "kms_key_arn is 'alias/acme'; give the ARN"
    ]


def test_a_key_that_is_left_out_or_not_made_yet_is_no_problem():
    for value in (None, "", placeholder("arn:aws:kms:::key/{}", "main")):
        assert texts(key_arn_problems("kms_key_arn", value, "give the ARN")) == []


def test_an_account_id_that_yaml_read_as_a_number():
    (text,) = texts(account_id_problems("account_id", 12345678901))
    assert "quote it, since YAML drops leading zeros" in text


def test_a_statement_with_a_wrong_sid_and_a_wrong_effect():
    assert texts(statement_problems("policy_statements[0]", {"Sid": "not one", "Effect": "allow"})) == [
        "policy_statements[0].Sid is 'not one'; a Sid has 1 to 100 letters and digits",
        "policy_statements[0].Effect is 'allow'; allowed are Allow and Deny",
    ]


def test_too_many_tags_together_with_those_of_the_deployment():
    deployment = {f"deployment-{number}": "x" for number in range(30)}
    own = {f"own-{number}": "x" for number in range(20)}
    (text,) = texts(all_tags_problems("buckets[0].tags", "S3", own, deployment))
    assert text.startswith("buckets[0].tags is '51 tags with those of the deployment'")
    assert text.endswith("S3 takes 50 tags in all, 45 beside the identity tags")
    assert texts(all_tags_problems("buckets[0].tags", "S3", {}, deployment)) == []
