"""The outputs role: one layer's playbook publishes, another team's loads the same dictionaries."""

from __future__ import annotations

import yaml
from support.emulator import Emulator
from support.playbook import run_playbook

PREFIX = "/connectly-shared/dev"
NETWORK = {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1", "subnet-2"]}


def publish(**variables):
    role = {"name": "connectly.shared_infrastructure.outputs"}
    return {
        "name": "Publish",
        "ansible.builtin.include_role": role,
        "vars": {"outputs_deployment": "connectly-dev", "outputs_prefix": PREFIX, **variables},
    }


def load(**variables):
    role = {"name": "connectly.shared_infrastructure.outputs", "tasks_from": "load"}
    return {"name": "Load", "ansible.builtin.include_role": role, "vars": {"outputs_prefix": PREFIX, **variables}}


def refused(name, *roles):
    """A task for each role that must fail, which shows the message; see messages_of."""
    show_message = {"name": f"Refused {name}", "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
    accepted = {"name": "Accepted", "ansible.builtin.fail": {"msg": "it was accepted"}}
    return [{"name": name, "block": [role, accepted], "rescue": [show_message]} for role in roles]


def messages_of(result, name):
    return [str(task.result["msg"]) for task in result.assert_ok().select(f"Refused {name}")]


def show(text):
    return {"name": "Show", "ansible.builtin.debug": {"msg": text}}


def run(tmp_path, emulator, tasks, *arguments):
    playbook = tmp_path / "play.yml"
    python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    playbook.write_text(
        yaml.safe_dump(
            [{"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": python, "tasks": tasks}]
        )
    )
    return run_playbook(playbook, None, *arguments, env=emulator.environment())


def test_what_one_play_publishes_another_loads(tmp_path):
    with Emulator.start() as emulator:
        published = run(
            tmp_path,
            emulator,
            [
                publish(outputs_values=NETWORK, outputs_layers=["network"]),
                publish(outputs_values={"kms_key_id": "1"}),
                show("{{ outputs_outputs }}"),
            ],
        ).assert_ok()
        assert published.changed == 2
        handed_back = published.one("Show").result["msg"]
        assert (handed_back["prefix"], handed_back["outputs"], handed_back["changed"]) == (
            PREFIX,
            {"kms_key_id": "1"},
            True,
        )
        assert handed_back["manifest"]["outputs"] == {**NETWORK, "kms_key_id": "1"}

        mine = {"name": "Of this play", "ansible.builtin.set_fact": {"kms_outputs": {"kms_key_id": "mine"}}}
        text = (
            "{{ [network_outputs, kms_outputs, data_outputs is defined, outputs_outputs.outputs, "
            "outputs_outputs.consistent] }}"
        )
        loaded = run(
            tmp_path,
            emulator,
            [mine, load(), show(text), load(outputs_load_replace=True), show("{{ kms_outputs }}")],
            "--check",
        ).assert_ok()
        first, second = (task.result["msg"] for task in loaded.select("Show"))
        assert first == [NETWORK, {"kms_key_id": "mine"}, False, {**NETWORK, "kms_key_id": "1"}, True]
        assert second == {"kms_key_id": "1"} and loaded.changed == 0

        wrong = {
            "outputs_values.vcp_id is not in the contract": publish(outputs_values={"vcp_id": "x"}),
            "outputs_values.ecs_cluster_name has been masked": publish(
                outputs_values={"ecs_cluster_name": "acme-********"}
            ),
            "did you mean outputs_values?": publish(outputs_valeus={}),
            "did you mean outputs_load_layers?": load(outputs_load_laeyrs=["kms"]),
            "outputs_prefix is 'dev'": load(outputs_prefix="dev"),
        }
        tasks = [load(outputs_require_manifest=True), *refused("wrong", *wrong.values())]
        messages = messages_of(run(tmp_path, emulator, tasks), "wrong")
        assert len(messages) == len(wrong)
        for message, says in zip(messages, wrong, strict=True):
            assert says in message, message


def test_the_terraform_state_alone(tmp_path):
    with Emulator.start() as emulator:
        role = {"name": "connectly.shared_infrastructure.outputs", "tasks_from": "terraform_state"}
        variables = {
            "outputs_deployment": "connectly-dev",
            "outputs_values": NETWORK,
            "outputs_terraform_state_bucket": "acme-state",
        }
        variables |= {"outputs_terraform_state_key": "dev/terraform.tfstate"}
        task = {"name": "State", "ansible.builtin.include_role": role, "vars": variables}
        shown = run(tmp_path, emulator, [task, show("{{ outputs_outputs }}")]).assert_ok().one("Show").result["msg"]
        state = shown["terraform_state"]["states"]["dev/terraform.tfstate"]
        assert shown["terraform_state"]["changed"] is True and (state["bucket"], state["serial"]) == ("acme-state", 1)
        missing = {**task, "vars": {name: value for name, value in variables.items() if name != "outputs_deployment"}}
        misspelled = {**task, "vars": {**variables, "outputs_terraform_state_kye": "x"}}
        of_missing, of_misspelled = messages_of(run(tmp_path, emulator, refused("wrong", missing, misspelled)), "wrong")
        assert "missing required arguments: outputs_deployment" in of_missing
        assert "did you mean outputs_terraform_state_key" in of_misspelled
