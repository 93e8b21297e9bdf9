"""What a playbook run gave: exit code, output, recap, and every task's result as the module returned it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class TaskResult:
    """One task on one host; `status`: ok, failed, skipped or unreachable; `result`: what the module returned."""

    play: str
    host: str
    task: str  # "role : name" for tasks of roles
    action: str  # the FQCN of the module
    role: str | None
    status: str
    ignored: bool  # failed, but ignore_errors
    changed: bool
    result: dict[str, Any]


@dataclass(frozen=True)
class RunResult:
    """`recap`: {host: {ok, changed, failures, unreachable, skipped, rescued, ignored}}, empty for a run that was
    killed.
    """

    command: tuple[str, ...]
    rc: int  # negative: ended by that signal
    stdout: str
    stderr: str
    recap: dict[str, dict[str, int]]
    tasks: tuple[TaskResult, ...]
    seconds: float

    @property
    def output(self) -> str:
        """Both streams, for searching messages."""
        return self.stdout + self.stderr

    @property
    def changed(self) -> int:
        """The sum of `changed` over all hosts."""
        return sum(host["changed"] for host in self.recap.values())

    @property
    def failed_tasks(self) -> list[TaskResult]:
        """Tasks that failed and were not ignored."""
        return [task for task in self.tasks if task.status in ("failed", "unreachable") and not task.ignored]

    def select(
        self, name: str = "", action: str = "", where: Callable[[TaskResult], bool] | None = None
    ) -> list[TaskResult]:
        """The task results whose name and module contain these texts."""
        return [
            task
            for task in self.tasks
            if name in task.task and action in task.action and (where is None or where(task))
        ]

    def one(self, name: str = "", action: str = "") -> TaskResult:
        """The one task that was not skipped with this name or module; an AssertionError when it is not exactly one."""
        found = [task for task in self.select(name, action) if task.status != "skipped"]
        assert len(found) == 1, (
            f"{len(found)} tasks with name {name!r}, module {action!r}; there are {[task.task for task in self.tasks]}"
        )
        return found[0]

    def returned(self, key: str, action: str = "") -> list[Any]:
        """What module results hold under `key`, items of loops as well, in order of execution."""
        results = [part for task in self.select(action=action) for part in (task.result, *_items(task.result))]
        return [part[key] for part in results if key in part]

    def actions(self) -> list[dict]:
        """The `actions` of all our modules in one list, in order of execution."""
        return [
            action for actions in self.returned("actions", "connectly.shared_infrastructure.") for action in actions
        ]

    def assert_ok(self) -> RunResult:
        """Itself, or an AssertionError that shows what failed."""
        assert self.rc == 0, self.explain()
        return self

    def assert_failed(self, text: str) -> RunResult:
        """Itself when it failed with this text in its output, or in a message, which ansible-core 2.17 folds."""
        assert self.rc != 0, f"expected a failure with {text!r}\n{self.explain()}"
        said = [self.output, *(str(task.result.get("msg")) for task in self.failed_tasks)]
        assert any(text in part for part in said), f"{text!r} is not in the output\n{self.explain()}"
        return self

    def explain(self) -> str:
        """The command, the messages of the failed tasks, and the end of the output."""
        messages = [f"- {task.host}: {task.task}: {task.result.get('msg')}" for task in self.failed_tasks]
        return "\n".join(
            [f"rc {self.rc}: {' '.join(self.command)}", *messages, self.stdout[-6000:], self.stderr[-3000:]]
        )


def _items(result: dict) -> list[dict]:
    """The results of a loop's items."""
    items = result.get("results")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def read_lines(path: Path) -> tuple[dict, tuple[TaskResult, ...]]:
    """(recap, task results) out of what the callback plugin task_results wrote."""
    recap: dict = {}
    tasks = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            event = json.loads(line)
        except ValueError:
            continue  # cut off by a kill
        if event.pop("event") == "stats":
            recap = event["hosts"]
        else:
            tasks.append(TaskResult(**event))
    return recap, tuple(tasks)
