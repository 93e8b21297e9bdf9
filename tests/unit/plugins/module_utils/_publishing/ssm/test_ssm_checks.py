"""Every limit has its message, and good input has none."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import message
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing import (
    checks as role_checks,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.checks import (
    placeholder_problems,
    problems,
)

GOOD = {
    "deployment": "connectly-dev",
    "prefix": "/connectly-shared/dev",
    "identity_tag_prefix": "connectly:",
    "tags": {"Team": "platform"},
    "outputs": {"vpc_id": "vpc-1", "private_subnet_ids": ["subnet-1", "subnet-2"]},
    "parameters": [],
    "layers": None,
    "allow_changes": [],
    "source_commit": "abc",
    "state": "present",
}


def parameter(**options):
    return {
        "path": "a/b",
        "type": "String",
        "value": "x",
        "secret_value": None,
        "kms_key_id": None,
        "layer": "parameters",
        "description": None,
        **options,
    }


def text(**options):
    found = problems({**GOOD, **options})
    return message(found, "") if found else ""


def with_parameter(**options):
    return text(outputs={}, parameters=[parameter(**options)])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"prefix": "/connectly-shared/dev/"},
        {"layers": ["network", "kms"]},
        {"allow_changes": ["kms_key_id"]},
        {
            "outputs": {
                "vpc_id": "vpc-known-after-apply.main",
                "nat_public_ips": ["known-after-apply.a"],
                "ecr_repository_urls": "known-after-apply.x",
            }
        },
        {"parameters": [parameter(value="x" * 8192)]},
        {
            "parameters": [
                parameter(type="StringList", value=["a", "b"]),
                parameter(path="c", type="StringList", value="a,b"),
            ]
        },
        {"parameters": [parameter(type="SecureString", value=None, secret_value="s", kms_key_id="alias/a")]},
        {"parameters": [parameter(path="/".join("abcdefghijklm"))]},
        {"parameters": [parameter(layer="team")], "layers": ["team", "network"]},
        {"outputs": {"nonsense": 1}, "state": "absent"},
    ],
)
def test_good_input(options):
    assert text(**options) == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"prefix": "connectly"}, "prefix is 'connectly'; a prefix begins with a slash"),
        ({"prefix": "/a//b"}, "single slashes"),
        ({"prefix": "/a b"}, "a path has letters"),
        ({"prefix": "/"}, "a prefix begins with a slash"),
        ({"prefix": "/AWS/x"}, "belong to AWS"),
        ({"prefix": "/ssm/x"}, "belong to AWS"),
        ({"outputs": {"vcp_id": "vpc-1"}}, "outputs.vcp_id is not in the contract; did you mean vpc_id?"),
        ({"outputs": {"vpc_id": ["vpc-1"]}}, "outputs.vpc_id is ['vpc-1']; a text is allowed, not a list"),
        ({"outputs": {"vpc_id": ""}}, "leave out an output whose resource does not exist"),
        ({"outputs": {"private_subnet_ids": ["a,b"]}}, "cannot hold a comma"),
        ({"outputs": {"vpc_id": "{{ x }}"}}, "outputs.vpc_id holds {{"),
        ({"outputs": {"vpc_id": "x" * 8193}}, "outputs.vpc_id has 8193 bytes; SSM allows 8192 bytes"),
        ({"outputs": {"ecr_repository_urls": {"a": "é" * 1400}}}, "bytes; SSM allows 8192"),
        ({"layers": ["kms"]}, "outputs.vpc_id is of another layer; layers declares only kms"),
        ({"layers": ["network", "outputs"]}, "outputs is the manifest's"),
        ({"allow_changes": ["vpc_di"]}, "allow_changes[0] is no output of the contract; did you mean vpc_id?"),
        ({"tags": {"aws:x": "1"}}, "reserved"),
        ({"tags": {"connectly:key": "1"}}, "reserved"),
        ({"source_commit": "{{ commit }}"}, "source_commit is"),
        (
            {"parameters": [parameter(layer="team")], "layers": ["network"]},
            "allowed are the layers of this call: network",
        ),
        ({"parameters": [parameter(), parameter()]}, "each path in parameters is used once"),
        ({"parameters": [parameter(path="x/" * 13 + "x")]}, "SSM allows 15 levels"),
        (
            {"prefix": "/" + "p" * 500, "parameters": [parameter(path="x" * 510)]},
            "SSM allows names of 1011 characters, and this one has 1012",
        ),
    ],
)
def test_bad_input(options, expected):
    assert expected in text(**options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"path": "/a"}, "is below the prefix"),
        ({"path": "a//b"}, "single slashes"),
        ({"path": "ä"}, "a path has letters"),
        ({"path": "vpc/id"}, "it is the path of output vpc_id"),
        ({"path": "manifest"}, "the manifest stands there"),
        ({"path": "manifest/x/0"}, "the manifest stands there"),
        ({"value": ""}, "SSM takes no empty value"),
        ({"value": None}, "SSM takes no empty value"),
        ({"value": 5}, "a text is allowed, not a number"),
        ({"type": "StringList", "value": ["a,b"]}, "comma"),
        ({"type": "StringList", "value": "a,,b"}, "not empty"),
        ({"secret_value": "s"}, "only a SecureString has one"),
        ({"kms_key_id": "k"}, "only a SecureString has a key"),
        ({"type": "SecureString", "value": "hunter2"}, "the value of a SecureString is given as secret_value"),
        ({"type": "SecureString", "value": None}, "parameters[0].secret_value is '(hidden)'; it is empty"),
        ({"type": "SecureString", "value": None, "secret_value": "{{ hunter2"}, "holds {{"),
        ({"type": "SecureString", "value": None, "secret_value": "hunter2" * 2000}, "has 14000 bytes"),
    ],
)
def test_bad_parameters(options, expected):
    found = with_parameter(**options)
    assert expected in found and "hunter2" not in found


def test_sizes_are_bytes():
    assert with_parameter(value="é" * 4096) == "" and "8194 bytes" in with_parameter(value="é" * 4097)


def test_placeholders_are_found_at_any_depth():
    outputs = {
        "vpc_id": "vpc-1",
        "private_subnet_ids": ["subnet-1", "subnet-known-after-apply.b"],
        "ecr_repository_urls": {"a": "known-after-apply.a"},
    }
    found = placeholder_problems({**GOOD, "outputs": outputs, "parameters": [parameter(value="known-after-apply.x")]})
    assert [problem.path for problem in found] == [
        "outputs.private_subnet_ids",
        "outputs.ecr_repository_urls",
        "parameters[0].value",
    ]


def test_the_role_s_guard_names_its_own_variable():
    params = {**GOOD, "values": {"vcp_id": "vpc-1"}, "terraform_state_bucket": ""}
    del params["outputs"]
    assert message(role_checks.problems(params), "outputs_").startswith(
        "Bad input, nothing was changed: outputs_values.vcp_id is not in the contract"
    )
