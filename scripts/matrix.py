"""Run the collection on the pairs of ansible-core and Python that tests/matrix.yml names: `matrix.py [pair ...]`.

A pair is written 2.21-py3.13; `oldest` and `newest` are those of the pairs that this machine has an interpreter for,
and without any all of them run. Each has an environment below .cache/matrix/, in which inventories/dev is applied to an
emulator, applied again and checked, and the unit tests run.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
import yaml
from base_collections import install_collections
from common import CACHE, ROOT, StepError, exclusive, find_python, main, run_logged, say
from emulator import REGION, client_environment, endpoint, free_port, start, stop
from run_tests import test_environment
from setup_venv import link_collection, make_venv, site_packages_of

MATRIX = ROOT / "tests" / "matrix.yml"
FOLDER = CACHE / "matrix"
INVENTORY = "dev"
# What the unit tests import besides.
TESTS = ("aiohttp", "markdown-it-py", "moto[server]", "psutil", "pytest", "pytest-xdist")
# What a supported ansible-core brings along in versions of its own.
NOT_AS_LOCKED = ("ansible", "ansible-core", "resolvelib")


@dataclass(frozen=True)
class Pair:
    """One ansible-core on one Python, with the amazon.aws that belongs to it."""

    core: str
    python: str
    amazon_aws: str
    ansible: str  # the package whose wheel holds that amazon.aws
    end_of_life: bool

    @property
    def name(self) -> str:
        return f"{self.core.rpartition('.')[0]}-py{self.python}"

    def __str__(self) -> str:
        return f"{self.name:12} ansible-core {self.core:8} amazon.aws {self.amazon_aws:8}"

    @property
    def environment(self) -> Path:
        return FOLDER / self.name

    def program(self, name: str) -> str:
        return str(self.environment / "bin" / name)

    def log(self, step: str) -> Path:
        return CACHE / "logs" / f"matrix-{self.name}-{step}.log"


@functools.cache
def interpreter(python: str) -> str | None:
    major, minor = map(int, python.split("."))
    return find_python([(major, minor)])


def read_pairs() -> list[Pair]:
    matrix = yaml.safe_load(MATRIX.read_text())
    return [
        Pair(
            core["version"],
            python,
            core["amazon_aws"],
            matrix["amazon_aws"][core["amazon_aws"]],
            core.get("end_of_life", False),
        )
        for core in matrix["cores"]
        for python in core["python"]
    ]


def choose(names: list[str]) -> tuple[list[Pair], list[Pair]]:
    """The pairs of these names, or all: those that this machine can run, and the others."""
    pairs = read_pairs()
    known = {pair.name: pair for pair in pairs}
    unknown = set(names) - {*known, "oldest", "newest"}
    if unknown:
        raise StepError(f"no such pair: {', '.join(sorted(unknown))}; there are {', '.join(known)}, oldest and newest")
    possible = [pair for pair in pairs if interpreter(pair.python)]
    ends = {"oldest": possible[:1], "newest": possible[-1:]}
    wanted = [pair for name in names for pair in (ends[name] if name in ends else [known[name]])] if names else pairs
    return [pair for pair in wanted if pair in possible], [pair for pair in wanted if pair not in possible]


def constraints() -> str:
    """The versions of requirements/test.lock, without hashes, for all that a pair does not name itself."""
    locked = re.findall(
        r"^([\w.-]+)(==[^\s\\]+(?: ; [^\\\n]+)?)", (ROOT / "requirements" / "test.lock").read_text(), re.MULTILINE
    )
    return "".join(f"{name}{version.rstrip()}\n" for name, version in locked if name not in NOT_AS_LOCKED)


def install(pair: Pair, part: str, packages: tuple[str, ...]) -> None:
    """Packages as they are locked; the part "site" makes the environment anew."""
    stamp = pair.environment / f".installed-{part}"
    content = "\n".join([repr(pair), *packages, constraints()])
    with exclusive(f"matrix-{pair.name}"):
        if stamp.exists() and stamp.read_text() == content:
            return
        if part == "site":
            python = interpreter(pair.python)
            assert python is not None, "choose() leaves out pairs whose Python is missing"
            make_venv(pair.environment, python)
            where = site_packages_of(pair.environment)
            install_collections(pair.program("python"), [f"ansible=={pair.ansible}"], ["amazon.aws"], where)
            link_collection(where)
        limits = pair.environment / "constraints.txt"
        limits.write_text(constraints())
        run_logged(
            f"{pair.name}: install for {part}",
            [pair.program("python"), "-m", "pip", "install", "--no-compile", "--no-input", "--progress-bar", "off",
             "-c", str(limits), *packages],
            pair.log(f"install-{part}"),
        )  # fmt: skip
        stamp.write_text(content)


def run_site(pair: Pair, port: int, step: str, *arguments: str) -> str:
    """One run of the site in the pair's environment; its output."""
    environment = client_environment(port) | {"PATH": search_path(pair), "ANSIBLE_NOCOLOR": "1"}
    run_logged(
        f"{pair.name}: {step}",
        [pair.program("ansible-playbook"), "site.yml", "-i", INVENTORY, *arguments],
        pair.log(step),
        env=environment,
    )
    output = pair.log(step).read_text()
    warnings = re.findall(r"^\[(?:DEPRECATION )?WARNING\].*", output, re.MULTILINE)
    require(not warnings, pair, f"{step} warns: {warnings}")
    return output


