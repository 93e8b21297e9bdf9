# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Terraform lock says about its owner: the JSON text of the lock item or lock file. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

_NAMES = {
    "id": "ID",
    "operation": "Operation",
    "info": "Info",
    "who": "Who",
    "version": "Version",
    "created": "Created",
    "path": "Path",
}


@dataclass(frozen=True)
class LockInfo:
    """Terraform's statemgr.LockInfo. id is a UUID, created an RFC 3339 time, path "<bucket>/<key>"."""

    id: str = ""
    operation: str = ""
    info: str = ""
    who: str = ""
    version: str = ""
    created: str = ""
    path: str = ""

    def text(self) -> str:
        """The JSON text that Terraform reads."""
        return json.dumps({_NAMES[name]: value for name, value in asdict(self).items()})

    def holder(self) -> str:
        """Who holds the lock, in words for a message."""
        details = ", ".join(part for part in (self.operation, self.info) if part)
        return (
            f"{self.who or 'an unknown owner'} since "
            f"{self.created or 'an unknown time'}{f' ({details})' if details else ''}, lock ID {self.id or 'unknown'}"
        )


def parse(text: str) -> LockInfo:
    """Read a lock of any origin; what cannot be read stays empty."""
    try:
        data = json.loads(text)
    except ValueError:
        return LockInfo()
    if not isinstance(data, dict):
        return LockInfo()
    return LockInfo(**{name: str(data.get(key) or "") for name, key in _NAMES.items()})
