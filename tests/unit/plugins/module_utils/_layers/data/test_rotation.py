# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients are given the new token only when the cache takes it, however late AWS says what it does."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import PENDING
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache import (
    replication_group,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache.rotation import (
    MAKE,
    ROTATE,
    SET,
    Rotation,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.secretsmanager.secret import (
    AuthTokenSecretAdapter,
)
from botocore.exceptions import ClientError
from fake_aws import SCOPE, TAGS, FakeClient, Time, error, wait

NAME = "acme-redis"
TAG_LIST = [{"Key": name, "Value": value} for name, value in TAGS.items()]


class Aws:
    """ElastiCache and Secrets Manager. late: for so many polls after each change, AWS says available and tells the
    date before it.
    """

    def __init__(self, late=0, gives_dates=True):
        self.late, self.gives_dates = late, gives_dates
        self.date, self.shown, self.left = 0, 0, 0
        self.refusals = 0
        self.lost = 0  # so many changes are carried out, and refused when botocore asks again for the lost answer
        self.stages = {"1": ["AWSCURRENT"]}
        self.tokens = {"1": "f" * 40}
        self.log = []
        self.seconds = 0.0
        self.client = FakeClient(
            describe_replication_groups=self._describe,
            describe_cache_clusters=lambda **_request: {
                "CacheClusters": [{"Engine": "redis", "EngineVersion": "7.1.0"}]
            },
            list_tags_for_resource=lambda **_request: {"TagList": TAG_LIST},
            modify_replication_group=self._modify,
            describe_secret=lambda **_request: {"VersionIdsToStages": self.stages, "Tags": TAG_LIST},
            tag_resource=lambda **_request: {},
            put_secret_value=self._put,
            get_secret_value=self._get,
            update_secret_version_stage=self._move,
        )

    def _describe(self, **_request):
        self.left -= 1
        if self.left <= 0:
            self.shown = self.date
        dates = {"AuthTokenLastModifiedDate": f"2026-01-01T00:00:{self.shown:02}"} if self.gives_dates else {}
        group = {
            "ReplicationGroupId": NAME,
            "ARN": f"arn:{NAME}",
            "Status": "available",
            "MemberClusters": [f"{NAME}-001"],
            **dates,
        }
        return {"ReplicationGroups": [{**group, "TransitEncryptionEnabled": True, "AuthTokenEnabled": True}]}

    def _modify(self, AuthTokenUpdateStrategy, **_request):  # noqa: N803
        if self.refusals:
            self.refusals -= 1
            raise error("InvalidReplicationGroupState")
        self.date += 1
        self.left = self.late
        self.log.append(AuthTokenUpdateStrategy)
        if self.lost:
            self.lost -= 1
            raise error("InvalidReplicationGroupState")
        return {}

    def _put(self, SecretString, VersionStages, **_request):  # noqa: N803
        self.stages["2"], self.tokens["2"] = list(VersionStages), SecretString
        return {}

    def _get(self, VersionStage, **_request):  # noqa: N803
        return {
            "SecretString": next(
                self.tokens[version] for version, labels in self.stages.items() if VersionStage in labels
            )
        }

    def _move(self, VersionStage, MoveToVersionId="", **_request):  # noqa: N803
        for labels in self.stages.values():
            if VersionStage in labels:
                labels.remove(VersionStage)
        if MoveToVersionId:
            self.stages[MoveToVersionId].append(VersionStage)
        self.log.append(f"{VersionStage} {'shown' if self.shown == self.date else 'too early'}")
        return {}

    def rotate(self):
        adapter = replication_group.ReplicationGroupAdapter(self.client.clients(), SCOPE, NAME, wait_seconds=600)
        time = Time()
        adapter.sleep = time.sleep
        secrets = AuthTokenSecretAdapter(self.client.clients(), SCOPE, f"{NAME}-auth-token")

        def wait_ready(group):
            group.state = PENDING
            ready, seconds = wait(adapter, group)
            self.seconds += seconds
            return ready

        rotation = Rotation(self.client.clients(), adapter, secrets, wait_ready, 40)
        group, _description = rotation.find()
        try:
            rotation.run(group, "arn:secret", [MAKE, ROTATE, SET])
        finally:
            self.paused = time.now


STEPS = ["ROTATE", "ROTATED shown", "AWSCURRENT shown", "AWSPENDING shown", "SET", "ROTATED shown"]


@pytest.mark.parametrize("late", [0, 1, 5])
def test_labels_move_when_the_cache_shows_the_change(late):
    aws = Aws(late)
    aws.rotate()
    assert aws.log == STEPS and (aws.seconds > 0) == (late > 1)


def test_a_cache_that_tells_no_date_is_waited_for_a_minute_each_time():
    aws = Aws(gives_dates=False)
    aws.rotate()
    assert aws.log == STEPS and 120 < aws.seconds < 170


def test_a_change_that_a_busy_cache_refuses_is_sent_again():
    aws = Aws()
    aws.refusals = 6
    aws.rotate()
    assert aws.log == STEPS and aws.paused > 0


def test_a_cache_that_refuses_for_ever_ends_the_rotation():
    aws = Aws()
    aws.refusals = 1000
    with pytest.raises(ClientError, match="InvalidReplicationGroupState"):
        aws.rotate()
    assert 120 <= aws.paused < 130 and aws.log == []


@pytest.mark.parametrize("late", [0, 5])
def test_a_change_whose_answer_is_lost_is_not_made_twice(late):
    """A second ROTATE would drop the token that clients still use."""
    aws = Aws(late)
    aws.lost = 2
    aws.rotate()
    assert aws.log == STEPS
