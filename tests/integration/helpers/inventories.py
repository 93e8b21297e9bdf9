"""Inventories of our own: dev's host with some variables set otherwise, in a file, so that messages have a line to
point to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.playbook import ROOT

HEAD = """---
all:
  children:
    shared_infrastructure:
      children:
        connectly:
        development:
    connectly:
      hosts:
        connectly-dev:
    development:
      hosts:
        connectly-dev:
          shared_infrastructure_environment: dev
"""


def dev_with(folder: Path, variables: Mapping[str, Any]) -> Path:
    """The folder, made an inventory of the deployment connectly-dev.

    A value that is a text is YAML, anything else is written as such.
    """
    folder.mkdir(parents=True)
    (folder / "group_vars").symlink_to(ROOT / "group_vars")
    settings = {"network_vpc_cidr": "10.0.0.0/16", **variables}
    lines = [
        f"          {name}: {value if isinstance(value, str) else json.dumps(value)}\n"
        for name, value in settings.items()
        if value is not None
    ]
    (folder / "hosts.yml").write_text(HEAD + "".join(lines))
    return folder


def line_of(inventory: Path, variable: str) -> int:
    """The line of a variable in the inventory's file."""
    lines = (inventory / "hosts.yml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.strip().startswith(f"{variable}:"))
