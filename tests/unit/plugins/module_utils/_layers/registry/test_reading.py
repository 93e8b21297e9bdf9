"""Reading a large registry, which moto's tagging service does not know."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.ecr import reading

SCOPE = Scope("acme-prod", "registry")


@pytest.mark.parametrize(("others", "tag_reads"), [(reading.TAG_READS, reading.TAG_READS), (reading.TAG_READS + 1, 1)])
def test_tags_are_read_one_by_one_or_looked_up_in_the_tagging_service(others, tag_reads):
    described = [{"repositoryName": f"r{number}", "repositoryArn": f"arn:{number}"} for number in range(others)]
    ours = [{"Key": name, "Value": value} for name, value in SCOPE.tags("seven").items()]
    ecr, tagging = mock.Mock(), mock.Mock()
    ecr.list_tags_for_resource.side_effect = lambda **arguments: {
        "tags": ours if arguments["resourceArn"] == "arn:7" else []
    }
    tagging.get_paginator.return_value.paginate.return_value = [
        {"ResourceTagMappingList": [{"ResourceARN": "arn:7", "Tags": []}]}
    ]
    clients = mock.Mock()
    clients.get.side_effect = {"ecr": ecr, "resourcegroupstaggingapi": tagging}.get
    with ThreadPoolExecutor(max_workers=2) as pool:
        assert list(reading.tagged(clients, SCOPE, described, pool)) == ["r7"]
    assert ecr.list_tags_for_resource.call_count == tag_reads
