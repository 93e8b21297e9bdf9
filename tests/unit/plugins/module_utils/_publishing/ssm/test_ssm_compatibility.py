"""Which of two versions is the older one, and what an older one is told where a newer one wrote the manifest."""

from __future__ import annotations

import itertools
import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.version import (
    COLLECTION_VERSION,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.compatibility import (
    is_older,
    is_version,
    newer_writer,
)

PREFIX = "/connectly-shared/dev"
RISING = (
    *("0.1.1", "0.2.0-dev", "0.2.0", "0.10.0", "1.0.0-0", "1.0.0-2.1", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1"),
    *("1.0.0-alpha.beta", "1.0.0-dev", "1.0.0-dev.2", "1.0.0-dev.10", "1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0-dev"),
)
GARBAGE = (
    None,
    5,
    "",
    "banana",
    "1.0",
    "v1.0.0",
    "1.0.0 ",
    "01.0.0",
    "1.0.0-",
    "1.0.0\n",
    "9" * 5000 + ".0.0",
    ["1.0.0"],
)


@pytest.mark.parametrize(("older", "newer"), [*itertools.pairwise(RISING)])
def test_versions_rise_as_semantic_versions_do(older, newer):
    assert is_older(older, newer) and not is_older(newer, older)


@pytest.mark.parametrize("version", RISING)
def test_no_version_is_older_than_itself_or_its_builds(version):
    assert not is_older(version, version)
    assert not is_older(version, f"{version}+build.5") and not is_older(f"{version}+build.5", version)


@pytest.mark.parametrize("text", GARBAGE, ids=lambda text: str(text)[:9])
def test_what_is_no_version_comes_before_every_one(text):
    assert not is_version(text)
    assert is_older(text, "0.0.0-0") and not is_older("0.1.1", text)
    assert newer_writer(PREFIX, json.dumps({"collection_version": text, "format": 1})) == ""


def test_the_collection_has_a_version_that_can_be_compared():
    assert is_version(COLLECTION_VERSION)


@pytest.mark.parametrize(
    ("wrote", "ours"), [("0.2.0", "0.1.1"), ("1.0.0", "1.0.0-dev"), ("1.0.0-dev", "0.9.9"), ("1.0.0-rc.1", "1.0.0-dev")]
)
def test_an_older_version_is_told_who_wrote_and_what_to_do(wrote, ours):
    manifest = json.dumps({"format": 1, "collection_version": wrote})
    assert newer_writer(PREFIX, manifest, ours) == (
        f"/connectly-shared/dev/manifest was written by version {wrote} of connectly.shared_infrastructure, and this "
        f"is the older {ours}; upgrade to {wrote} or newer (docs/upgrading.md)"
    )


@pytest.mark.parametrize(
    ("wrote", "ours"), [("0.1.1", "0.1.1"), ("0.1.0", "0.1.1"), ("1.0.0-dev", "1.0.0"), ("0.1.1", "1.0.0-dev")]
)
def test_the_same_and_a_newer_version_write_on(wrote, ours):
    assert newer_writer(PREFIX, json.dumps({"format": 1, "collection_version": wrote}), ours) == ""


def test_a_format_that_is_not_known_is_refused_whatever_wrote_it():
    refusal = newer_writer(PREFIX, json.dumps({"format": 2, "collection_version": "banana\n"}), "1.0.0")
    assert refusal == (
        "/connectly-shared/dev/manifest was written in format 2 by version 'banana\\n' of "
        "connectly.shared_infrastructure, and this version, 1.0.0, knows formats up to 1; upgrade (docs/upgrading.md)"
    )


@pytest.mark.parametrize("text", ["", "null", "[]", "[" * 8000, "{}", '{"format": "x"}', '{"format": true}'])
def test_damage_is_not_a_newer_version(text):
    assert newer_writer(PREFIX, text) == ""
