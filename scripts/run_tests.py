"""Run a suite or parts of one: `run_tests.py [test|test-all|<part> ...] [-- arguments]`.

`test` is what every change must pass; `test-all` is what takes longer. Their parts run two at a time with each part's
output kept together; the last lines say what ran, what did not and why. A part alone shows its output live; arguments
after `--` go to its (last) command.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from common import CACHE, ROOT, VENV, StepError, find_python, main, say
from emulator import client_settings, free_port
from setup_venv import LOCALSTACK_PYTHONS, NO_LOCALSTACK_PYTHON, link_collection

LOGS = CACHE / "logs"
PARTS_AT_ONCE = 2
PROGRESS_SECONDS = 30
# On two cores; what takes longer belongs in LONGER.
TEST_MINUTES = 30
SLOWEST = 10
# Integration tests build them and run the scenario's own tests on them (test_site_plan.py, test_site_foreign.py).
FURTHER_SITES = ("site_prod", "site_wealist_prod")


@dataclass
class Result:
    """What a part came to; `notes` say why something was skipped or failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        return "FAILED" if self.failed else "passed" if self.passed else "skipped"


class Run:
    """One part's commands, their output in a log and, if wanted, on the terminal."""

    def __init__(self, name: str, live: bool, extra_arguments: list[str]) -> None:
        self.name, self.live, self.extra_arguments = name, live, extra_arguments
        self.log = LOGS / f"test-{name}.log"
        self.log.write_text("")
        self.result = Result()

    def command(self, *command: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """Run a command to its end; return its exit code and output."""
        lines = [f"$ {' '.join(command)}\n"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=test_environment() | (environment or {}), text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdout is not None, "it is a pipe"
        with self.log.open("a") as log:
            log.write(lines[0])
            for line in process.stdout:
                lines.append(line)
                log.write(line)
                log.flush()
                if self.live:
                    print(line, end="", flush=True)
        return process.wait(), "".join(lines)

    def check(self, *command: str) -> None:
        """A command that counts as one test."""
        returncode, _ = self.command(*command)
        if returncode:
            self.result.failed += 1
            self.result.notes.append(f"failed: {Path(command[0]).name}")
        else:
            self.result.passed += 1


def test_environment() -> dict[str, str]:
    """.venv first on the path, and no AWS setting of the user's: a test must never reach a real account."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return inherited | {"PATH": path, "VIRTUAL_ENV": str(VENV), "NO_COLOR": "1", "AWS_EC2_METADATA_DISABLED": "true"}


def tool(name: str) -> str:
    return str(VENV / "bin" / name)


def lint(run: Run) -> None:
    run.check(tool("yamllint"), "--strict", ".")
    run.check(tool("ruff"), "check", ".")
    run.check(tool("ruff"), "format", "--check", ".")
    link_collection(CACHE / "mypy" / "path")
    run.check(tool("mypy"))
    run.check(tool("antsibull-changelog"), "lint")
    run.check(tool("pre-commit"), "validate-config")
    run.check(tool("python"), "scripts/render.py", "--check")
    run.check(tool("ansible-lint"), "--offline", "--nocolor")


def sanity(run: Run) -> None:
    returncode, output = run.command(tool("python"), "scripts/sanity.py", *run.extra_arguments)
    ran = set(re.findall(r'^Running sanity test "([\w-]+)"', output, re.MULTILINE))
    skipped = set(re.findall(r'Skipping sanity test "([\w-]+)"', output))
    # The list of failed tests stands at the end, one name a line.
    failed = set(output.partition("FATAL: The ")[2].splitlines()[1:]) & ran
    run.result = Result(len(ran - skipped - failed), len(failed), len(skipped))
    run.result.notes += [f"failed: {name}" for name in sorted(failed)]
    run.result.notes += [f"skipped by ansible-test: {name}" for name in sorted(skipped)]
    require_success(run, returncode)


def pytest(run: Run) -> None:
    run_pytest(run, f"tests/{run.name}")


def integration(run: Run) -> None:
    """Of cases that share one mechanism a spread; the others are `cases`."""
    run_pytest(run, "tests/integration", "-m", "not every_case and not full_kill_points")


def cases(run: Run) -> None:
    run_pytest(run, "tests/integration", "-m", "every_case and not requires_program")


def run_pytest(run: Run, tests: str, *options: str, environment: dict[str, str] | None = None) -> None:
    report = LOGS / f"{run.name}.xml"
    report.unlink(missing_ok=True)
    command = [tool("pytest"), tests, f"--junitxml={report}", f"--durations={SLOWEST}", *options, *run.extra_arguments]
    returncode, output = run.command(*command, environment=environment)
    if report.exists():
        suite = next(ElementTree.parse(report).getroot().iter("testsuite"))
        total, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
        failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
        run.result = Result(total - failed - skipped, failed, skipped)
        reasons = Counter(element.get("message", "") for element in suite.iter("skipped"))
        run.result.notes += [f"{count} skipped: {reason}" for reason, count in sorted(reasons.items())]
    if run.name in TEST and (left := re.search(r"\b(\d+) deselected", output)) and not run.extra_arguments:
        run.result.notes.append(f"{left[1]} more in make test-all")
    if returncode == 5:  # pytest collected no test
        run.result.skipped += 1
        run.result.notes.append(f"{tests} holds no test")
        return
    require_success(run, returncode)


def molecule(run: Run) -> None:
    """The roles and one site; ARGS="--all" for all."""
    run_molecule(run, [name for name in scenarios() if name not in FURTHER_SITES])


def sites(run: Run) -> None:
    run_molecule(run, list(FURTHER_SITES))


def scenarios() -> list[str]:
    return sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml") if path.parent.name != "default")


def run_molecule(run: Run, names: list[str]) -> None:
    """On LocalStack where a Python for it exists, else on moto; EMULATOR=moto asks for moto."""
    kind = "moto" if os.environ.get("EMULATOR") == "moto" else "localstack"
    if kind == "localstack" and find_python(LOCALSTACK_PYTHONS) is None:
        kind = "moto"
        run.result.notes.append(f"ran on moto: {NO_LOCALSTACK_PYTHON}")
    if kind == "localstack":
        returncode, _ = run.command(tool("python"), "scripts/setup_venv.py", "localstack")
        if returncode:
            return require_success(run, returncode)
    arguments = run.extra_arguments or [part for name in names for part in ("-s", name)]
    (CACHE / "molecule").mkdir(parents=True, exist_ok=True)
    # A free port and a folder of its own: a demo on 4566, or another run, may go on beside.
    with tempfile.TemporaryDirectory(dir=CACHE / "molecule") as folder:
        environment = client_settings(free_port()) | {
            "EMULATOR": kind,
            "MOLECULE_EPHEMERAL_DIRECTORY": folder,
            "MOLECULE_COMMAND_BORDERS": "false",
        }
        returncode, output = run.command(tool("molecule"), "test", *arguments, environment=environment)
    recap = re.findall(r"^(\S+)\s*: actions=.* failed=(\d+)", output.partition("SCENARIO RECAP")[2], re.MULTILINE)
    failed = {name for name, failures in recap if int(failures)}
    run.result.passed = len({name for name, _ in recap} - failed - {"default"})
    run.result.failed = len(failed)
    run.result.notes += [f"failed: {name}" for name in sorted(failed)]
    run.result.notes.append(f"on {kind}")
    return require_success(run, returncode)


def kill(run: Run) -> None:
    """Every kill point (FULL_KILL_POINTS=4: every fourth), on both cores where nothing else runs."""
    processes = ("-n", str(PARTS_AT_ONCE)) if run.live else ()
    points = os.environ.get("FULL_KILL_POINTS") or "1"
    run_pytest(
        run,
        "tests/integration/test_site_kill.py",
        "-m",
        "full_kill_points",
        *processes,
        environment={"FULL_KILL_POINTS": points},
    )


def upgrade(run: Run) -> None:
    """Every deployment as the last release built it, planned by this checkout."""
    run_pytest(run, "tests/integration/test_upgrade.py", environment={"FULL_UPGRADE": "1"})


def programs(run: Run) -> None:
    run_pytest(run, "tests/integration", "-m", "requires_program")


def breaks(run: Run) -> None:
    returncode, output = run.command(tool("python"), "scripts/try_breaks.py", *run.extra_arguments)
    missed = re.findall(r"^MISSED +(.*) \(", output, re.MULTILINE)
    run.result = Result(
        len(re.findall(r"^caught ", output, re.MULTILINE)), len(missed), notes=[f"missed: {name}" for name in missed]
    )
    require_success(run, returncode)


def matrix(run: Run) -> None:
    run.check("make", "matrix", f"ARGS={' '.join(run.extra_arguments)}")


def require_success(run: Run, returncode: int) -> None:
    """A command that failed without naming a failed test still fails its part."""
    if returncode and not run.result.failed:
        run.result.failed = 1
        run.result.notes.append(f"exit code {returncode}")


# The longest first, so that no core is idle at the end. Each with what must exist for it to have anything to do.
Parts = dict[str, tuple[Callable[[Run], None], str]]
TEST: Parts = {
    "integration": (integration, "tests/integration/**/test_*.py"),
    "molecule": (molecule, "molecule/*/molecule.yml"),
    "unit": (pytest, "tests/unit/**/test_*.py"),
    "sanity": (sanity, "plugins/*"),
    "lint": (lint, "galaxy.yml"),
}
LONGER: Parts = {
    "cases": (cases, "tests/integration/**/test_*.py"),
    "sites": (sites, "molecule/*/molecule.yml"),
    "kill": (kill, "tests/integration/test_site_kill.py"),
    "upgrade": (upgrade, "tests/upgrade.yml"),
    "programs": (programs, "tests/integration/**/test_*.py"),
    "breaks": (breaks, "molecule/breaks.yml"),
    "matrix": (matrix, "scripts/matrix.py"),
}
PARTS = TEST | LONGER
SUITES = {"test": TEST, "test-all": LONGER}


def run_part(name: str, live: bool, extra_arguments: list[str]) -> Run:
    function, needed = PARTS[name]
    run = Run(name, live, extra_arguments)
    if not any(ROOT.glob(needed)):
        run.result = Result(skipped=1, notes=[f"there is no {needed} yet"])
        return run
    started = time.monotonic()
    try:
        function(run)
    except Exception as error:  # one part's breakdown must not hide the results of the others
        run.result.failed += 1
        run.result.notes.append(f"{type(error).__name__}: {error}")
    run.result.seconds = time.monotonic() - started
    return run


def report_end(run: Run) -> None:
    say(f"[{run.name}] {run.result.verdict} in {run.result.seconds:.0f} s")
    if run.result.failed and not run.live:
        say(f"----- output of {run.name} ({run.log.relative_to(ROOT)}) -----")
        say(run.log.read_text(errors="replace").rstrip())
        say(f"----- end of the output of {run.name} -----")


def run_all(names: list[str], extra_arguments: list[str]) -> list[Run]:
    live = len(names) == 1
    runs = []
    started = time.monotonic()
    with ThreadPoolExecutor(PARTS_AT_ONCE) as pool:
        waiting = {pool.submit(run_part, name, live, extra_arguments): name for name in names}
        say(f"Running {', '.join(names)} ...")
        while waiting:
            done, _ = wait(waiting, timeout=PROGRESS_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                del waiting[future]
                runs.append(future.result())
                report_end(runs[-1])
            if not done and not live:
                going = [name for future, name in waiting.items() if future.running()]
                say(f"  {time.monotonic() - started:4.0f} s: {', '.join(going)} still running")
    return sorted(runs, key=lambda run: names.index(run.name))


def command_of(name: str) -> str:
    return f"make {name}" if name in TEST else f"make test-all ARGS={name}"


def summarize(runs: list[Run]) -> int:
    say(f"\n{'part':12} {'result':8} {'passed':>7} {'failed':>7} {'skipped':>7} {'time':>7}  alone")
    for run in runs:
        result = run.result
        say(f"{run.name:12} {result.verdict:8} {result.passed:7} {result.failed:7} {result.skipped:7} "
            f"{result.seconds:5.0f} s  {command_of(run.name)}")  # fmt: skip
        for note in result.notes:
            say(f"{'':12}   {note}")
    passed, failed, skipped = (
        sum(getattr(run.result, name) for run in runs) for name in ("passed", "failed", "skipped")
    )
    if not passed and not failed:
        say("no test ran")
    say(f"{passed} passed, {failed} failed, {skipped} skipped")
    say(f"the {SLOWEST} slowest tests of a part stand at the end of {LOGS.relative_to(ROOT)}/test-<part>.log")
    return 1 if failed or not passed else 0


def parts_of(names: list[str]) -> list[str]:
    """The parts that are meant: a suite stands for all of its own."""
    unknown = set(names) - set(PARTS) - set(SUITES)
    if unknown:
        raise StepError(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join((*SUITES, *PARTS))}")
    return list(dict.fromkeys(part for name in names or ["test"] for part in SUITES.get(name, [name])))


def body() -> int:
    arguments = sys.argv[1:]
    extra_arguments = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    names = parts_of(arguments[: arguments.index("--")] if "--" in arguments else arguments)
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    runs = run_all(names, extra_arguments)
    minutes = (time.monotonic() - started) / 60
    if names == list(TEST) and minutes > TEST_MINUTES:
        say(f"make test took {minutes:.0f} minutes; it must not take more than {TEST_MINUTES}: see docs/testing.md")
    return summarize(runs)


if __name__ == "__main__":
    main(body)
