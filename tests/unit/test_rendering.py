# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `make render` writes is up to date, and `make lint` names what is not."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import render
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.layer_module import (
    LAYER_ARGUMENTS,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.set_module import SET_ARGUMENTS
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import CONTRACT
from common import StepError
from rendering import runtime
from rendering.documentation import NAMESPACE
from rendering.layer_roles import ROLES, argument
from rendering.tree import Tree
from rendering.yaml_text import dump

ROOT = Path(__file__).resolve().parents[2]
MODULES = {role: Tree().yaml(f"roles/{role}/meta/options.yml")["module"] for role in ROLES}
# What a playbook gets without a word, where a bare module would make nothing.
DEFAULTS_OF_THE_ROLE = {"network_tiers", "network_security_groups"}


def changed(path: str, find: str, replace: str) -> Tree:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert find in text
    return Tree({path: text.replace(find, replace, 1)})


def message_of(tree: Tree) -> str:
    with pytest.raises(StepError) as error:
        render.check(tree)
    return str(error.value)


def test_every_layer_of_the_contract_is_rendered():
    assert sorted(ROLES) == sorted(CONTRACT.layers)


def test_everything_that_is_rendered_is_up_to_date():
    render.check(Tree())


def test_the_script_says_so():
    command = [sys.executable, "scripts/render.py", "--check"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "everything that is rendered is up to date\n"), run.stderr


def test_lint_checks_it():
    import run_tests

    commands = []

    class Run:
        def check(self, *command: str) -> None:
            commands.append([Path(command[0]).name, *command[1:]])

    run_tests.lint(Run())
    assert ["python", "scripts/render.py", "--check"] in commands


@pytest.mark.parametrize(
    ("path", "find", "typo"),
    [
        ("meta/runtime.yml", "    - ssm_outputs_info", "    - ssm_output_info"),
        ("meta/runtime.yml", "    ecs_cluster:", "    ecs_clusters:"),
        ("roles/network/meta/argument_specs.yml", "network_vpc_cidr:", "network_vpc_cdir:"),
        ("roles/kms/defaults/main.yml", "kms_rotation_enabled: true", "kms_rotation_enabled: false"),
        ("roles/data/tasks/build.yml", "{{ data_rds_port | default(omit) }}", "{{ data_redis_port }}"),
        ("plugins/modules/network.py", "ordered by availability zone", "in the order of O(availability_zones)"),
        ("roles/ecs/README.md", "`ecs_container_insights`", "`ecs_container_insight`"),
        ("docs/reference/outputs.md", "`vpc_id`", "`vcp_id`"),
        ("docs/reference/variables.md", "`shared_infrastructure_", "`shared_infrastucture_"),
    ],
)
def test_a_typo_in_a_rendered_file_is_named_with_its_line(path, find, typo):
    message = message_of(changed(path, find, typo))
    assert message.startswith(f"stale, run `make render`: {path}\n")
    assert [line for line in message.splitlines() if line.startswith("-") and typo in line]
    assert [line for line in message.splitlines() if line.startswith("+") and find in line]


def test_an_option_that_changes_in_the_documentation_alone_makes_its_role_and_readme_stale():
    message = message_of(changed("plugins/modules/kms_key.py", "90 to 2560.", "90 to 2561."))
    assert message.startswith("stale, run `make render`: roles/kms/meta/argument_specs.yml, roles/kms/README.md\n")
    assert "+        description: Days between two rotations, 90 to 2561." in message


def test_a_new_module_joins_its_groups_and_shares_the_action_plugin():
    source = (ROOT / "plugins" / "modules" / "ecs_cluster.py").read_text(encoding="utf-8")
    tree = Tree({"plugins/modules/topics.py": source})
    ((path, text),) = runtime.files(tree, (*runtime.MODULES, "topics"))
    rendered = yaml.safe_load(text)
    assert path == "meta/runtime.yml"
    assert all("topics" in group for group in rendered["action_groups"].values())
    assert rendered["plugin_routing"]["modules"]["topics"] == {"action_plugin": f"{NAMESPACE}.kms_key"}


def test_a_module_keeps_an_action_plugin_of_its_own():
    tree = Tree({"plugins/action/ecs_cluster.py": "class ActionModule: ..."})
    ((_path, text),) = runtime.files(tree)
    assert "ecs_cluster" not in yaml.safe_load(text)["plugin_routing"]["modules"]


def test_no_two_action_plugins_are_alike():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "plugins" / "action").glob("*.py")]
    assert len(set(texts)) == len(texts), "share one: plugin_routing in meta/runtime.yml"