def search_path(pair: Pair) -> str:
    return os.pathsep.join([str(pair.environment / "bin"), os.environ["PATH"]])


def changes(output: str) -> int:
    return sum(map(int, re.findall(r"\bchanged=(\d+)", output)))


def require(true: bool, pair: Pair, what: str) -> None:
    if not true:
        raise StepError(f"{pair.name}: {what}; see .cache/logs/matrix-{pair.name}-*.log")


def vpcs(port: int) -> list[str]:
    """Their CIDRs, read plainly."""
    client = boto3.client(
        "ec2", endpoint_url=endpoint(port), region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )
    return [
        vpc["CidrBlock"]
        for vpc in client.describe_vpcs(Filters=[{"Name": "tag-key", "Values": ["connectly:deployment"]}])["Vpcs"]
    ]


def try_site(pair: Pair) -> None:
    """Apply, apply again, check, on an emulator of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir=FOLDER) as state:
        start("moto", port, Path(state))
        try:
            require(changes(run_site(pair, port, "apply")) > 0, pair, "the first run changed nothing")
            require(vpcs(port) == ["10.0.0.0/16"], pair, f"the VPCs are {vpcs(port)}")
            require(changes(run_site(pair, port, "converge")) == 0, pair, "the second run changed something")
            checked = run_site(pair, port, "check", "--check", "-vvv")
            require(changes(checked) == 0, pair, "--check would change something")
            own = re.findall(r"^Using module file .*/(\w+)\.py$", checked, re.MULTILINE)
            require(pair.end_of_life or not own, pair, f"modules did not run inside the worker: {own}")
        finally:
            stop(port, Path(state))


def unit_tests(pair: Pair) -> None:
    environment = test_environment() | {"PATH": search_path(pair), "VIRTUAL_ENV": str(pair.environment)}
    run_logged(
        f"{pair.name}: unit tests",
        [pair.program("pytest"), "tests/unit", "-q", "-n", "2"],
        pair.log("unit"),
        env=environment,
    )


def run_pair(pair: Pair, with_unit_tests: bool) -> bool:
    try:
        install(pair, "site", (f"ansible-core=={pair.core}", "boto3"))
        try_site(pair)
        if with_unit_tests:
            install(pair, "unit", TESTS)
            unit_tests(pair)
    except StepError as error:
        say(f"ERROR: {error}")
        return False
    return True


def body() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", nargs="*", metavar="PAIR")
    parser.add_argument("--site-only", action="store_true", help="leave out the unit tests")
    options = parser.parse_args()
    pairs, skipped = choose(options.pairs)
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines, failed = [], 0
    for pair in pairs:
        started = time.monotonic()
        passed = run_pair(pair, not options.site_only)
        failed += not passed
        lines.append(f"{pair} {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s")
    lines += [
        f"{pair} skipped: no Python {pair.python} was found on the PATH or among pyenv's versions" for pair in skipped
    ]
    say("\n".join(["", *lines, f"{len(pairs) - failed} passed, {failed} failed, {len(skipped)} skipped"]))
    return 1 if failed else 0


if __name__ == "__main__":
    main(body)
