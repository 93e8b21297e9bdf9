"""Run the collection on the pairs of ansible-core and Python that tests/matrix.yml names: `matrix.py [pair ...]`.

A pair is written 2.21-py3.13; `oldest` and `newest` are those of the pairs that this machine has an interpreter for,
and without any all of them run. Each has an environment below .cache/matrix/, in which inventories/dev is applied to an
emulator, applied again and checked.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3
import yaml
from common import CACHE, ROOT, StepError, exclusive, find_python, main, run_logged, say
from emulator import REGION, client_environment, endpoint, free_port, start, stop
from setup_venv import COLLECTION, make_venv

MATRIX = ROOT / "tests" / "matrix.yml"
FOLDER = CACHE / "matrix"
LOGS = CACHE / "logs"
INVENTORY = "dev"
RUNTIME = ("boto3",)
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
    def interpreter(self) -> str | None:
        major, minor = map(int, self.python.split("."))
        return find_python([(major, minor)])

    @property
    def environment(self) -> Path:
        return FOLDER / self.name


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
    possible = [pair for pair in pairs if pair.interpreter]
    ends = {"oldest": possible[:1], "newest": possible[-1:]}
    wanted = [pair for name in names for pair in ends.get(name, [known.get(name)])] if names else pairs
    return [pair for pair in wanted if pair in possible], [pair for pair in wanted if pair not in possible]


def constraints() -> str:
    """The versions of requirements/test.lock, without hashes, for all that a pair does not name itself."""
    locked = re.findall(
        r"^([\w.-]+)(==[^\s\\]+(?: ; [^\\\n]+)?)", (ROOT / "requirements" / "test.lock").read_text(), re.MULTILINE
    )
    return "".join(f"{name}{version.rstrip()}\n" for name, version in locked if name not in NOT_AS_LOCKED)


def install(pair: Pair, packages: tuple[str, ...]) -> Path:
    """The environment's Python, with what the pair names and these packages as they are locked."""
    interpreter = pair.environment / "bin" / "python"
    stamp = pair.environment / ".installed"
    content = "\n".join([repr(pair), *packages, constraints()])
    with exclusive(f"matrix-{pair.name}"):
        if not stamp.exists() or stamp.read_text() != content:
            make_venv(pair.environment, pair.interpreter)
            limits = pair.environment / "constraints.txt"
            limits.write_text(constraints())
            command = [
                str(interpreter),
                "-m",
                "pip",
                "install",
                "--no-input",
                "--progress-bar",
                "off",
                "-c",
                str(limits),
            ]
            run_logged(
                f"Installing ansible-core {pair.core}",
                [*command, f"ansible-core=={pair.core}", *packages],
                LOGS / f"matrix-pip-{pair.name}.log",
            )
            link_collections(pair)
            stamp.write_text(content)
    return interpreter


def link_collections(pair: Pair) -> None:
    """This checkout and amazon.aws, where Ansible looks for what was installed with it."""
    site_packages = next((pair.environment / "lib").glob("python3.*/site-packages"))
    for name, target in (("/".join(COLLECTION), ROOT), ("amazon/aws", amazon_aws(pair))):
        link = site_packages / "ansible_collections" / name
        link.parent.mkdir(parents=True)
        link.symlink_to(os.path.relpath(target, link.parent))


def amazon_aws(pair: Pair) -> Path:
    """The collection out of the wheel of the package ansible: a wheel is a zip file, and Galaxy is not asked."""
    folder = FOLDER / f"amazon.aws-{pair.amazon_aws}"
    inside = "ansible_collections/amazon/aws/"
    with exclusive("matrix-collections"):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
                # The pair's own Python: pip offers only what runs on the one that asks.
                command = [
                    str(pair.environment / "bin" / "python"),
                    "-m",
                    "pip",
                    "download",
                    "--no-deps",
                    "--dest",
                    scratch,
                    f"ansible=={pair.ansible}",
                ]
                run_logged(f"Downloading amazon.aws {pair.amazon_aws}", command, LOGS / "matrix-collections.log")
                with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
                    wheel.extractall(scratch, [name for name in wheel.namelist() if name.startswith(inside)])
                shutil.move(Path(scratch, inside), folder)
    return folder


def run_site(pair: Pair, port: int, step: str, *arguments: str) -> str:
    """One run of the site in the pair's environment; its output."""
    environment = client_environment(port) | {
        "PATH": f"{pair.environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_NOCOLOR": "1",
    }
    log = LOGS / f"matrix-{pair.name}-{step}.log"
    command = [str(pair.environment / "bin" / "ansible-playbook"), "site.yml", "-i", INVENTORY, *arguments]
    run_logged(f"{pair.name}: {step}", command, log, env=environment)
    output = log.read_text()
    unwanted = [line for line in output.splitlines() if line.startswith(("[DEPRECATION WARNING]", "[WARNING]"))]
    if unwanted:
        raise StepError(f"{pair.name}: {step}: {log.relative_to(ROOT)} has warnings:\n" + "\n".join(unwanted))
    return output


def changes(output: str) -> int:
    return sum(map(int, re.findall(r"\bchanged=(\d+)", output)))


def require(true: bool, pair: Pair, what: str) -> None:
    if not true:
        raise StepError(f"{pair.name}: {what}; see {LOGS.relative_to(ROOT)}/matrix-{pair.name}-*.log")


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


def run_pair(pair: Pair) -> bool:
    try:
        install(pair, RUNTIME)
        try_site(pair)
    except StepError as error:
        say(f"ERROR: {error}")
        return False
    return True


def body() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", nargs="*", metavar="PAIR")
    pairs, skipped = choose(parser.parse_args().pairs)
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines, failed = [], 0
    for pair in pairs:
        started = time.monotonic()
        passed = run_pair(pair)
        failed += not passed
        lines.append(f"{pair} {'passed' if passed else 'FAILED'} in {time.monotonic() - started:.0f} s")
    lines += [
        f"{pair} skipped: no Python {pair.python} was found on the PATH or among pyenv's versions" for pair in skipped
    ]
    say("\n".join(["", *lines, f"{len(pairs) - failed} passed, {failed} failed, {len(skipped)} skipped"]))
    return 1 if failed else 0


if __name__ == "__main__":
    main(body)
