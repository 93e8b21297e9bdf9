# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a variable was set: "inventories/dev/hosts.yml:12:25". Only error messages need it, so it may be slow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError

try:  # ansible-core 2.19 remembers where each text, list and dictionary was written
    from ansible._internal._datatag._tags import Origin
except ImportError:
    Origin = None


def origin(name: str, path: str, variables: Mapping[str, Any], loader: Any) -> str:
    """Where the value at a path like tiers[0].subnets[1].cidr of a variable was written, or where what holds it was.

    name is the variable, path what follows it; variables are the task's, loader is Ansible's DataLoader.
    """
    value = variables.get(name)
    place = place_of(value)
    for step in re.findall(r"[^.\[\]]+", path):
        key_place = ""
        if isinstance(value, Mapping):
            # Booleans do not remember where they were written, but their keys do.
            key_place = next((place_of(key) for key in value if key == step), "")
            value = value.get(step)
        elif isinstance(value, (list, tuple)) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            break
        place = place_of(value) or key_place or place
    return place or next(_written(name, variables, loader), "")


def with_places(text: str, variables: Mapping[str, Any], loader: Any) -> str:
    """A message of several findings, parted by " | ", with the place behind the first variable that each one names."""

    def placed(finding: str) -> str:
        for name in re.findall(r"[a-z]+_[a-z0-9_]+", finding):
            place = origin(name, "", variables, loader) if name in variables else ""
            if place:
                return finding.replace(name, f"{name} (set in {place})", 1)
        return finding

    return " | ".join(placed(finding) for finding in text.split(" | "))


def place_of(value: Any) -> str:
    """The place that a tagged value names, or an empty text. Paths below the working directory are relative."""
    found = Origin.get_tag(value) if Origin is not None and value is not None else None
    if found is None:
        return ""
    if not found.path:
        return found.description or ""
    relative = os.path.relpath(found.path)
    path = found.path if relative.startswith("..") else relative
    return ":".join(str(part) for part in (path, found.line_num, found.col_num) if part)


def _written(name: str, variables: Mapping[str, Any], loader: Any) -> Iterator[str]:
    """Booleans do not remember where they were written: look for the name with that value."""
    for path in _variable_files(variables):
        try:
            content = loader.load_from_file(path)
        except AnsibleError:
            continue  # not a YAML file, so not where this variable is
        yield from _keys(name, variables.get(name), content)


def _variable_files(variables: Mapping[str, Any]) -> Iterator[str]:
    """Files that may set variables, those that win first: inventory files, then the group_vars beside them."""
    sources = [source for source in variables.get("ansible_inventory_sources") or () if os.path.exists(source)]
    folders = [source if os.path.isdir(source) else os.path.dirname(source) for source in sources]
    yield from (source for source in sources if os.path.isfile(source))
    for folder in [*folders, str(variables.get("playbook_dir", ""))]:
        for base, names, files in os.walk(folder, followlinks=True):
            inside = os.path.relpath(base, folder).split(os.sep)[0]
            if inside not in (".", "group_vars", "host_vars"):
                names.clear()
            elif inside != "." or folder in folders:
                yield from (os.path.join(base, file) for file in sorted(files) if file.endswith((".yml", ".yaml")))


def _keys(name: str, value: Any, content: Any) -> Iterator[str]:
    if isinstance(content, Mapping):
        for key, item in content.items():
            if key == name and type(item) is type(value) and item == value:
                yield place_of(key)
            yield from _keys(name, value, item)
