"""One resource as it was read, and the naming that makes two accounts comparable."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

IDENTITY_PREFIX = "connectly:"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Item:
    """`ids`: {string that AWS chose: suffix of its symbol}; `parent`: the id of what it belongs to when it has no
    tags.
    """

    type: str
    name: str  # what identifies it without tags; may hold ids of items read before it
    data: dict[str, Any] | None  # None: read only for the sake of its id, not shown
    tags: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    parent: str | None = None


def tag_dict(tags: Any) -> dict[str, str]:
    """Tags as a dictionary, whichever of AWS's spellings they come in."""
    if not tags:
        return {}
    if isinstance(tags, dict):
        return dict(sorted(tags.items()))
    pairs = ({name.lower().removeprefix("tag"): value for name, value in tag.items()} for tag in tags)
    return dict(sorted((pair["key"], pair["value"]) for pair in pairs))


def paged(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    """All elements of a list operation over its pages; `key` is where an answer holds them."""
    if not client.can_paginate(operation):
        yield from getattr(client, operation)(**arguments).get(key, [])
        return
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key, [])


def pick(source: dict, *names: str) -> dict[str, Any]:
    """The named fields that are there and say something."""
    return {name: source[name] for name in names if source.get(name) not in (None, [], {}, "")}


def omit(source: dict, *patterns: str) -> dict[str, Any]:
    """All fields but the answer's metadata and those whose names match one of the patterns (whole name)."""
    unwanted = re.compile("|".join(["ResponseMetadata", *patterns]))
    return {
        name: value
        for name, value in source.items()
        if not unwanted.fullmatch(name) and value not in (None, [], {}, "")
    }


def policy(text: str | dict | None) -> Any:
    """A policy document as data."""
    return json.loads(text) if isinstance(text, str) and text else text


def identity(tags: dict[str, str], prefix: str) -> str | None:
    """`deployment/layer/key` out of the identity tags; None when there is no deployment tag."""
    if f"{prefix}deployment" not in tags:
        return None
    return "/".join(tags.get(prefix + part, "-") for part in ("deployment", "layer", "key"))


class Symbols:
    """Replaces ids by `<type:key>`; an id that nobody introduced stays as it is."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._pattern: re.Pattern | None = None

    def add(self, ids: dict[str, str], symbol: str) -> None:
        """Makes the ids of one resource known."""
        self._names.update({text: f"<{symbol}{suffix}>" for text, suffix in ids.items() if text})
        self._pattern = None

    def replace(self, value: Any) -> Any:
        """The value with symbols for ids, in texts of any depth; lists whose order AWS does not keep come sorted."""
        if isinstance(value, dict):
            return {self.replace(key): self.replace(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set)):
            return sorted((self.replace(item) for item in value), key=_order)
        if not isinstance(value, str) or not self._names:
            return value
        if self._pattern is None:
            # Longest first: an ARN before the id that it ends with. Whole words: 10.0.0.1 is not in 10.0.0.10.
            known = "|".join(re.escape(text) for text in sorted(self._names, key=len, reverse=True))
            self._pattern = re.compile(rf"(?<!\w)(?:{known})(?!\w)")
        return self._pattern.sub(lambda found: self._names[found.group()], value)


def without_chance(text: str) -> str:
    """A text with what differs from run to run (times, digests, UUIDs) replaced."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?", "<time>", text)
    return re.sub(r"\b([0-9a-f]{64}|[0-9a-f]{32})\b", "<digest>", _UUID.sub("<uuid>", text))


def assemble(items: Iterable[Item], deployment: str | None, prefix: str) -> dict[str, dict[str, list[dict]]]:
    """{type: {key: [data, ...]}}; more than one element under a key is a doubled resource."""
    symbols = Symbols()
    seen: Counter[tuple[str, str]] = Counter()
    owner_of: dict[str | None, str | None] = {}
    kept: list[tuple[Item, str]] = []
    for item in items:
        key = identity(item.tags, prefix) or _UUID.sub("<uuid>", symbols.replace(item.name))
        seen[item.type, key] += 1
        number = seen[item.type, key]
        symbols.add(item.ids, f"{item.type}:{key}" + (f"#{number}" if number > 1 else ""))
        owner = item.tags.get(f"{prefix}deployment") or owner_of.get(item.parent)
        owner_of.update(dict.fromkeys(item.ids, owner))
        if item.data is not None and deployment in (None, owner):
            kept.append((item, key))
    # A second pass, since data may mention what was read later.
    result: dict[str, dict[str, list[dict]]] = {}
    for item, key in kept:
        data = {**symbols.replace(item.data), "tags": symbols.replace(item.tags)}
        result.setdefault(item.type, {}).setdefault(key, []).append(data)
    return {
        kind: {key: sorted(found, key=_order) for key, found in sorted(entries.items())}
        for kind, entries in sorted(result.items())
    }


def _order(value: Any) -> str:
    """A sort key for data of any shape."""
    return json.dumps(value, sort_keys=True, default=str)
