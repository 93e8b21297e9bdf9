"""Runs moto's server as a child process: prints `{"port": n}` when it listens, ends when its standard input does.

A port of 0 leaves the choice to the kernel, so that no other process can take it in between; and a test run that is
killed leaves no server behind, because its end of the pipe closes.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path


def main() -> None:
    """Serves until standard input ends."""
    from moto.server import ThreadedMotoServer

    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "emulators"))
    import moto_fixes

    moto_fixes.apply()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(json.dumps({"port": server.get_host_and_port()[1]}), flush=True)
    sys.stdin.read()
    # The server's threads may hold calls; nothing in them is worth waiting for.
    os._exit(0)


if __name__ == "__main__":
    main()
