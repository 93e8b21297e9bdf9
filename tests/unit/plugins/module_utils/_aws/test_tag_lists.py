# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags as services list them."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.tags import (
    ECS,
    KMS,
    tag_dict,
    tag_list,
)

TAGS = {"Name": "acme", "Owner": ""}


@pytest.mark.parametrize("members", [("Key", "Value"), ECS, KMS])
def test_there_and_back(members):
    assert tag_dict(tag_list(TAGS, members), members) == TAGS


@pytest.mark.parametrize("nothing", [None, [], [{}]])
def test_no_tags_in_every_form_that_services_have_for_it(nothing):
    assert tag_dict(nothing) == {}


def test_a_tag_without_a_value_has_an_empty_one():
    assert tag_dict([{"Key": "Owner"}]) == {"Owner": ""}
