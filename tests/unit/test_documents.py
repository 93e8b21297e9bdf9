# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The documents are up to date with what they describe, and hold together.

What they tell the reader to run is run by the integration tests.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import re
from pathlib import Path

import botocore.session
import pytest
import render_role_readmes
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.versions import BOTOCORE_AT_LEAST
from botocore import xform_name
from markdown_it import MarkdownIt
from render_role_readmes import ROLES
from support.pages import COMMANDS, blocks, make_targets
from support.permissions import Policy, action

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "docs" / "policies"
# Whose code needs which policies: the folders of module_utils, and the services that they use.
USERS = {
    "guard": (("_guard",), ("ec2", "ecr", "ecs", "elasticache", "kms", "rds", "s3")),
    "kms": (("_layers/kms", "_resources/kms", "_aws/tagged.py"), ("kms", "resourcegroupstaggingapi")),
    "network": (
        ("_layers/network", "_resources/ec2", "_resources/iam/role.py", "_resources/logs"),
        ("ec2", "iam", "logs"),
    ),
    "storage": (("_layers/storage", "_resources/s3", "_aws/tagged.py"), ("s3", "resourcegroupstaggingapi")),
    "registry": (("_layers/registry", "_resources/ecr", "_aws/tagged.py"), ("ecr", "resourcegroupstaggingapi")),
    "ecs": (
        ("_layers/ecs", "_resources/ecs", "_resources/logs", "_resources/iam/service_linked_role.py"),
        ("ecs", "logs", "iam"),
    ),
    "data": (
        (
            *("_layers/data", "_resources/stores", "_resources/rds", "_resources/elasticache"),
            *("_resources/secretsmanager", "_resources/logs", "_resources/iam/service_linked_role.py"),
            "_aws/tagged.py",
        ),
        ("ec2", "rds", "elasticache", "secretsmanager", "logs", "iam", "resourcegroupstaggingapi"),
    ),
    "outputs": (
        ("_publishing/ssm", "_publishing/terraform_state", "_resources/dynamodb", "_resources/s3/state_bucket.py"),
        ("ssm", "s3", "dynamodb", "resourcegroupstaggingapi"),
    ),
}
IAM_CHARACTERS = 6144
PAGES = [
    ROOT / "README.md",
    ROOT / "README.ko.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if page.name != "notes.md"),
    *sorted(ROOT.glob("roles/*/README.md")),
]
TRANSLATED = [
    "README.md",
    "docs/upgrading.md",
    *(f"docs/how-to/{page.name}" for page in sorted((ROOT / "docs" / "how-to").glob("*.md"))),
]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def korean(page: str) -> Path:
    return ROOT / ("README.ko.md" if page == "README.md" else page.replace("docs/", "docs/ko/", 1))


def specification(role: str, entry: str = "main") -> dict:
    return yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"][entry][
        "options"
    ]


def test_every_role_has_a_page():
    """The role wiring is the playbooks' own; it has no inputs."""
    assert sorted(path.name for path in (ROOT / "roles").iterdir()) == sorted([*ROLES, "wiring"])


@pytest.mark.parametrize("role", ROLES)
def test_defaults_of_a_role_are_those_of_its_specification(role):
    defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text()) or {}
    assert defaults == {name: option["default"] for name, option in specification(role).items() if "default" in option}


@pytest.mark.parametrize("role", ROLES)
def test_example_of_a_role_uses_documented_inputs_only(role):
    text = (ROOT / "docs" / "roles" / role / "example.yml").read_text()
    documented = {name for each in ROLES for name in specification(each)} | set(specification("outputs", "load"))
    used = re.findall(rf"^\s+((?:{'|'.join(ROLES)})_\w+):", text, re.MULTILINE)
    assert used
    assert set(used) <= documented


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    links = [
        token.attrGet("href")
        for inline in MarkdownIt().enable("table").parse(page.read_text())
        for token in inline.children or ()
        if token.type == "link_open"
    ]
    files = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in files if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [page for page in PAGES if "roles" not in page.parts], ids=name_of)
def test_command_blocks_are_marked(page):
    """A block that is marked in no known way would be run by nobody."""
    unknown = [str(block) for block in blocks(page) if re.match(r"sh\b", block.info) and block.info not in COMMANDS]
    assert unknown == []


def test_make_targets_exist():
    targets = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {name for names in targets for name in names.split()}
    wanted = {target for page in PAGES for target in make_targets(page)}
    assert {"demo", "test"} <= wanted
    assert wanted <= known


@pytest.mark.parametrize("page", TRANSLATED)
def test_korean_page_has_the_same_commands(page):
    """Word for word, but for comments in commands."""

    def compared(path: Path) -> list[tuple[str, str]]:
        return [(block.info, re.sub(r"\s+# .*$", "", block.content, flags=re.MULTILINE)) for block in blocks(path)]

    assert compared(korean(page)) == compared(ROOT / page)


@pytest.mark.parametrize("page", TRANSLATED)
def test_korean_page_translates_the_english_page_of_today(page):
    current = f"<!-- Translates {page} {hashlib.sha256((ROOT / page).read_bytes()).hexdigest()[:16]} -->"
    last = korean(page).read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
    assert last == current, f"{page} has changed: translate the change, then end {name_of(korean(page))} with this line"


