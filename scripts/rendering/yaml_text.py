"""YAML as people here write it: sequences indented, short lists on one line, long texts folded at the line width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from common import StepError

WIDTH = 120
WHOLE_LINE = 1_000_000
LONGEST_FLOW_LIST = 90
# libyaml's, where PyYAML was built with it: ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def load(text: str) -> Any:
    return yaml.load(text, Loader=LOADER)


def dump(value: Mapping[str, Any]) -> list[str]:
    """The lines of a mapping."""
    lines = list(_mapping(value, ""))
    if load("\n".join(lines)) != value:
        raise StepError(f"this cannot be written as YAML here: {value}")
    return lines


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, item in value.items():
        yield from _entry(f"{indent}{_scalar(key)}:", item, indent)


def _entry(start: str, item: Any, indent: str) -> Iterator[str]:
    """What follows `key:` (or a sequence's dash), on its line where it fits."""
    if isinstance(item, Mapping) and item:
        yield start
        yield from _mapping(item, f"{indent}  ")
    elif isinstance(item, list) and not _is_short(item):
        yield start
        for element in item:
            yield from _element(element, f"{indent}  ")
    else:
        text = f"[{', '.join(map(_flow_scalar, item))}]" if isinstance(item, list) else _scalar(item)
        yield from _folded(f"{start} {text}", f"{indent}  ")


def _element(element: Any, indent: str) -> Iterator[str]:
    if not isinstance(element, Mapping) or not element:
        yield from _folded(f"{indent}- {_scalar(element)}", f"{indent}  ")
        return
    first, *others = _mapping(element, f"{indent}  ")
    yield f"{indent}- {first.lstrip()}"
    yield from others


def _is_short(items: list[Any]) -> bool:
    """Words, not sentences or entries, and few of them."""
    if any(isinstance(item, (Mapping, list)) or " " in str(item) for item in items):
        return False
    return sum(len(_flow_scalar(item)) + 2 for item in items) <= LONGEST_FLOW_LIST


def _scalar(value: Any) -> str:
    return (
        yaml.dump(value, Dumper=DUMPER, width=WHOLE_LINE, allow_unicode=True).removesuffix("\n").removesuffix("\n...")
    )


def _flow_scalar(value: Any) -> str:
    text = yaml.dump([value], Dumper=DUMPER, width=WHOLE_LINE, allow_unicode=True, default_flow_style=True)
    return text.strip()[1:-1]


def _folded(line: str, indent: str) -> list[str]:
    start = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line.lstrip(),
        WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
