# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The base of all adapters of AWS: its clients, what its errors mean, and what is typed into the AWS CLI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from .._engine.adapter import Adapter
from .._engine.identity import Scope
from .._engine.model import Existing
from .clients import Clients
from .errors import AWS_ERRORS, is_not_found


class AwsAdapter(Adapter):
    """A resource type of AWS. tagged_as is service and type as ARNs have them ("rds:db")."""

    errors = AWS_ERRORS
    untag_command: ClassVar[str] = ""
    """What the AWS CLI is given to take the identity from a resource: {id}, {ids}, {arn}, {tag_keys} and {tag_pairs}
    are filled in.
    """
    delete_command: ClassVar[str] = ""
    """The same to delete it."""

    def __init__(self, clients: Clients, scope: Scope):
        super().__init__(scope)
        self.clients = clients

    def is_not_found(self, error: Exception) -> bool:
        return is_not_found(error)

    def command_to_untag(self, existing: Existing, items: Sequence[Existing]) -> str:
        return self._command(self.untag_command, existing, items)

    def command_to_delete(self, existing: Existing) -> str:
        return self._command(self.delete_command, existing, [existing])

    def _command(self, template: str, existing: Existing, items: Sequence[Existing]) -> str:
        if not template:
            return ""
        names = list(self.scope.tags(""))
        text = template.format(
            id=existing.id,
            ids=" ".join(item.id for item in items),
            arn=existing.attributes.get("arn", ""),
            tag_keys=" ".join(names),
            tag_pairs=" ".join(f"Key={name}" for name in names),
        )
        region = f" --region {self.clients.region}" if self.clients.region else ""
        return f"aws {text}{region}"
