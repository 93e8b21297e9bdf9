# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state objects that Terraform's consumers read: one per key, written under Terraform's own locks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import ApplyFailed, Difference, Existing, Refused, Resource
from .comparison import differences
from .document import following, typed
from .settling import Settling
from .store import Store, Stored


@dataclass(frozen=True)
class Rules:
    """What may be written over: outputs whose loss or new type is allowed, and states of others."""

    allow_changes: frozenset[str] = frozenset()
    overwrite_managed: bool = False


class TerraformStateAdapter(AwsAdapter):
    type = "terraform_state"
    after = ("terraform_state_bucket",)  # in which it lies
    waits_for = ("dynamodb_table",)
    taggable = False

    def __init__(
        self,
        clients: Clients,
        scope: Scope,
        store: Store,
        settling: Settling,
        keys: Sequence[str],
        rules: Rules,
        locked: Callable[[str], AbstractContextManager[None]],
    ):
        """keys are all state keys of the set; locked(key) holds the locks of one state."""
        super().__init__(clients, scope)
        self._store = store
        self._settling = settling
        self._keys = keys
        self._rules = rules
        self._locked = locked
        self.id_pattern = f"s3://{store.bucket}/{{}}"

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        existing = []
        for key in self._keys:
            stored = self._settling.read(key, Refused, removing=not wanted)
            # A digest without an object is what a killed removal or a hand left: to be removed, and nothing to compare
            # with.
            if stored.body is not None or (stored.digest is not None and not wanted):
                existing.append(self._existing(stored))
        return existing

    def _existing(self, stored: Stored) -> Existing:
        document = stored.document
        facts: dict[str, Any] = {
            "bucket": self._store.bucket,
            "key": stored.key,
            "md5": stored.md5,
            "digest": stored.digest,
        }
        if document is not None:
            facts.update(serial=document.serial, lineage=document.lineage)
        outputs = {name: output.value for name, output in document.outputs.items()} if document else {}
        identifier = f"s3://{self._store.bucket}/{stored.key}"
        return Existing(self.type, stored.key, identifier, {"outputs": outputs}, attributes=facts, raw=stored)

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        return self._compare(existing.raw, wanted.properties["outputs"])

    def _compare(self, stored: Stored, outputs: dict[str, Any]) -> list[Difference]:
        owner = self._other_owner(stored)
        if owner:
            return [Difference("deployment", stored.deployment, self.scope.deployment, owner)]
        document = stored.document
        found = [Difference("outputs", None, outputs)]
        if document is not None:
            found = differences(
                document, outputs, allow_changes=self._rules.allow_changes, overwrite=self._rules.overwrite_managed
            )
        if self._store.lock_table and (found or stored.digest != stored.md5):
            # Its new value follows from the serial and the lineage at the time of writing.
            found.append(Difference("digest", stored.digest, "the MD5 of the new object" if found else stored.md5))
        return found

    def _other_owner(self, stored: Stored) -> str:
        if stored.deployment in ("", self.scope.deployment):
            return ""
        return f"it was published by deployment {stored.deployment}; not taken over"

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        return self._write(wanted, lineage="")

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        return self._write(wanted, lineage=existing.attributes.get("lineage", ""))

    def _write(self, wanted: Resource, lineage: str) -> Existing:
        """Compare again under the lock, since others may have written until now, and write what differs still."""
        key, outputs = wanted.key, wanted.properties["outputs"]
        with self._locked(key):
            stored = self._settling.read(key, ApplyFailed, locked=True)
            document = stored.document
            found = self._compare(stored, outputs)
            refusals = [f"{item.path}: {item.refusal}" for item in found if item.refusal]
            if lineage and (document is None or document.lineage != lineage):
                refusals.append(
                    f"its lineage was {lineage} when this run read it and "
                    f"{f'is {document.lineage}' if document else 'it is gone'} now"
                )
            if refusals:
                raise ApplyFailed(
                    f"The state {self.id_pattern.format(key)} was changed by somebody else: {' | '.join(refusals)}"
                )
            if any(item.path != "digest" for item in found):
                if document is not None and document.problem and stored.body is not None:
                    self._store.keep_copy(key, stored.body)
                stored = self._store.write(key, following(document, typed(outputs)), self.scope.deployment)
            elif found:
                stored = self._store.write_digest(stored, document.serial if document else 0)
            return self._existing(stored)

    def refuse_delete(self, existing: Existing) -> str:
        document = existing.raw.document
        if document is not None and document.problem:
            return f"it {document.problem}; only states that this module wrote are removed"
        return self._other_owner(existing.raw)

    def delete(self, existing: Existing) -> None:
        key = str(existing.key)
        with self._locked(key):
            stored = self._settling.read(key, ApplyFailed, locked=True, removing=True)
            refusal = self.refuse_delete(self._existing(stored))
            if refusal:
                raise ApplyFailed(f"The state {existing.id} was changed by somebody else: {refusal}")
            self._store.delete(stored)
