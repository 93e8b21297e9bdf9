# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the README, the how-to pages and the runbooks that an emulator can answer is run in a copy of the
checkout.

All pages share one account, in which the README's commands have built dev. One page alone: -k switch-nat-modes.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.layers import (
    LAYER_NAMES,
)
from common import copy_checkout
from support.emulator import Emulator
from support.pages import blocks, carry_out
from support.permissions import Policy, action
from support.playbook import run_environment, run_playbook
from support.proxy import RecordingProxy
from support.spread import every_case, spread

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
# The last ones leave the deployment with a zone more, and the checkout with a layer more.
ORDER = (
    *(
        "read-the-outputs",
        "first-real-deployment",
        "change-an-environment",
        "allow-an-output-to-change",
        "clear-a-lock",
        "resolve-a-duplicate",
    ),
    *(
        "migrate-a-terraform-state-key",
        "reuse-one-role",
        "run-from-awx",
        "add-a-resource-type",
        "add-an-operation",
        "switch-nat-modes",
        "add-an-availability-zone",
        "add-a-layer",
    ),
)
# With the README, the examples of the roles and what every reader does first.
IN_MAKE_TEST = (
    *("read-the-outputs", "change-an-environment", "clear-a-lock", "reuse-one-role"),
    "add-an-operation",
)
RUNBOOKS = ("redis", "rds")
EXAMPLES = (*LAYER_NAMES, "outputs", "new_project")
# What pages edit or leave behind is put right after each of them.
EDITED = ("inventories", "group_vars")


@dataclass
class Reader:
    """Somebody with a checkout, its environment active, and an AWS account."""

    root: Path
    environment: dict[str, str]
    proxy: RecordingProxy

    def follow(self, page: Path) -> None:
        for block in blocks(page):
            carry_out(block, self.root, self.environment)

    def put_right(self) -> None:
        for folder in EDITED:
            shutil.rmtree(self.root / folder)
            shutil.copytree(ROOT / folder, self.root / folder, symlinks=True)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The README is followed once, so that each page can be run alone."""
    tree = tmp_path_factory.mktemp("documents")
    root = tree / "checkout"
    copy_checkout(root)
    (root / ".venv").symlink_to(Path(sys.prefix))
    # Ansible finds the collection in the copy, and not in the checkout that the environment is linked to.
    collection = tree / "collections" / "ansible_collections" / "connectly" / "shared_infrastructure"
    collection.parent.mkdir(parents=True)
    collection.symlink_to(root)
    with Emulator.start() as emulator, RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.reset()
        environment = run_environment(
            {**emulator.environment(proxy.endpoint_url), "AWS_PAGER": "", "ANSIBLE_CALLBACK_PLUGINS": None}
        )
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(tree / "collections")
        reader = Reader(root, environment, proxy)
        reader.follow(README)
        yield reader


@pytest.fixture
def checkout(reader: Reader) -> Iterator[Reader]:
    yield reader
    reader.put_right()


def test_readme(reader):
    assert reader.proxy.count("ec2", "CreateVpc") == 1


def test_no_page_is_forgotten():
    assert {path.stem for path in (ROOT / "docs" / "how-to").glob("*.md")} == {*ORDER, "README"}
    assert {path.stem for path in (ROOT / "docs" / "runbooks").glob("*.md")} == set(RUNBOOKS)
    assert {path.parent.name for path in (ROOT / "docs" / "roles").glob("*/example.yml")} == set(EXAMPLES)


@pytest.mark.parametrize("role", EXAMPLES)
def test_example_of_a_role(checkout, role, tmp_path):
    example = ROOT / "docs" / "roles" / role / "example.yml"
    environment = {
        name: checkout.environment[name] for name in checkout.environment if name.startswith(("AWS_", "ANSIBLE_COLL"))
    }
    run_playbook(example, None, env=environment, cwd=tmp_path).assert_ok()


@pytest.mark.parametrize("page", spread(ORDER[:-3], IN_MAKE_TEST))
def test_page(checkout, page):
    checkout.follow(ROOT / "docs" / "how-to" / f"{page}.md")


@every_case
@pytest.mark.parametrize("page", ORDER[-3:-1])
def test_page_that_changes_the_network(checkout, page):
    checkout.follow(ROOT / "docs" / "how-to" / f"{page}.md")


@pytest.fixture(scope="module")
def wealist(reader):
    """The deployment of the runbooks."""
    environment = {
        name: reader.environment[name] for name in reader.environment if name.startswith(("AWS_", "ANSIBLE_COLL"))
    }
    run_playbook("site.yml", "inventories/wealist_prod", env=environment, cwd=reader.root).assert_ok()


@every_case
@pytest.mark.parametrize("page", RUNBOOKS)
def test_runbook(checkout, wealist, page):
    checkout.follow(ROOT / "docs" / "runbooks" / f"{page}.md")


def test_page_that_adds_a_layer(checkout):
    checkout.follow(ROOT / "docs" / "how-to" / f"{ORDER[-1]}.md")


def test_policies_allow_what_was_recorded(reader):
    """Last: all calls of Ansible that went before, but for those of other teams' playbooks with names of their own.

    Layer by layer: test_policies.py.
    """
    policies = [Policy(path) for path in (ROOT / "docs" / "policies").glob("*.json") if path.stem != "reader"]
    missing = set()
    for call in reader.proxy.calls:
        wanted = action(call.service, call.operation)
        if wanted and call.service != "sns" and not any(policy.allows(wanted) for policy in policies):
            missing.add(wanted)
    assert missing == set()
