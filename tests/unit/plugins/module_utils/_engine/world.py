# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Adapters of an imaginary service, so that the engine is tested without AWS: boxes, and lids that stand on them."""

from __future__ import annotations

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.adapter import AwsAdapter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    PENDING,
    READY,
    Existing,
)

SCOPE = Scope("acme-dev", "shelf")


class Box(AwsAdapter):
    type = "box"
    id_pattern = "box-{}"
    fixed = {"size": "a box cannot grow"}
    waits_for_deletion = True

    def __init__(self, log, slow=0):
        super().__init__(Clients(lambda service, config: None), SCOPE)
        self.log = log
        self.slow = slow
        self.refreshes = 0

    def _existing(self, wanted, tags):
        return Existing(
            self.type,
            wanted.key,
            f"{self.type}-{wanted.key}",
            dict(wanted.properties),
            dict(tags),
            state=PENDING if self.slow else READY,
        )

    def create(self, wanted, tags):
        self.log.append(("create", self.type, wanted.key, dict(wanted.properties)))
        return self._existing(wanted, tags)

    def update(self, wanted, existing, differences):
        self.log.append(("update", self.type, wanted.key, {item.path: item.after for item in differences}))
        existing.properties.update({item.path: item.after for item in differences})
        return existing

    def set_tags(self, existing, tags):
        self.log.append(("tag", self.type, existing.key, tags))

    def delete(self, existing):
        self.log.append(("delete", self.type, existing.key))

    def refresh(self, existing):
        self.refreshes += 1
        self.log.append(("refresh", self.type, tuple(item.key for item in existing)))
        gone = {entry[2] for entry in self.log if entry[0] == "delete" and entry[1] == self.type}
        state = READY if self.refreshes >= self.slow else PENDING
        return [
            Existing(self.type, item.key, item.id, item.properties, item.tags, state=state)
            for item in existing
            if item.key not in gone
        ]


class Lid(Box):
    type = "lid"
    id_pattern = "lid-{}"
    fixed = {}
    waits_for = ("box",)
    waits_for_deletion = False


def existing(kind, key, properties=None, tags=None, **fields):
    """An existing resource of ours with its identity tags."""
    return Existing(kind, key, f"{kind}-{key}", properties or {}, {**SCOPE.tags(key), **(tags or {})}, **fields)
