#!/usr/bin/env python3
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Time a converged run of inventories/dev beside an ordinary playbook of 26 module runs, in turn, on one moto.

Run it with the environment's Python: .venv/bin/python benchmarks/converged.py [--runs 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.emulator import Emulator  # noqa: E402

COMMANDS = {
    "ordinary playbook (26 module runs)": ["benchmarks/ordinary.yml"],
    "connectly.shared_infrastructure dev": ["site.yml", "-i", "inventories/dev"],
}


def run(arguments: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """Seconds of one run, and its recap. A run that fails ends the benchmark with its output."""
    started = time.monotonic()
    playbook = Path(sys.executable).with_name("ansible-playbook")
    result = subprocess.run(
        [playbook, *arguments], cwd=ROOT, env=environment, text=True, capture_output=True, check=False
    )
    if result.returncode:
        sys.exit(f"{arguments} failed:\n{result.stdout}{result.stderr}")
    recap = [line for line in result.stdout.splitlines() if "changed=" in line]
    return time.monotonic() - started, " ".join(recap[0].split()[2:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each (3)")
    runs = parser.parse_args().runs
    with Emulator.start_own() as emulator:
        environment = {
            **os.environ,
            **emulator.environment(),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        for name, arguments in COMMANDS.items():
            run(arguments, environment)
            print(f"{name}: built; a converged run: {run(arguments, environment)[1]}", flush=True)
        times: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _number in range(runs):
            for name, arguments in COMMANDS.items():
                times[name].append(run(arguments, environment)[0])
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(f"{name}: median {medians[name]:.1f} s of {', '.join(f'{value:.1f}' for value in values)}")
    ordinary, ours = medians.values()
    print(f"a converged run takes {ours / ordinary:.2f} of the ordinary playbook's time")


if __name__ == "__main__":
    main()
