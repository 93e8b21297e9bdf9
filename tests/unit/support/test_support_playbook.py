"""Playbook runs: results as modules returned them, a recap, and a kill that reaches workers and modules."""

from __future__ import annotations

import time

import pytest
from support.playbook import PlaybookRun, run_environment, run_playbook
from support.processes import marked

PLAY = """
- name: Play
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
"""


@pytest.fixture
def write_play(tmp_path):
    def write(tasks: str):
        path = tmp_path / "play.yml"
        path.write_text(PLAY + tasks)
        return path

    return write


def test_results_recap_and_failures_are_read_exactly(write_play, tmp_path):
    play = write_play("""
    - name: Facts
      ansible.builtin.set_fact:
        answer: {"number": 42, "list": [1, "a"]}
    - name: Each
      ansible.builtin.debug:
        msg: "{{ item }}"
      loop: [a, b]
    - name: Hidden
      ansible.builtin.debug:
        msg: geheim
      no_log: true
    - name: Skipped
      ansible.builtin.debug:
      when: false
    - name: Ignored
      ansible.builtin.fail:
        msg: not so bad
      ignore_errors: true
    - name: Last
      ansible.builtin.assert:
        that: wanted == given
        fail_msg: "wanted {{ wanted }}"
""")
    result = run_playbook(play, None, extra_vars={"wanted": "x", "given": "y"}, cwd=tmp_path)
    assert result.rc == 2
    assert result.one("Facts").result["ansible_facts"] == {"answer": {"number": 42, "list": [1, "a"]}}
    assert result.returned("item") == ["a", "b"]
    assert [(task.task, task.status, task.ignored) for task in result.tasks[-3:]] == [
        ("Skipped", "skipped", False),
        ("Ignored", "failed", True),
        ("Last", "failed", False),
    ]
    assert "geheim" not in str(result.tasks)
    assert result.recap["localhost"]["ok"] == 4
    assert result.recap["localhost"]["failures"] == 1
    assert result.changed == 0
    result.assert_failed("wanted x")
    with pytest.raises(AssertionError, match="localhost: Last: wanted x"):
        result.assert_ok()


def test_the_environment_is_clean_and_can_be_changed(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "of-the-developer")
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "minimal")
    environment = run_environment({"AWS_REGION": "ap-northeast-2", "LC_ALL": None})
    assert "AWS_PROFILE" not in environment
    assert "ANSIBLE_STDOUT_CALLBACK" not in environment
    assert "LC_ALL" not in environment
    assert environment["AWS_REGION"] == "ap-northeast-2"


def test_a_kill_at_a_write_ends_workers_and_modules(write_play, tmp_path, aws, through):
    """ansible-core puts workers into sessions of their own: the process group alone would miss them."""
    play = write_play("""
    - name: Writes
      amazon.aws.cloudwatchlogs_log_group:
        log_group_name: "/{{ item }}"
      loop: [one, two, three]
""")
    run = PlaybookRun(play, None, env=aws.environment(through.endpoint_url), cwd=tmp_path)
    alive_at_kill = []

    def kill():
        alive_at_kill.extend(process.pid for process in marked(run.mark))
        run.kill()

    through.on_write(2, kill)
    result = run.start().wait(60)
    through.wait_idle()
    assert result.rc == -9
    assert result.recap == {}
    assert len(alive_at_kill) >= 3, "ansible-playbook, a worker and a module"
    assert marked(run.mark) == []
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    assert len(groups) == len([entry for entry in through.writes() if entry.executed])


def test_a_run_that_takes_too_long_is_ended_with_its_output(write_play, tmp_path):
    play = write_play("""
    - name: First
      ansible.builtin.debug:
        msg: hello
    - name: Never ends
      ansible.builtin.pause:
        seconds: 600
""")
    run = PlaybookRun(play, None, cwd=tmp_path).start()
    deadline = time.monotonic() + 60
    while "hello" not in run.stdout_so_far():
        assert time.monotonic() < deadline, run.stdout_so_far()
        time.sleep(0.05)
    with pytest.raises(TimeoutError, match="hello"):
        run.wait(0)
    assert marked(run.mark) == []
