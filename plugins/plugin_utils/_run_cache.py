# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cache that lasts for one run:

Ansible executes each task in a fork of its own, so what a process remembers is lost after the task.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from typing import Any

from ansible import constants


class RunCache:
    """JSON values by key, in files of the run's own temporary directory, which Ansible removes at the end."""

    def __init__(self, name: str, directory: str | None = None):
        self._name = name
        self._directory = directory
        self._known: dict[str, Any] = {}

    def get(self, key: list[str]) -> Any:
        """The value, or None where this run has not put one."""
        path = self._path(key)
        if path not in self._known:
            try:
                with open(path, encoding="utf-8") as stream:
                    self._known[path] = json.load(stream)
            except (OSError, ValueError):
                return None
        return self._known[path]

    def put(self, key: list[str], value: Any) -> None:
        """Remember a value. Where the directory cannot be written, this process alone does."""
        path = self._path(key)
        self._known[path] = value
        with contextlib.suppress(OSError):
            descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump(value, stream)
            os.replace(temporary, path)  # another fork reads the old file or the new one, never half of it

    def clear(self) -> None:
        """Forget what this process remembers; files of the run stay."""
        self._known.clear()

    def _path(self, key: list[str]) -> str:
        # The key holds credentials: only its hash is written.
        digest = hashlib.sha256(json.dumps([self._name, *key]).encode()).hexdigest()
        return os.path.join(self._directory or constants.DEFAULT_LOCAL_TMP, f"{self._name}-{digest}.json")
