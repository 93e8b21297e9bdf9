# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rotating the AUTH token of a cache in AWS's two steps, so that a killed rotation is simply run again.

The secret remembers how far a rotation has come: AWSPENDING is on a token that the cache may not know yet, ROTATED on
one that the cache takes beside the one before. The token becomes AWSCURRENT when the cache takes both, and the other
one is dropped after that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..._aws.clients import Clients
from ..._aws.errors import error_code
from ..._aws.retrying import retried
from ..._aws.tags import tag_dict
from ..._engine.model import Existing, InputError, Refused
from ..secretsmanager import secret, token
from .replication_group import ReplicationGroupAdapter
from .tags import BUSY_CHANGES

PENDING, CURRENT, ROTATED = "AWSPENDING", "AWSCURRENT", "ROTATED"

BUSY_SECONDS = 120.0
"""For so long, beside the waits, AWS may refuse to change a cache that says it is available."""

MAKE, ROTATE, SET = "make_token", "rotate", "set"


@dataclass(frozen=True)
class Progress:
    """How far a rotation has come, by version ids of the secret: nothing, a pending token, or a rotated one."""

    current: str = ""
    pending: str = ""
    rotated: str = ""

    @classmethod
    def of(cls, stages: dict[str, list[str]]) -> Progress:
        """From VersionIdsToStages of DescribeSecret."""
        versions = {label: version for version, labels in stages.items() for label in labels}
        return cls(versions.get(CURRENT, ""), versions.get(PENDING, ""), versions.get(ROTATED, ""))

    def steps(self, wanted: str) -> list[str]:
        """What remains to be done for the steps both, rotate or set."""
        if self.rotated:
            if wanted == ROTATE:
                raise InputError(
                    "the last rotation is not finished: the token before is still valid; take step set first, or both"
                )
            return [SET]
        if wanted == SET:
            if self.pending:
                raise InputError(
                    "a rotation was interrupted before the cache took the new token; take step rotate first, or both"
                )
            return []
        return [*([] if self.pending else [MAKE]), ROTATE, *([SET] if wanted == "both" else [])]