def test_an_option_of_a_fragment_reaches_every_layer():
    found = render.stale(changed("plugins/doc_fragments/set.py", "default: 1800", "default: 1801"))
    assert {f"roles/{role}/defaults/main.yml" for role in ROLES} < set(found)
    assert "ecs_wait_timeout: 1801\n" in found["roles/ecs/defaults/main.yml"]


def test_a_long_difference_is_cut():
    text = render.difference("page", "", "line\n" * 100)
    assert text.splitlines()[-1] == "... 73 more lines"


@pytest.mark.parametrize(
    ("find", "replace", "problem"),
    [
        ("  security_groups:", "  securty_groups:", "the module has no option securty_groups"),
        ("V(absent) deletes the whole network of the deployment.",
         "V(absent) deletes every resource of this set, whatever the other options say.",
         "state.description is the module's; remove it"),
        ("  state:\n    description", "  state:\n    choices", "state.choices must be one of description, default"),
        ("  vpc_cidr:\n", "  vpc_cdir:\n", "the contract has no output vpc_cdir of the layer network"),
        ("The tiers of subnets.", "See O(tier).", "the description refers to O(tier), which the role does not have"),
    ],
)  # fmt: skip
def test_a_difference_that_says_nothing_or_speaks_of_nothing_is_refused(find, replace, problem):
    assert problem in message_of(changed("roles/network/meta/options.yml", find, replace))


def test_a_reference_to_an_option_of_another_plugin_stays():
    found = render.stale(changed("plugins/modules/kms_key.py", "90 to 2560.", "see O(a.b.c#module:d), O(alias)."))
    assert "see O(a.b.c#module:d), O(kms_alias)." in found["roles/kms/meta/argument_specs.yml"]


def test_a_lost_marker_is_named():
    message = message_of(changed("roles/kms/tasks/build.yml", "# END rendered", "#"))
    assert message.startswith("roles/kms/tasks/build.yml must have exactly one block")


def test_yaml_that_is_written_reads_as_it_was():
    value = {
        "plain": "word " * 60 + "end",
        "colon": "this: that, " * 20 + "# end",
        "texts": ["1", "true", "", "null", "17.7", "a'b", "- x"],
        "entries": [{"list": ["long enough " * 5, {"deep": [1, None, False]}]}, {}],
        "empty": [{}, []],
    }
    lines = dump({"key": value})
    assert yaml.safe_load("\n".join(lines)) == {"key": value}
    assert max(map(len, lines)) <= 120


def test_what_cannot_be_written_is_refused():
    with pytest.raises(StepError, match="cannot be written as YAML here"):
        dump({"text": "two  spaces " * 40 + "\nand lines"})


@pytest.mark.parametrize(
    ("option", "line"),
    [
        ({"type": "str", "required": True}, '"{{ ecs_x }}"'),
        ({"type": "str"}, '"{{ ecs_x | default(omit, true) }}"'),
        ({"type": "int"}, '"{{ ecs_x | default(omit) }}"'),
        ({"type": "bool", "default": False}, '"{{ ecs_x }}"'),
    ],
)
def test_an_empty_variable_is_left_out_but_zero_and_false_are_passed(option, line):
    assert argument("ecs", "x", option) == f"x: {line}"


# Not through the renderer: a mistake of its own would otherwise be on both sides.


