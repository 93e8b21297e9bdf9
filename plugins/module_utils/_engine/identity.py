# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Identity tags: how a resource of ours is found again, whatever its name, CIDR or position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """One layer of one deployment. Its resources carry <prefix>deployment, <prefix>layer and <prefix>key."""

    deployment: str
    layer: str
    prefix: str = "connectly:"

    def tags(self, key: str) -> dict[str, str]:
        return {**self.set_tags(), f"{self.prefix}key": key}

    def set_tags(self) -> dict[str, str]:
        """The tags that every resource of this set carries."""
        return {f"{self.prefix}deployment": self.deployment, f"{self.prefix}layer": self.layer}

    def identity(self, key: str) -> str:
        """What the tags say, for a message."""
        return f"{self.deployment}/{self.layer}/{key}"

    def key_of(self, tags: Mapping[str, str]) -> str | None:
        """The key of a resource with these tags, or None where the resource is not of this set."""
        if any(tags.get(name) != value for name, value in self.set_tags().items()):
            return None
        return tags.get(f"{self.prefix}key")

    def owner_of(self, tags: Mapping[str, str]) -> str:
        """Who owns a resource with these tags, in words for an error message."""
        deployment = tags.get(f"{self.prefix}deployment")
        if deployment is None:
            return f"it carries no {self.prefix}deployment tag"
        return f"it belongs to deployment {deployment}, layer {tags.get(f'{self.prefix}layer', '?')}"
