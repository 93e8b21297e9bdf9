# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Statements of ours beside those of other teams."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws import policies

OURS = {"Sid": "SharedInfrastructurePull", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["a:B", "a:C"]}
THEIRS = {"Sid": "Auditors", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "a:B"}


def test_a_callers_statement_is_stored_under_a_sid_of_ours():
    (stored,) = policies.adopted([THEIRS])
    assert stored == {**THEIRS, "Sid": "SharedInfrastructureAuditors"}
    assert policies.is_ours(stored) and not policies.is_ours(THEIRS) and not policies.is_ours({"Effect": "Deny"})
    assert policies.sid(stored["Sid"]) == stored["Sid"], "a Sid of ours gets no second prefix"


@pytest.mark.parametrize("written", [THEIRS, [THEIRS]])
def test_a_document_may_hold_one_statement_without_a_list(written):
    assert policies.statements_of({"Statement": written}) == [THEIRS]


def test_a_document_without_statements_has_none():
    assert policies.statements_of({}) == []


def test_orders_and_single_values_in_lists_mean_nothing():
    same = {**OURS, "Action": ["a:C", "a:B"]}
    assert policies.same_statements([OURS, THEIRS], [{**THEIRS, "Action": ["a:B"]}, same])
    assert not policies.same_statements([OURS], [{**OURS, "Effect": "Deny"}])
    assert policies.same_statements([], []) and not policies.same_statements([], [OURS])


def test_the_tls_statement_is_for_the_bucket_and_its_objects():
    statement = policies.tls_only("arn:aws-cn:s3:::acme")
    assert statement["Resource"] == ["arn:aws-cn:s3:::acme", "arn:aws-cn:s3:::acme/*"]
    assert policies.is_ours(statement) and statement["Sid"] == policies.TLS_ONLY_SID
