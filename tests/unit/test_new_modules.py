# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module needs beside its code, and what a new one is easily left without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from rendering.documentation import NAMESPACE, fragments, module_path
from rendering.runtime import MODULES
from rendering.tree import Tree

# Their actions do everything, on the controller.
WITHOUT_AWS = {"check_inputs", "project_files"}
ATTRIBUTES = {"check_mode", "diff_mode"}
RELEASES = Tree().yaml("changelogs/changelog.yaml")["releases"]


def lacks(tree: Tree, module: str) -> list[str]:
    """What the module lacks, each as a line."""
    return [f"{module}: {text}" for part in (_group, _attributes, _version) for text in part(tree, module)]


def _group(tree: Tree, module: str) -> Iterator[str]:
    if module not in WITHOUT_AWS and module not in tree.yaml("meta/runtime.yml")["action_groups"]["aws"]:
        yield "is not in the action group aws; extend amazon.aws.common.modules and run `make render`"


def _attributes(tree: Tree, module: str) -> Iterator[str]:
    described = dict(_documentation(tree, module).get("attributes", {}))
    for name in fragments(tree, module):
        own = name.removeprefix(f"{NAMESPACE}.")
        if own != name:
            fragment = tree.constant(f"plugins/doc_fragments/{own}.py", "DOCUMENTATION")
            described |= fragment.get("attributes", {})
    for name in sorted(ATTRIBUTES - described.keys()):
        yield f"attributes.{name} is missing"


def _version(tree: Tree, module: str) -> Iterator[str]:
    """antsibull-changelog lists a new module in the release that its version_added names, and in no other."""
    version = str(_documentation(tree, module).get("version_added") or "")
    released = [number for number, release in RELEASES.items() if module in _names(release)]
    if released and version != released[0]:
        yield f"version_added is '{version}', but changelogs/changelog.yaml has it in {released[0]}"
    elif not released and (not version or _numbers(version) <= max(map(_numbers, RELEASES))):
        yield f"version_added is '{version}'; it must be a version to come, after {max(RELEASES, key=_numbers)}"


def _documentation(tree: Tree, module: str) -> Mapping[str, Any]:
    return tree.constant(module_path(module), "DOCUMENTATION")


def _names(release: Mapping[str, Any]) -> set[str]:
    return {entry["name"] for entry in release.get("modules", [])}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("module", MODULES)
def test_a_module_lacks_nothing(module):
    assert lacks(Tree(), module) == []


def new_module(**changed: Any) -> Tree:
    documentation = {
        "module": "topics",
        "version_added": "99.0.0",
        "extends_documentation_fragment": [f"{NAMESPACE}.set", f"{NAMESPACE}.guarded", "amazon.aws.common.modules"],
    }
    text = yaml.safe_dump({**documentation, **changed})
    groups = Tree().read("meta/runtime.yml").replace("    - data_stores\n", "    - data_stores\n    - topics\n")
    return Tree({module_path("topics"): f"DOCUMENTATION = {text!r}\n", "meta/runtime.yml": groups})


def test_a_new_module_with_all_of_it_lacks_nothing():
    assert lacks(new_module(), "topics") == []


def test_a_new_module_without_any_of_it_is_told_each():
    tree = new_module(version_added=None, extends_documentation_fragment=[])
    del tree.changed["meta/runtime.yml"]
    group, *attributes, version = lacks(tree, "topics")
    assert group.startswith("topics: is not in the action group aws; ")
    assert attributes == ["topics: attributes.check_mode is missing", "topics: attributes.diff_mode is missing"]
    assert version.startswith("topics: version_added is ''; it must be a version to come, after ")


def test_a_new_module_cannot_have_come_with_a_released_version():
    (line,) = lacks(new_module(version_added="0.1.0"), "topics")
    assert line.startswith("topics: version_added is '0.1.0'; it must be a version to come, after ")


def test_a_released_module_keeps_its_version():
    tree = Tree()
    path = module_path("network")
    tree.changed[path] = tree.read(path).replace("version_added: 0.1.0", "version_added: 0.2.0", 1)
    assert lacks(tree, "network") == [
        "network: version_added is '0.2.0', but changelogs/changelog.yaml has it in 0.1.0"
    ]
