# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The replication group, where ElastiCache behaves otherwise than emulators do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils.data.replication_group import ReplicationGroupAdapter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils.engine.model import PENDING, READY, Resource
from botocore.exceptions import ClientError
from fake_aws import SCOPE, TAGS, FakeClient, error, wait

NAME = "acme-redis"


class ElastiCache:
    """One group of two members. before_describe is called with the group before each answer, so that a test can play AWS's part."""

    def __init__(self):
        self.group: dict[str, Any] = {
            "ReplicationGroupId": NAME,
            "ARN": f"arn:{NAME}",
            "Status": "available",
            "Description": "x",
            "Engine": "redis",
            "CacheNodeType": "cache.t4g.small",
            "MemberClusters": [f"{NAME}-001", f"{NAME}-002"],
            "SnapshotRetentionLimit": 0,
            "NodeGroups": [
                {
                    "NodeGroupMembers": [
                        {"CacheClusterId": f"{NAME}-001", "CurrentRole": "primary"},
                        {"CacheClusterId": f"{NAME}-002", "CurrentRole": "replica"},
                    ]
                }
            ],
        }
        self.unknown_members: set[str] = set()
        self.refusals: list[ClientError] = []
        self.before_describe = lambda group: None
        self.client = FakeClient(
            describe_replication_groups=self._describe,
            describe_cache_clusters=self._describe_member,
            describe_cache_engine_versions=lambda **_request: {"CacheEngineVersions": [{"EngineVersion": "7.1"}]},
            list_tags_for_resource=lambda **_request: {"TagList": [{"Key": name, "Value": value} for name, value in TAGS.items()]},
            add_tags_to_resource=self._answer,
            modify_replication_group=self._answer,
        )
        self.adapter = ReplicationGroupAdapter(self.client.clients(), SCOPE, NAME, wait_seconds=600)

    def _describe(self, **_request):
        self.before_describe(self.group)
        return {"ReplicationGroups": [dict(self.group)]}

    def _describe_member(self, CacheClusterId):  # noqa: N803
        if CacheClusterId in self.unknown_members:
            raise error("CacheClusterNotFound")
        return {"CacheClusters": [{"CacheClusterId": CacheClusterId, "Engine": "redis", "EngineVersion": "7.1.0"}]}

    def _answer(self, **_request):
        if self.refusals:
            raise self.refusals.pop()
        return {"ReplicationGroup": dict(self.group)}

    def wanted(self, **properties):
        return Resource(self.adapter.type, "main", {"identifier": NAME, "engine": "redis", "engine_version": "7.1", **properties})

    def listed(self, **properties):
        return self.adapter.list([self.wanted(**properties)], {})[0]


@pytest.fixture
def aws():
    return ElastiCache()


def test_a_group_whose_first_member_is_unknown_is_described_with_another(aws):
    aws.unknown_members = {f"{NAME}-001"}
    found = aws.listed()
    assert (found.state, found.properties["engine_version"]) == (READY, "7.1.0")


def test_a_group_whose_members_are_unknown_is_not_absent_but_pending(aws):
    aws.unknown_members = {f"{NAME}-001", f"{NAME}-002"}
    found = aws.listed(node_count=1)
    assert (found.id, found.owned, found.state) == (NAME, True, PENDING)
    assert aws.adapter.differences(aws.wanted(node_count=1), found) == []
    assert aws.client.requests("describe_cache_engine_versions") == []


def test_a_group_whose_members_become_known_is_ready(aws):
    aws.unknown_members = {f"{NAME}-001", f"{NAME}-002"}
    found, polls = aws.listed(), []

    def known_later(_group):
        polls.append(1)
        if len(polls) == 4:
            aws.unknown_members = set()

    aws.before_describe = known_later
    ready, seconds = wait(aws.adapter, found)
    assert (ready.state, len(polls)) == (READY, 4) and seconds > 0


def test_an_error_other_than_not_found_of_a_member_is_raised(aws):
    aws.client.answers["describe_cache_clusters"] = lambda **_request: (_ for _ in ()).throw(error("AccessDenied"))
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.listed()


def test_backups_that_are_switched_on_name_a_replica(aws):
    found = aws.listed(snapshot_retention_days=7)
    aws.adapter.update(aws.wanted(snapshot_retention_days=7), found, [])
    assert aws.client.requests("modify_replication_group") == [
        {"ReplicationGroupId": NAME, "ApplyImmediately": True, "SnapshotRetentionLimit": 7, "SnapshottingClusterId": f"{NAME}-002"}
    ]
