# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which package of module_utils imports which: what docs/architecture.md allows, and never in a circle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from support.playbook import ROOT

MODULE_UTILS = ROOT / "plugins" / "module_utils"
COLLECTION = "ansible_collections.connectly.shared_infrastructure.plugins.module_utils."
OUTSIDE = {
    "ansible_collections.amazon.aws": "amazon.aws",
    "ansible": "ansible",
    "boto3": "boto3",
    "botocore": "botocore",
}
PACKAGES = sorted(folder.name for folder in MODULE_UTILS.iterdir() if (folder / "__init__.py").exists())
ROW = re.compile(r"^\| `(_\w+)/[^|]*\|[^|]*\|([^|]*)\|$", re.MULTILINE)


def allowed() -> dict[str, set[str]]:
    """The table of the page, the last column of which names what a package may import."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return {package: set(re.findall(r"`([^`]+)`", names)) for package, names in ROW.findall(page)}


def absolute(file: Path, node: ast.AST) -> list[str]:
    """The full names that an import statement imports from."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    if not node.level:
        return [node.module or ""]
    folder = file.relative_to(MODULE_UTILS).parts[: -node.level]
    return [COLLECTION + ".".join([*folder, *filter(None, [node.module])])]


def imported(package: str) -> Iterator[tuple[str, str]]:
    """What the files of a package import of others: the other one's name, and where."""
    for file in sorted((MODULE_UTILS / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for name in absolute(file, node):
                outside = [short for prefix, short in OUTSIDE.items() if f"{name}.".startswith(f"{prefix}.")]
                inside = [name.removeprefix(COLLECTION).partition(".")[0]] if name.startswith(COLLECTION) else []
                for other in outside or inside:
                    if other != package:
                        yield other, f"{file.relative_to(ROOT)}:{node.lineno}"


def test_the_page_has_every_package():
    assert sorted(allowed()) == PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_what_the_page_allows(package):
    wrong = [f"{place} imports {other}" for other, place in imported(package) if other not in allowed()[package]]
    assert wrong == [], f"docs/architecture.md does not allow that to {package}"


def test_the_engine_stands_alone():
    assert list(imported("_engine")) == [], "the engine is given what it needs of AWS and Ansible"


def test_no_package_imports_in_a_circle():
    TopologicalSorter(allowed()).prepare()  # raises CycleError, which names the circle
