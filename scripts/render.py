"""Renews everything that is rendered from something else; with --check it only says what is stale.

Run it with .venv/bin/python, or as `make render`.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterator

import render_contract
import render_role_readmes
from common import ROOT, StepError, main, say
from rendering import layer_roles, layers, returns, runtime
from rendering.tree import Tree

LONGEST_DIFFERENCE = 30
Part = Callable[[Tree], Iterator[tuple[str, str]]]


def pages(tree: Tree) -> Iterator[tuple[str, str]]:
    """The READMEs of the roles and the reference pages."""
    for name in render_role_readmes.PAGES:
        yield str(render_role_readmes.page(name).relative_to(ROOT)), render_role_readmes.render(name, tree.read)
    yield str(render_contract.PAGE.relative_to(ROOT)), render_contract.render()


# In this order: the READMEs are made from the argument specs.
PARTS: tuple[Part, ...] = (runtime.files, layers.files, layer_roles.files, returns.files, pages)


def stale(tree: Tree) -> dict[str, str]:
    """The text that a file must have, by path, for every file that has another one."""
    found = {}
    for part in PARTS:
        for path, text in part(tree):
            if tree.read(path) != text:
                found[path] = text
                tree.changed[path] = text
    return found


def check(tree: Tree) -> None:
    before = Tree(tree.changed, tree.root)
    found = stale(tree)
    if found:
        differences = "\n".join(difference(path, before.read(path), text) for path, text in found.items())
        raise StepError(f"stale, run `make render`: {', '.join(found)}\n{differences}")


def difference(path: str, current: str, wanted: str) -> str:
    lines = list(difflib.unified_diff(current.splitlines(), wanted.splitlines(), path, "rendered", lineterm="", n=1))
    left_out = len(lines) - LONGEST_DIFFERENCE
    return "\n".join(lines[:LONGEST_DIFFERENCE] + ([f"... {left_out} more lines"] if left_out > 0 else []))


def body() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a file is not what its sources give")
    tree = Tree()
    if parser.parse_args().check:
        check(tree)
        say("everything that is rendered is up to date")
        return 0
    for path, text in stale(tree).items():
        (tree.root / path).parent.mkdir(parents=True, exist_ok=True)
        (tree.root / path).write_text(text, encoding="utf-8")
        say(f"{path} written")
    return 0


if __name__ == "__main__":
    main(body)
