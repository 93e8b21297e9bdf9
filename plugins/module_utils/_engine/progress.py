# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Progress of long runs: a module cannot print, so it appends lines to a file that somebody else shows."""

from __future__ import annotations

import time
from collections.abc import Callable


def progress_writer(path: str | None) -> Callable[[str], None]:
    """A function that appends one line per call, "<UTC time> <text>", or does nothing where no path is given."""
    if not path:
        return lambda text: None

    def write(text: str) -> None:
        try:
            with open(path, "a", encoding="utf-8") as stream:
                stream.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n")
        except OSError:
            pass  # a run must not fail because nobody can watch it

    return write
