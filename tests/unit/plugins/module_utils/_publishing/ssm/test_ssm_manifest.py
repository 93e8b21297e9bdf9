"""The manifest is read back as it was built, in one parameter or in parts, and damage is noticed."""

from __future__ import annotations

import hashlib
import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.manifest import (
    ManifestDamaged,
    build,
    digest,
    parse,
    part_paths,
)

SMALL = {
    "kms": {"kms_key_id": {"type": "string", "value": "1234"}},
    "network": {"private_subnet_ids": {"type": "list", "value": ["a", "b"]}},
}
LARGE = {
    **SMALL,
    "registry": {
        "ecr_repository_urls": {"type": "map", "value": {f"repository-{n}": f"url {n} " + "x" * 60 for n in range(100)}}
    },
}


def texts(document):
    return {"manifest": document.text, **document.parts}


@pytest.mark.parametrize("parts", [SMALL, LARGE, {}])
def test_round_trip(parts):
    document = build(parts, None, "connectly-dev", "abc", "2025-01-01T00:00:00Z")
    found = parse(texts(document))
    assert found.parts == parts and found.information == document.information
    assert all(len(text) <= 4096 and text == text.strip() for text in document.parts.values())
    assert len(document.text) <= 8192 and part_paths(document.text) == list(document.parts)
    assert bool(document.parts) == (parts is LARGE)


def test_the_digest_is_over_texts_by_name():
    expected = hashlib.sha256(b'{"kms_key_id":"1234","private_subnet_ids":"a,b"}').hexdigest()
    assert json.loads(build(SMALL, None, "d", "", "now").text)["digest"] == f"sha256:{expected}"
    outputs = {"b": {"type": "bool", "value": True}, "a": {"type": "map", "value": {"y": "2", "x": "1"}}}
    assert digest(outputs) == digest(dict(reversed(outputs.items())))


def test_layers_keep_when_and_from_what_they_were_published():
    first = parse(texts(build(SMALL, None, "d", "one", "2025-01-01T00:00:00Z")))
    second = json.loads(
        build(
            {**SMALL, "kms": {"kms_key_id": {"type": "string", "value": "5"}}},
            first,
            "d",
            "two",
            "2025-02-02T00:00:00Z",
        ).text
    )
    assert (
        second["layers"]["network"]["source_commit"],
        second["layers"]["kms"]["source_commit"],
        second["source_commit"],
    ) == ("one", "two", "two")
    assert (
        second["layers"]["network"]["published_at"] == "2025-01-01T00:00:00Z"
        and second["published_at"] == "2025-02-02T00:00:00Z"
    )


def test_a_generation_is_named_for_its_content():
    before = build(LARGE, None, "d", "", "1")
    other = build({**LARGE, "kms": {"kms_key_id": {"type": "string", "value": "5"}}}, None, "d", "", "1")
    assert not set(before.parts) & set(other.parts)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_part_is_damage(missing):
    found = texts(build(LARGE, None, "d", "", "1"))
    del found[sorted(found)[1 + missing]]
    with pytest.raises(ManifestDamaged, match="one of its parts is missing"):
        parse(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "not in a form"),
        ('{"layers": {"kms": 5}}', "not in a form"),
        ('{"layers": {"kms": {"outputs": {"a": {"type": "list", "value": 5}}}}}', "not in a form"),
        ('{"layers": {}, "digest": "sha256:0"}', "digest"),
        ('{"parts": 5}', "list of parts"),
    ],
)
def test_damage_is_noticed(text, reason):
    with pytest.raises(ManifestDamaged, match=reason):
        parse({"manifest": text})


def test_a_changed_value_is_damage():
    with pytest.raises(ManifestDamaged, match="digest"):
        parse({"manifest": build(SMALL, None, "d", "", "1").text.replace("1234", "1235")})