@dataclass
class Rotation:
    """One run. done lists the steps that were taken, for a truthful result also after a failure."""

    clients: Clients
    adapter: ReplicationGroupAdapter
    secrets: secret.AuthTokenSecretAdapter
    wait: Callable[[Existing], Existing]
    token_length: int
    done: list[str] = field(default_factory=list)

    def find(self) -> tuple[Existing, dict[str, Any] | None]:
        """The cache, and the description of its secret where that exists."""
        groups = [
            self.adapter.existing(item, self.adapter.tags_of(item))
            for item in self.adapter.described(self.adapter.name)
        ]
        if not groups:
            raise Refused(f"there is no replication group {self.adapter.name}")
        group = groups[0]
        if group.key is None:
            raise Refused(
                f"the replication group {group.id} is not of this deployment: {self.adapter.scope.owner_of(group.tags)}"
            )
        if not group.properties["transit_encryption_enabled"]:
            raise Refused(f"the replication group {group.id} has no encryption in transit, which AUTH tokens need")
        description = self.secrets.describe(self.secrets.name)
        if description is not None and self.adapter.scope.key_of(tag_dict(description.get("Tags"))) is None:
            raise Refused(f"the secret {self.secrets.name} exists, but it is not of this deployment")
        if description is not None and description.get("DeletedDate"):
            raise Refused(
                f"the secret {self.secrets.name} awaits its deletion; restore it first (aws secretsmanager "
                "restore-secret)"
            )
        return group, description

    def run(self, group: Existing, secret_id: str, steps: list[str]) -> None:
        """Take the steps; each is safe to be taken twice."""
        self._wait(group)
        if MAKE in steps:
            self._make(group, secret_id)
            self.done.append(MAKE)
        if ROTATE in steps:
            self._rotate(group, secret_id, resumed=MAKE not in steps)
            self.done.append(ROTATE)
        if SET in steps:
            self._set(group, secret_id)
            self.done.append(SET)

    def progress(self, secret_id: str) -> Progress:
        return Progress.of(self.secrets.client.describe_secret(SecretId=secret_id).get("VersionIdsToStages", {}))

    def _make(self, group: Existing, secret_id: str) -> None:
        """The secret is told how old the cache's token is, so that a later run knows whether it took the new one."""
        age = {"Key": self._age_tag, "Value": self._age(group)}
        self.secrets.client.tag_resource(SecretId=secret_id, Tags=[age])
        value = token.generate(self.token_length)
        self.clients.hide(value)
        request = {"SecretId": secret_id, "SecretString": value, "VersionStages": [PENDING]}
        token.without_token(lambda: self.secrets.client.put_secret_value(**request), value)

    def _rotate(self, group: Existing, secret_id: str, resumed: bool) -> None:
        """ROTATE lets the cache take the new token beside the old one; only then clients are given the new one."""
        if not (resumed and self._sent(group, secret_id)):
            self._modify(group, secret_id, PENDING, "ROTATE")
        progress = self.progress(secret_id)
        self._move(secret_id, ROTATED, progress.pending)
        if progress.current != progress.pending:
            self._move(secret_id, CURRENT, progress.pending, progress.current)
        self._move(secret_id, PENDING, "", progress.pending)

    def _set(self, group: Existing, secret_id: str) -> None:
        """SET leaves the new token as the only one. What an interrupted run left of the labels is put right before."""
        progress = self.progress(secret_id)
        if progress.current != progress.rotated:
            self._move(secret_id, CURRENT, progress.rotated, progress.current)
        if progress.pending:
            self._move(secret_id, PENDING, "", progress.pending)
        self._modify(group, secret_id, CURRENT, "SET")
        self._move(secret_id, ROTATED, "", progress.rotated)

    @property
    def _age_tag(self) -> str:
        return f"{self.adapter.scope.prefix}rotating-from"

    def _age(self, group: Existing) -> str:
        """When AWS last changed the token of the cache, as a text."""
        return str(self.adapter.described(group.id)[0].get("AuthTokenLastModifiedDate", "never")).replace(" ", "T")

    def _sent(self, group: Existing, secret_id: str) -> bool:
        """Whether the cache took this token before a run was killed: a second ROTATE would drop the token before it."""
        tags = tag_dict(self.secrets.client.describe_secret(SecretId=secret_id).get("Tags"))
        return tags.get(self._age_tag, self._age(group)) != self._age(group)

    def _modify(self, group: Existing, secret_id: str, stage: str, strategy: str) -> None:
        value = secret.read_token(self.clients, secret_id, stage)
        self.clients.hide(value)
        request = {
            "ReplicationGroupId": group.id,
            "AuthToken": value,
            "AuthTokenUpdateStrategy": strategy,
            "ApplyImmediately": True,
        }
        before = self._age(group)
        # Clients are given a token only when the cache takes it, and not because AWS says "available" as it did before
        # the change.
        self.adapter.token_changed(group)

        def send() -> None:
            # Where the answer was lost, botocore asks again and is refused by a cache that is busy with this very
            # change.
            if self._age(group) == before:
                self.adapter.client.modify_replication_group(**request)
                self.adapter.token_changed(group)

        token.without_token(
            lambda: retried(send, lambda error: self._free_again(group, error), BUSY_SECONDS, self.adapter.sleep), value
        )
        self._wait(group)

    def _wait(self, group: Existing) -> None:
        """Wait until the cache takes changes; group knows then how it is."""
        group.raw = self.wait(group).raw

    def _free_again(self, group: Existing, error: Exception) -> bool:
        """Whether a refused change can be sent again, after a wait: AWS may say late that a cache is busy."""
        if error_code(error) not in BUSY_CHANGES:
            return False
        self._wait(group)
        return True

    def _move(self, secret_id: str, label: str, to: str, source: str = "") -> None:
        ends = {**({"MoveToVersionId": to} if to else {}), **({"RemoveFromVersionId": source} if source else {})}
        self.secrets.client.update_secret_version_stage(SecretId=secret_id, VersionStage=label, **ends)
