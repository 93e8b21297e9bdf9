"""The command blocks of Markdown pages, run as a reader would: see docs/how-to/README.md for how blocks are marked."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

RUN, FAILS, MAKE = "sh", "sh fails", "sh make"
NOT_RUN = ("sh real-aws", "sh ansible-runner")
COMMANDS = (RUN, FAILS, MAKE, *NOT_RUN)
WRITTEN = ("yaml", "json", "python")


@dataclass(frozen=True)
class Block:
    """A fenced block; `info` is what follows the fence, `line` where it begins."""

    page: Path
    line: int
    info: str
    content: str

    @property
    def file(self) -> str:
        """The path that the block is written to, for `yaml <file>` and the like."""
        language, _, name = self.info.partition(" ")
        return name if language in WRITTEN else ""

    def __str__(self) -> str:
        return f"{self.page.name}, line {self.line}:\n{self.content}"


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, also those in lists."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return [
        Block(page, token.map[0] + 1, token.info.strip(), token.content) for token in tokens if token.type == "fence"
    ]


def make_targets(page: Path) -> Iterator[str]:
    """What `sh make` blocks ask make for."""
    for block in blocks(page):
        if block.info == MAKE:
            yield from re.findall(r"^make (\S+)", block.content, re.MULTILINE)


def carry_out(block: Block, root: Path, environment: Mapping[str, str], timeout: float = 300) -> None:
    """Runs, writes or applies one block in a checkout; an AssertionError with its output where it does not do what
    the page says.
    """
    if block.file:
        path = root / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.content, encoding="utf-8")
    elif block.info == "diff":
        _run(["patch", "--strip=1", "--no-backup-if-mismatch"], block, root, environment, timeout, script=block.content)
    elif block.info == RUN:
        _run(["bash", "-eu", "-o", "pipefail", "-s"], block, root, environment, timeout, script=block.content)
    elif block.info == FAILS:
        _run(
            ["bash", "-eu", "-o", "pipefail", "-s"], block, root, environment, timeout, script=block.content, fails=True
        )


def _run(command, block, root, environment, timeout, *, script, fails=False) -> None:
    done = subprocess.run(
        command,
        cwd=root,
        env=dict(environment),
        input=script,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=timeout,
        check=False,
    )
    expected = "a failure" if fails else "success"
    assert bool(done.returncode) == fails, (
        f"{block}\nexpected {expected}, the exit code is {done.returncode}:\n{done.stdout[-4000:]}"
    )
    if fails:
        # It must fail for a reason that is meant for the reader, and not for a mistake in the page.
        assert re.search(r"nothing was changed|Nothing was", done.stdout), (
            f"{block}\nfails for another reason:\n{done.stdout[-4000:]}"
        )
