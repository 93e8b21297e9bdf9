# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags between our form, a dictionary, and AWS's lists of pairs, whose members some services name otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

KMS = ("TagKey", "TagValue")
ECS = ("key", "value")


def tag_dict(tags: Iterable[Mapping[str, Any]] | None, members: tuple[str, str] = ("Key", "Value")) -> dict[str, str]:
    """Empty where an answer has no tags at all."""
    key, value = members
    return {tag[key]: tag.get(value, "") for tag in tags or () if tag}


def tag_list(tags: Mapping[str, str], members: tuple[str, str] = ("Key", "Value")) -> list[dict[str, str]]:
    key, value = members
    return [{key: name, value: text} for name, text in tags.items()]
