# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Templates of generated projects.

They write [[ value ]] and [% if %], since what they generate is full of {{ }} and ${ } itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import jinja2
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._new_project.layout import Tree

SUFFIX = ".j2"


def render(templates: Path, trees: Iterable[Tree]) -> dict[str, str]:
    """The texts of all files by their path in the project, in the order of the trees; later trees win."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
    texts: dict[str, str] = {}
    for tree in trees:
        for path in sorted((templates / tree.source).rglob(f"*{SUFFIX}")):
            name = path.relative_to(templates / tree.source).as_posix().removesuffix(SUFFIX)
            template = environment.get_template(path.relative_to(templates).as_posix())
            texts[f"{tree.target}/{name}" if tree.target else name] = template.render(tree.values)
    return texts
