"""The published parameters as AWS has them."""

from __future__ import annotations

import json

import pytest

PREFIX = "/molecule-outputs/test/"


@pytest.fixture
def published(client):
    pages = (
        client("ssm").get_paginator("get_parameters_by_path").paginate(Path=PREFIX, Recursive=True, WithDecryption=True)
    )
    return {entry["Name"].removeprefix(PREFIX): entry for page in pages for entry in page["Parameters"]}


def test_values_and_types(published):
    found = {
        path: (entry["Type"], entry["Value"])
        for path, entry in published.items()
        if path not in ("manifest", "foreign")
    }
    assert found == {
        "vpc/id": ("String", "vpc-0123456789abcdef0"),
        "vpc/cidr": ("String", "10.72.0.0/16"),
        "subnets/private/ids": ("StringList", "subnet-0aaaaaaaaaaaaaaaa,subnet-0bbbbbbbbbbbbbbbb"),
        "ecr/repository-urls": ("String", '{"backend":"example.com/backend"}'),
        "s3/logs/id": ("String", "molecule-outputs-logs"),
        "team/contact": ("String", "platform"),
        "team/password": ("SecureString", "not-a-secret"),
    }


def test_tags_and_tier(of_type):
    for key, parameter in (of_type("ssm_parameter") | of_type("ssm_manifest")).items():
        assert parameter["tags"]["Team"] == "molecule", key
        assert parameter["Tier"] == "Standard", key


def test_manifest_holds_the_set_and_no_secret(published):
    manifest = json.loads(published["manifest"]["Value"])
    assert manifest["deployment"] == "molecule-outputs"
    assert manifest["layers"]["network"]["outputs"]["vpc_id"] == {"type": "string", "value": "vpc-0123456789abcdef0"}
    assert "not-a-secret" not in published["manifest"]["Value"]


def test_a_parameter_of_somebody_else_survived(published, plan):
    plan("converged")  # the side effects, which put it there, come before the second check
    assert published["foreign"]["Value"] == "theirs"
