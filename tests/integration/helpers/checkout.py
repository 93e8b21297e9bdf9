"""The project as a clone would have it, in a folder of the test's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from support.playbook import ROOT


def copy_of_checkout(target: Path) -> Path:
    """The files that git knows or would take, as they stand."""
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listing.stdout.split("\0")):
        source = ROOT / name
        if source.exists() or source.is_symlink():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name, follow_symlinks=False)
    return target
