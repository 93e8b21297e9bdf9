# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The replication group, where ElastiCache behaves otherwise than emulators do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    PENDING,
    READY,
    ApplyFailed,
    Resource,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache import (
    replication_group,
)
from botocore.exceptions import ClientError
from fake_aws import SCOPE, TAGS, FakeClient, Time, error, wait

NAME = "acme-redis"


class ElastiCache:
    """One group of two members. before_describe is called with the group before each answer, so that a test can play
    AWS's part.
    """

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
            list_tags_for_resource=lambda **_request: {
                "TagList": [{"Key": name, "Value": value} for name, value in TAGS.items()]
            },
            add_tags_to_resource=self._answer,
            modify_replication_group=self._answer,
            increase_replica_count=self._answer,
        )
        self.time = Time()
        self.adapter = replication_group.ReplicationGroupAdapter(self.client.clients(), SCOPE, NAME, wait_seconds=600)
        self.adapter.sleep = self.time.sleep

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

    def shows_after(self, polls: int, **changes: Any):
        """The next change shows after so many polls; until then AWS says "available" and shows the state before."""
        left = [polls]

        def describe(group):
            left[0] -= 1
            if left[0] <= 0:
                group.update(changes)

        self.before_describe = describe

    def update(self, **properties: Any) -> tuple[Any, float]:
        """A run that changes these properties: what became ready, and the seconds of the wait."""
        found = self.listed(**properties)
        wanted = self.wanted(**properties)
        return wait(self.adapter, self.adapter.update(wanted, found, self.adapter.differences(wanted, found)))

    def wanted(self, **properties):
        return Resource(
            self.adapter.type, "main", {"identifier": NAME, "engine": "redis", "engine_version": "7.1", **properties}
        )

    def listed(self, **properties):
        return self.adapter.observe([self.wanted(**properties)], {})[0]


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
        {
            "ReplicationGroupId": NAME,
            "ApplyImmediately": True,
            "SnapshotRetentionLimit": 7,
            "SnapshottingClusterId": f"{NAME}-002",
        }
    ]


STEPS = {"description": "new", "node_type": "cache.m7g.large"}


def test_a_step_that_shows_late_does_not_lose_the_steps_after_it(aws):
    aws.shows_after(5, Description="new")
    aws.update(**STEPS)
    sent = [sorted(request) for request in aws.client.requests("modify_replication_group")]
    assert sent == [
        ["ApplyImmediately", "ReplicationGroupDescription", "ReplicationGroupId"],
        ["ApplyImmediately", "CacheNodeType", "ReplicationGroupId"],
    ]


def test_the_next_step_waits_until_the_one_before_shows(aws):
    polls_at_the_second_step = []

    def modify(**request):
        if "CacheNodeType" in request:
            polls_at_the_second_step.append(aws.group["Description"])
        return {"ReplicationGroup": {}}

    aws.client.answers["modify_replication_group"] = modify
    aws.shows_after(5, Description="new")
    aws.update(**STEPS)
    assert polls_at_the_second_step == ["new"]


def test_a_step_that_never_shows_is_not_repeated_and_hides_no_other(aws):
    _ready, seconds = aws.update(**STEPS)
    assert len(aws.client.requests("modify_replication_group")) == 2
    assert 120 < seconds < 170  # a minute for each


def test_a_step_that_shows_at_once_costs_one_poll_and_no_pause(aws):
    def modify(ReplicationGroupDescription, **_request):  # noqa: N803
        aws.group["Description"] = ReplicationGroupDescription
        return {"ReplicationGroup": {}}

    aws.client.answers["modify_replication_group"] = modify
    _ready, seconds = aws.update(description="new")
    assert (seconds, len(aws.client.requests("describe_replication_groups"))) == (0, 2)  # of the list, and of the wait


def test_a_change_right_after_the_tags_is_tried_until_the_group_takes_it(aws):
    """AWS makes the group busy for its tags, says so late, and refuses the change in the meantime."""
    found = aws.listed(description="new")
    aws.adapter.set_tags(found, {"Team": "x"})
    aws.refusals = [error("InvalidReplicationGroupState")] * 6

    def modify(**request):
        answer = aws._answer(**request)
        aws.group["Description"] = "new"
        return answer

    aws.client.answers["modify_replication_group"] = modify
    wanted = aws.wanted(description="new")
    ready, seconds = wait(aws.adapter, aws.adapter.update(wanted, found, []))
    assert (
        ready.properties["description"] == "new"
        and len(aws.client.requests("modify_replication_group")) == 7
        and seconds > 5
    )


def test_a_group_that_refuses_for_ever_ends_the_wait_with_the_refusal(aws):
    aws.refusals = [error("InvalidReplicationGroupState")] * 1000
    with pytest.raises(ApplyFailed, match="InvalidReplicationGroupState"):
        aws.update(description="new")
    assert len(aws.client.requests("modify_replication_group")) == 21


def test_another_refusal_is_raised_at_once(aws):
    aws.refusals = [error("InvalidParameterValue")]
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        aws.update(description="new")


def test_tags_are_tried_again_while_the_group_says_late_that_it_is_busy(aws):
    found = aws.listed()
    aws.refusals = [error("InvalidReplicationGroupState")] * 8
    aws.adapter.set_tags(found, {"Team": "x"})
    assert len(aws.client.requests("add_tags_to_resource")) == 9 and 30 <= aws.time.now <= 60
    aws.refusals = [error("InvalidReplicationGroupState")]
    aws.time.now = 0.0
    aws.adapter.set_tags(found, {"Team": "x"})
    assert aws.time.now == 0  # one that has just become available takes them at once
    aws.refusals = [error("InvalidReplicationGroupState")] * 1000
    with pytest.raises(ClientError, match="InvalidReplicationGroupState"):
        aws.adapter.set_tags(found, {"Team": "x"})
