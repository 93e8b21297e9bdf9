"""Wrong inputs of every role and module (the table is in helpers/bad_inputs.py): one line each, and no call of AWS that
writes.

All cases of the roles go through a single run of Ansible: each is a block that includes the role's check and is
rescued.
"""

from __future__ import annotations

import pytest
from helpers.bad_inputs import CASES, MODULE_CASES, VALID
from support.module import ModuleFailed, run_module

ALL = [(role, {}, "", "") for role in VALID] + CASES
ENTRY = """
    - name: Case {number}
      block:
        - name: Check
          ansible.builtin.include_role:
            name: connectly.shared_infrastructure.{role}
            tasks_from: check
          vars:
{variables}
        - name: Accepted {number}
          ansible.builtin.debug:
            msg: accepted
      rescue:
        - name: Refused {number}
          ansible.builtin.debug:
            msg: "{{{{ ansible_failed_result.msg }}}}"
"""


def lines_of(role: str, variables: dict[str, str]) -> str:
    return "\n".join(f"            {name}: {value}" for name, value in {**VALID[role], **variables}.items())


@pytest.fixture(scope="module")
def answers(site, tmp_path_factory):
    """{number of the case: the message, or None where the input was accepted}, and the path of the playbook."""
    playbook = tmp_path_factory.mktemp("cases") / "cases.yml"
    head = "---\n- name: Wrong inputs\n  hosts: localhost\n  gather_facts: false\n  tasks:"
    entries = [
        ENTRY.format(number=number, role=role, variables=lines_of(role, variables))
        for number, (role, variables, _path, _allowed) in enumerate(ALL)
    ]
    playbook.write_text(head + "".join(entries))
    result = site.run(playbook, None)
    assert "Traceback" not in result.output
    found = {}
    for task in result.select(action="debug"):
        verdict, _, number = task.task.partition(" ")
        if task.status == "ok":
            found[int(number)] = task.result["msg"] if verdict == "Refused" else None
    assert sorted(found) == list(range(len(ALL))), result.explain()
    assert not site.proxy.calls, "AWS was asked"
    return found, playbook


def test_there_are_enough_cases():
    assert len(CASES) + len(MODULE_CASES) >= 100
    assert {role for role, *_rest in CASES} == set(VALID)


@pytest.mark.parametrize("role", VALID)
def test_what_the_cases_start_from_is_accepted(answers, role):
    assert answers[0][list(VALID).index(role)] is None


@pytest.mark.parametrize(
    "number",
    range(len(VALID), len(ALL)),
    ids=lambda number: f"{ALL[number][2]}-{next(iter(ALL[number][1].values()))}"[:70],
)
def test_each_wrong_input_of_a_role_is_one_line(answers, number):
    messages, playbook = answers
    _role, variables, path, allowed = ALL[number]
    message = messages[number]
    assert message is not None, f"{variables} was accepted"
    assert "\n" not in message and message.startswith("Bad input, nothing was changed: ")
    assert path in message, message
    assert allowed in message, message
    # What is missing was written nowhere, and a boolean cannot remember where: in inventories it is searched for, not
    # in task variables.
    value = variables.get(path.partition("[")[0])
    assert f"{playbook}:" in message or value in (None, "true", "no", "on"), message


@pytest.mark.parametrize(
    ("module", "options", "name", "says"),
    MODULE_CASES,
    ids=[f"{module}-{name}" for module, _options, name, _says in MODULE_CASES],
)
def test_each_wrong_option_of_a_module_is_one_line(site, module, options, name, says):
    site.proxy.clear()
    with pytest.raises(ModuleFailed) as failed:
        run_module(module, options, site.proxy.endpoint_url)
    message = failed.value.result["msg"]
    assert "\n" not in message and name in message and says in message, message
    assert not failed.value.result.get("changed") and site.writes() == []
