"""Renders roles/<role>/README.md from the role's argument spec, the outputs contract and docs/roles/<role>/
(example.yml,
notes.md), and docs/reference/variables.md from the argument spec of the playbooks.

A part of scripts/render.py (`make render`). Run alone with --check it says whether the pages are up to date.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from common import ROOT, StepError, main, say
from rendering.yaml_text import load

sys.path.insert(0, str(ROOT / "plugins" / "module_utils" / "_publishing"))

from contract.layers import LAYER_NAMES
from contract.model import CONTRACT

NAMESPACE = "connectly.shared_infrastructure"
ROLES = (*LAYER_NAMES, "outputs", "new_project")
VARIABLES = "variables"
PAGES = (*ROLES, VARIABLES)
LONGEST_DEFAULT = 100
# The markup of Ansible's documentation that the specs use: C(code), V(value), O(option=value), M(module), B(bold),
# I(italic).
MARKUP = re.compile(r"\b([CVOMBI])\(((?:[^()\\]|\\.|\([^()]*\))*)\)")
QUOTES = {"B": "**", "I": "*"}


def paragraphs(text: str | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or [])


def markdown(text: str) -> str:
    """A description with Ansible's markup as Markdown."""

    def replace(match: re.Match) -> str:
        quote = QUOTES.get(match[1], "`")
        content = match[2].replace("\\", "")
        return f"{quote}{content.replace('=', ': ', 1) if match[1] == 'O' else content}{quote}"

    return MARKUP.sub(replace, text)


def type_of(option: Mapping[str, Any]) -> str:
    name = option.get("type", "str")
    return f"{name} of {option.get('elements', 'str')}" if name == "list" else name


def default_of(option: Mapping[str, Any]) -> str:
    if "default" not in option:
        return ""
    text = json.dumps(option["default"], ensure_ascii=False)
    return f"`{text}`" if len(text) <= LONGEST_DEFAULT else "see [defaults](defaults/main.yml)"


def rows(options: Mapping[str, Any], parent: str = "") -> Iterator[str]:
    """One row of the table for each option, followed by those of its own options."""
    for name, option in options.items():
        description = " ".join(markdown(part) for part in paragraphs(option.get("description")))
        if "choices" in option:
            description += (
                f" One of {', '.join(f'`{json.dumps(choice)}`'.replace(chr(34), '') for choice in option['choices'])}."
            )
        cells = (
            f"`{parent}{name}`",
            type_of(option),
            default_of(option),
            "yes" if option.get("required") else "",
            description.replace("|", "\\|"),
        )
        yield f"| {' | '.join(cells)} |".replace("|  |", "| |")
        yield from rows(option.get("options", {}), f"{parent}{name}{'[]' if option.get('type') == 'list' else ''}.")


def table(options: Mapping[str, Any]) -> str:
    return "\n".join(
        ["| variable | type | default | required | description |", "|---|---|---|---|---|", *rows(options)]
    )


def outputs_section(role: str) -> str:
    """What the role hands back, out of the contract; nothing for roles that are no layer."""
    declared = CONTRACT.of_layer(role)
    if not declared:
        return ""
    lines = [f"| `{output.name}` | {output.type} | {output.description} |" for output in declared]
    introduction = (
        f"The fact `{role}_outputs` is a dictionary of these; what the deployment does not have is left out. "
        "Nothing is published by this role."
    )
    return "\n".join(["## Outputs\n", f"{introduction}\n", "| key | type | value |", "|---|---|---|", *lines]) + "\n"


def on_disk(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def render_role(role: str, read: Callable[[str], str] = on_disk) -> str:
    """The page as Markdown."""
    specs = load(read(f"roles/{role}/meta/argument_specs.yml"))["argument_specs"]
    sources = ROOT / "docs" / "roles" / role
    example = (sources / "example.yml").read_text(encoding="utf-8").removeprefix("---\n").rstrip()
    spec = specs.pop("main")
    sections = [
        (
            f"<!-- Rendered by make render from meta/argument_specs.yml and docs/roles/{role}/; do not edit. -->\n"
            f"# {role}\n"
        ),
        "".join(f"{markdown(part)}\n\n" for part in paragraphs(spec["description"])).rstrip("\n") + "\n",
        (
            "## Example\n\nA whole playbook; the tests run it as it stands "
            f"(`docs/roles/{role}/example.yml`).\n\n```yaml\n{example}\n```\n"
        ),
        outputs_section(role),
        (sources / "notes.md").read_text(encoding="utf-8").rstrip() + "\n",
        (
            f"## Inputs\n\n`ansible-doc -t role {NAMESPACE}.{role}` shows the same. Only these variables are read; "
            f"a misspelled `{role}_*` name is an error.\n"
        ),
        table(spec["options"]) + "\n",
    ]
    for entry, other in specs.items():
        sections.append(
            f"### `tasks_from: {entry}`\n\n"
            + "\n\n".join(markdown(part) for part in paragraphs(other["description"]))
            + "\n"
        )
        sections.append(table(other["options"]) + "\n")
    return "\n".join(section for section in sections if section)


def render_variables(read: Callable[[str], str] = on_disk) -> str:
    """The page of the playbooks' variables as Markdown."""
    spec = load(read("playbooks/parts/argument_specs.yml"))["argument_specs"]["main"]
    wiring = load(read("roles/wiring/vars/main.yml"))
    set_once = {**wiring["__set_for_all_layers"], **wiring["__set_for_publishing"]}
    once = [f"| `{variable}` | {', '.join(f'`{name}`' for name in names)} |" for variable, names in set_once.items()]
    sections = [
        (
            "<!-- Rendered by make render from playbooks/parts/argument_specs.yml and roles/wiring/; do not edit. -->\n"
            "# Variables of an inventory\n"
        ),
        "".join(f"{markdown(part)}\n\n" for part in paragraphs(spec["description"])).rstrip("\n") + "\n",
        table(spec["options"]) + "\n",
        "## Said once for all layers\n",
        (
            "The playbooks set the variables on the right from the one on the left. "
            "An inventory that sets them is refused, since it would not be read.\n"
        ),
        "\n".join(["| variable | the roles' variables |", "|---|---|", *once]) + "\n",
    ]
    return "\n".join(sections)


def render(name: str, read: Callable[[str], str] = on_disk) -> str:
    return render_variables(read) if name == VARIABLES else render_role(name, read)


def page(name: str) -> Path:
    return ROOT / "docs" / "reference" / "variables.md" if name == VARIABLES else ROOT / "roles" / name / "README.md"


def difference(name: str) -> str:
    """How the page on disk differs from what its sources give; empty when it is up to date."""
    current = page(name).read_text(encoding="utf-8") if page(name).exists() else ""
    return "\n".join(
        difflib.unified_diff(
            current.splitlines(),
            render(name).splitlines(),
            str(page(name).relative_to(ROOT)),
            "its sources",
            lineterm="",
        )
    )


def body() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a page is not what its sources give")
    arguments = parser.parse_args()
    stale = {name: text for name in PAGES if (text := difference(name))}
    if arguments.check and stale:
        raise StepError(
            f"not up to date: {', '.join(stale)}; run .venv/bin/python scripts/render_role_readmes.py\n"
            + "\n".join(stale.values())
        )
    for name in stale:
        page(name).write_text(render(name), encoding="utf-8")
        say(f"{page(name).relative_to(ROOT)} written")
    if not stale:
        say("every page is up to date")
    return 0


if __name__ == "__main__":
    main(body)