@pytest.mark.parametrize("page", TRANSLATED)
def test_korean_page_has_the_same_sections(page):
    def sections(path: Path) -> list[str]:
        return [token.tag for token in MarkdownIt().parse(path.read_text()) if token.type == "heading_open"]

    assert sections(korean(page)) == sections(ROOT / page)


def test_every_variable_in_pages_exists():
    """Names of role variables and of playbook variables in all pages; misspelled ones would mislead."""
    playbooks = yaml.safe_load((ROOT / "playbooks" / "parts" / "argument_specs.yml").read_text())["argument_specs"][
        "main"
    ]["options"]
    known = (
        {name for role in ROLES for name in specification(role)}
        | set(playbooks)
        | {f"{role}_outputs" for role in ROLES}
    )
    known |= set(render_role_readmes.CONTRACT.outputs) | {"ecs_tasks"}
    wrong = {}
    for page in PAGES:
        used = re.findall(
            rf"`((?:{'|'.join(ROLES)}|shared_infrastructure)_[a-z_]+)\b(?![*_./-])",
            page.read_text(),
        )
        unknown = set(used) - known
        if unknown:
            wrong[name_of(page)] = unknown
    assert wrong == {}


@functools.cache
def operations(service: str) -> dict[str, str]:
    """The operations of a service by the name of the client's method."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def _sources(place: str) -> list[Path]:
    path = ROOT / "plugins" / "module_utils" / place
    return [path] if path.suffix else sorted(path.glob("*.py"))


def calls_in(folder: str) -> set[str]:
    """Every name in the code that may be a client's method, also where it is a text (describe calls, steps of a
    change).
    """
    nodes = [node for path in _sources(folder) for node in ast.walk(ast.parse(path.read_text()))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | texts


@pytest.mark.parametrize("name", USERS)
def test_policy_allows_every_call_in_the_code(name):
    folders, services = USERS[name]
    policy = Policy(POLICIES / f"{name}.json")
    missing = {}
    for folder in folders:
        for method in calls_in(folder):
            actions = {
                action(service, operations(service)[method]) for service in services if method in operations(service)
            }
            # A method that several of the services have: the recorded runs tell which of them are called.
            if actions and not any(policy.allows(each) for each in actions):
                missing[method] = actions
    assert missing == {}


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.json")), ids=lambda path: path.stem)
def test_policy_is_one_that_iam_takes(path):
    document = json.loads(path.read_text())
    assert len(json.dumps(document, separators=(",", ":"))) < IAM_CHARACTERS
    assert document["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(set(sids)) == len(sids)
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
    assert not [name for statement in document["Statement"] for name in statement["Action"] if "*" in name]


@pytest.mark.parametrize(
    "path",
    [
        "meta/requirements.txt",
        "plugins/doc_fragments/set.py",
        "docs/how-to/reuse-one-role.md",
        "docs/ko/how-to/run-from-awx.md",
    ],
)
def test_the_least_botocore_is_the_same_everywhere(path):
    assert set(re.findall(r"1\.\d\d\.\d+", (ROOT / path).read_text())) == {BOTOCORE_AT_LEAST}


def test_no_variable_of_an_inventory_is_ignored_in_silence():
    """What the playbooks set goes before the inventory: it asks the inventory itself, or the guard refuses it there,
    or it is what the guard read.
    """
    wiring = yaml.safe_load((ROOT / "roles" / "wiring" / "vars" / "main.yml").read_text())
    refused = {
        name
        for once in ("__set_for_all_layers", "__set_for_publishing")
        for names in wiring[once].values()
        for name in names
    }
    silent = {
        name for name, value in wiring.items() if not name.startswith("__") and f"'{name}' in hostvars" not in value
    }
    assert {name for name in silent - refused if not name.endswith(("_published_outputs", "_found_backend"))} == set()
    assert refused <= silent


BREAKS = yaml.safe_load((ROOT / "molecule" / "breaks.yml").read_text())


@pytest.mark.parametrize("entry", BREAKS, ids=lambda entry: entry["name"])
def test_each_mistake_can_still_be_made(entry):
    """scripts/try_breaks.py makes it; it takes too long to be run here."""
    assert (ROOT / entry["file"]).read_text().count(entry["find"]) == 1
    assert f"| {entry['name']} | {entry['scenario']} |" in (ROOT / "docs" / "testing.md").read_text()


def test_every_play_on_a_deployment_hands_the_guard_on():
    """A play without it would let its modules write without a guard; the guard itself and what prints outputs write
    nothing.
    """
    read_only = {"guard.yml", "one_deployment.yml", "show_outputs.yml", "refuse.yml", "argument_specs.yml"}
    playbooks = [path for path in (ROOT / "playbooks").rglob("*.yml") if path.name not in read_only]
    plays = [
        (path.name, play)
        for path in playbooks
        for play in yaml.safe_load(path.read_text())
        if "shared_infrastructure" in str(play.get("hosts"))
    ]
    assert len(plays) >= 6
    wanted = {"group/connectly.shared_infrastructure.guarded": {"guard": "{{ __guard_passed }}"}}
    assert [name for name, play in plays if play.get("module_defaults") != wanted] == []