def arguments_of(role: str) -> dict[str, Any]:
    module = importlib.import_module(
        f"ansible_collections.connectly.shared_infrastructure.plugins.modules.{MODULES[role]}"
    )
    common = {name: option for name, option in SET_ARGUMENTS.items() if name != "progress_file"}
    return {**common, **LAYER_ARGUMENTS, **module.arguments.ARGUMENTS}


def comparable(options: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Type, elements, choices, required and default of every option at any depth."""
    found = {}
    for name, option in options.items():
        fields = {field: option.get(field) for field in ("type", "elements", "choices", "required", "default")}
        fields["type"] = fields["type"] or "str"
        fields["required"] = bool(fields["required"])
        fields["options"] = comparable(option["options"]) if option.get("options") else {}
        found[f"{prefix}{name}"] = fields
    return found


@pytest.mark.parametrize("role", ROLES)
def test_the_specification_of_a_role_is_the_argument_spec_of_its_module(role):
    specification = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
    have = comparable(specification["argument_specs"]["main"]["options"])
    wanted = comparable(arguments_of(role), f"{role}_")
    for name in DEFAULTS_OF_THE_ROLE & wanted.keys():
        have[name].pop("default")
        wanted[name].pop("default")
    assert have == wanted


@pytest.mark.parametrize("role", ROLES)
def test_a_role_passes_each_of_its_variables_to_the_option_of_that_name(role):
    tasks = yaml.safe_load((ROOT / "roles" / role / "tasks" / "build.yml").read_text())
    passed = next(task[name] for task in tasks for name in task if name.endswith(f".{MODULES[role]}"))
    variables = {name: text.strip("{} ").split(" ")[0] for name, text in passed.items()}
    assert variables == {name: f"{role}_{name}" for name in arguments_of(role)}


@pytest.mark.parametrize("role", ROLES)
def test_the_outputs_in_return_are_those_of_the_contract(role):
    module = importlib.import_module(
        f"ansible_collections.connectly.shared_infrastructure.plugins.modules.{MODULES[role]}"
    )
    contains = yaml.safe_load(module.RETURN)["outputs"]["contains"]
    assert {name: output["description"] for name, output in contains.items()} == {
        output.name: output.description for output in CONTRACT.of_layer(role)
    }


# The role outputs is written by hand: three modules behind one set of variables, which have names of their own, and are
# empty where the module's option is left out.
OUTPUTS = {"main": "ssm_outputs", "load": "ssm_outputs_info", "terraform_state": "terraform_state_outputs"}
TASKS = {"main": "publish", "load": "load", "terraform_state": "publish_terraform_state"}


def in_common(options: Mapping[str, Any]) -> dict[str, Any]:
    """Type, elements and choices, and those of suboptions with what they require and default to."""
    compared = comparable(options)
    for option in compared.values():
        option.pop("required")
        option.pop("default")
    return compared


@pytest.mark.parametrize("entry", OUTPUTS)
def test_the_variables_of_the_role_outputs_have_the_types_of_the_options_that_they_are_passed_to(entry):
    specification = Tree().yaml("roles/outputs/meta/argument_specs.yml")["argument_specs"][entry]["options"]
    tasks = Tree().yaml(f"roles/outputs/tasks/{TASKS[entry]}.yml")
    passed = next(task[name] for task in tasks for name in task if name.endswith(f".{OUTPUTS[entry]}"))
    module = importlib.import_module(
        f"ansible_collections.connectly.shared_infrastructure.plugins.modules.{OUTPUTS[entry]}"
    )
    arguments = {**SET_ARGUMENTS, **module.ARGUMENTS}
    variables = {name: text.strip("{} ").split(" ")[0] for name, text in passed.items()}
    have = in_common({name: specification[variable] for name, variable in variables.items()})
    wanted = in_common({name: arguments[name] for name in variables})
    if "found_backend" in wanted:
        wanted["found_backend"]["options"] = {}  # what the guard returned, handed on as it is
    assert have == wanted
