# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What files and pages say of supported versions is what tests/matrix.yml has, which `make matrix` runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MATRIX = yaml.safe_load((ROOT / "tests" / "matrix.yml").read_text())


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def minor(version: str) -> str:
    return version.rpartition(".")[0]


def following(version: str, part: int) -> str:
    """The next minor (1) or major (0) version."""
    kept = numbers(version)[: part + 1]
    return ".".join(map(str, [*kept[:-1], kept[-1] + 1]))


CORES = {minor(core["version"]): core for core in MATRIX["cores"]}
OLDEST, *_, NEWEST = CORES
PYTHONS = sorted({python for core in CORES.values() for python in core["python"]}, key=numbers)
AMAZON = sorted(MATRIX["amazon_aws"], key=numbers)
AMAZON_RANGE = f">={minor(AMAZON[0])}.0,<{following(AMAZON[-1], 0)}.0.0"
LOCKED = re.search(r"^ansible-core==(2\.\d+)", (ROOT / "requirements/controller.lock").read_text(), re.MULTILINE)[1]
OURS = CORES[LOCKED]

# Files that say what is supported: what finds it, and what it must be.
FILES = {
    "meta/runtime.yml": (r'^requires_ansible: "(.+)"', f">={OLDEST}.0"),
    "galaxy.yml": (r'^  amazon\.aws: "(.+)"', AMAZON_RANGE),
    "requirements.yml": (r'^    version: "(.+)"', AMAZON_RANGE),
    "pyproject.toml": (r'^target-version = "py(.+)"', PYTHONS[0].replace(".", "")),
    "requirements/controller.in": (r"^ansible-core~=(\S+)", f"{LOCKED}.0"),
    "requirements/controller.lock": (r"^ansible-core==(\S+)", OURS["version"]),
    "requirements/collections.lock": (r"^ansible==(\S+)", MATRIX["amazon_aws"][OURS["amazon_aws"]]),
    **{
        str(path.relative_to(ROOT)): (r'^  min_ansible_version: "(.+)"', OLDEST)
        for path in sorted(ROOT.glob("roles/*/meta/main.yml"))
    },
}
# Phrases, English and Korean, wherever they stand in a page or the Makefile.
PHRASES = {
    r"ansible-core (2\.\d+) (?:or newer|이상)": OLDEST,
    r"ansible-core (2\.\d+)(?: to |~)2\.\d+": OLDEST,
    r"ansible-core 2\.\d+(?: to |~)(2\.\d+)": NEWEST,
    r"ansible-core(>=\S+)": f">={OLDEST},<{following(NEWEST, 1)}",
    r"Python (3\.\d+) (?:or newer|이상)": PYTHONS[0],
    r"Python (3\.\d+)(?: to |~)3\.\d+": PYTHONS[0],
    r"Python 3\.\d+(?: to |~)(3\.\d+)": PYTHONS[-1],
    r"`amazon\.aws` (\d+)": str(numbers(AMAZON[0])[0]),
    r"`amazon\.aws` \d+(?: or |~)(\d+)": str(numbers(AMAZON[-1])[0]),
    rf"ansible-core {re.escape(LOCKED)} is made for (3\.\d+ to 3\.\d+)": f"{OURS['python'][0]} to {OURS['python'][-1]}",
}
PAGES = [
    "Makefile",
    *sorted(path.name for path in ROOT.glob("*.md")),
    *sorted(str(path.relative_to(ROOT)) for folder in ("docs", "roles") for path in (ROOT / folder).rglob("*.md")),
]


def disagreements(place: str, pattern: str, wanted: str) -> list[str]:
    text = (ROOT / place).read_text()
    return [
        f"{place}:{text.count(chr(10), 0, match.start()) + 1} says {match[1]!r}, tests/matrix.yml {wanted!r}"
        for match in re.finditer(pattern, text, re.MULTILINE)
        if match[1] != wanted
    ]


@pytest.mark.parametrize("place", FILES)
def test_a_file_agrees_with_the_matrix(place):
    pattern, wanted = FILES[place]
    assert re.search(pattern, (ROOT / place).read_text(), re.MULTILINE), f"{place} no longer says it: {pattern}"
    assert disagreements(place, pattern, wanted) == []


@pytest.mark.parametrize("pattern", PHRASES)
def test_pages_agree_with_the_matrix(pattern):
    texts = [(ROOT / place).read_text() for place in PAGES]
    assert any(re.search(pattern, text) for text in texts), "no page says it: the phrase has changed"
    assert [found for place in PAGES for found in disagreements(place, pattern, PHRASES[pattern])] == []


@pytest.mark.parametrize("core", CORES)
def test_the_page_has_each_pair(core):
    entry = CORES[core]
    promise = "ended: the same results, no promise of speed" if entry.get("end_of_life") else "supported"
    row = f"| {core} | {', '.join(entry['python'])} | {numbers(entry['amazon_aws'])[0]} | {promise} |"
    assert row in (ROOT / "docs" / "testing.md").read_text().splitlines(), f"docs/testing.md has no {row}"
