"""The checkout as a part sees it: what an earlier part has just rendered comes before what is on the disk."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from common import ROOT, StepError

from .yaml_text import load

BEGIN = "# BEGIN rendered by make render"
END = "# END rendered"
BLOCK = re.compile(rf"^( *){BEGIN}[^\n]*\n.*?^ *{END}$", re.MULTILINE | re.DOTALL)


class Tree:
    """Paths are relative to the root, as Git names them."""

    def __init__(self, changed: dict[str, str] | None = None, root: Path = ROOT) -> None:
        self.changed = dict(changed or {})
        self.root = root

    def read(self, path: str) -> str:
        """The text of a file; empty where there is none."""
        if path in self.changed:
            return self.changed[path]
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def yaml(self, path: str) -> Any:
        text = self.read(path)
        if not text:
            raise StepError(f"{path} does not exist or is empty")
        return load(text)

    def constant(self, path: str, name: str) -> Any:
        """The YAML in a string constant of a Python file, DOCUMENTATION for example."""
        for node in ast.walk(ast.parse(self.read(path))):
            if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == [name]:
                return load(ast.literal_eval(node.value))
        raise StepError(f"{path} has no {name}")

    def with_block(self, path: str, lines: list[str], source: str) -> str:
        """The text of a file with the lines in place of what its one rendered block holds."""
        if len(BLOCK.findall(self.read(path))) != 1:
            raise StepError(f"{path} must have exactly one block between '{BEGIN}' and '{END}'")
        return self._with_lines(BLOCK, path, lines, source)

    def with_blocks(self, path: str, lines: list[str], source: str) -> str:
        """The same for each of the blocks that name this source; a file may have others."""
        blocks = re.compile(BLOCK.pattern.replace(BEGIN, f"{BEGIN} from {re.escape(source)}"), BLOCK.flags)
        if not blocks.search(self.read(path)):
            raise StepError(f"{path} must have a block between '{BEGIN} from {source}' and '{END}'")
        return self._with_lines(blocks, path, lines, source)

    def _with_lines(self, blocks: re.Pattern[str], path: str, lines: list[str], source: str) -> str:
        def block(match: re.Match[str]) -> str:
            return "\n".join(f"{match[1]}{line}" for line in [f"{BEGIN} from {source}", *lines, END])

        return blocks.sub(block, self.read(path))
