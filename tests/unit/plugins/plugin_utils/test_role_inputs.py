"""The inputs of real roles against their argument specs and their own checks, without Ansible around them."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import Problem
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.strict import (
    KINDS,
    value_problems,
)
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._role_inputs import (
    NOT_COMPUTED,
    Checked,
    findings,
    is_role,
    misspelled,
    role_inputs,
    split,
)
from support.playbook import ROOT

ROLES = sorted(path.parent.parent.name for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"))
SPECIFICATIONS = [*(ROOT / "roles").glob("*/meta/argument_specs.yml"), ROOT / "playbooks/parts/argument_specs.yml"]
KNOWN_RULES = {"type", "elements", "options", "choices", "required", "default", "no_log", "description"}
ODD = ["", "x", "5", "--5", "010", "²", "true", "True", 0, 1, -1, 1.5, True, False, None, [], ["x"], [None], [[]], {}]
ODD += [{"x": 1}, [{}], [{"x": 1}], [5], [True]]
KMS = {"kms_deployment": "acme-dev", "kms_alias": "acme"}


def options(specification, path=""):
    for name, option in specification.items():
        yield f"{path}{name}", option
        yield from options(option.get("options") or {}, f"{path}{name}.")


def every_option():
    for path in SPECIFICATIONS:
        for entry in yaml_load(path.read_text())["argument_specs"].values():
            yield from options(entry["options"])


def texts(role, values):
    inputs = role_inputs(role)
    own = {name: value for name, value in values.items() if name in inputs.specification}
    return [problem.text() for problem in inputs.check(list(values), own).problems]


def test_each_rule_of_an_argument_spec_is_checked():
    """Ansible knows more rules (required_if, mutually_exclusive): whoever needs one teaches it to strict.py first."""
    for path, option in every_option():
        assert set(option) <= KNOWN_RULES, f"{path} has a rule that strict.py does not know"
        assert {option.get("type", "str"), option.get("elements", "raw")} <= set(KINDS), path


def test_ansible_only_converts_what_has_passed():
    """Its own messages name neither the entry of a list nor a place; none of them is reached."""
    refused = []
    for path, option in every_option():
        specification = {"x": {key: value for key, value in option.items() if key != "default"}}
        for value in ODD:
            if value is not None and not list(value_problems(specification, {"x": value})):
                refused += [
                    (path, text) for text in ArgumentSpecValidator(specification).validate({"x": value}).error_messages
                ]
    assert refused == []


def test_what_passes_is_converted_and_completed():
    checked = role_inputs("kms").check(list(KMS), {**KMS, "kms_rotation_period_days": "90", "kms_policy": None})
    assert not checked.problems and checked.role == "kms"
    assert checked.parameters["alias"] == "acme" and checked.parameters["rotation_period_days"] == 90
    assert checked.parameters["tags"] == {} and checked.parameters["state"] == "present"
    assert set(checked.parameters) == {name.removeprefix("kms_") for name in role_inputs("kms").specification}


BUCKET = {"key": "a", "name": "acme-a"}
STORAGE = {"storage_deployment": "acme-dev"}
RULE = {"port": 1, "self": True}


@pytest.mark.parametrize(
    ("role", "values", "expected"),
    [
        ("kms", {"kms_alias": "acme"}, "kms_deployment is required; must be a string"),
        ("kms", {**KMS, "kms_services": ["s3", "lambada"]}, "kms_services[1] is 'lambada'; must be one of ebs, ecr"),
        ("kms", {**KMS, "kms_aliass": "x"}, "kms_aliass is not a variable of this collection; did you mean kms_alias?"),
        ("kms", {**KMS, "kms_alias": "alias/x"}, "kms_alias is 'alias/x'; leave out the prefix alias/"),
        ("kms", {**KMS, "kms_tags": {"a": "x********"}}, "kms_tags.a has been masked; "),
        (
            "storage",
            {**STORAGE, "storage_buckets": [{**BUCKET, "purpose": "log"}]},
            "storage_buckets[0].purpose is 'log'; must be one of general, logs, alb_logs, backup",
        ),
        (
            "storage",
            {**STORAGE, "storage_buckets": [{**BUCKET, "encryption": "aws:kms:dsse"}]},
            "storage_buckets[0].encryption is 'aws:kms:dsse'; must be one of aws:kms, AES256",
        ),
        (
            "storage",
            {**STORAGE, "storage_buckets": [{**BUCKET, "name": None}]},
            "storage_buckets[0].name is required; must be a string",
        ),
        (
            "storage",
            {
                **STORAGE,
                "storage_buckets": [
                    BUCKET,
                    {
                        **BUCKET,
                        "lifecycle_rules": [{"id": "move", "transitions": [{"days": 1, "storage_class": "REDUCED"}]}],
                    },
                ],
            },
            "storage_buckets[1].lifecycle_rules[0].transitions[0].storage_class is 'REDUCED'; must be one of STANDARD",
        ),
        (
            "storage",
            {
                **STORAGE,
                "storage_buckets": [
                    {
                        **BUCKET,
                        "cors_rules": [{"id": "a", "allowed_methods": ["GET", "PATCH"], "allowed_origins": ["*"]}],
                    }
                ],
            },
            "cors_rules[0].allowed_methods[1] is 'PATCH'; must be one of GET, PUT, POST, DELETE, HEAD",
        ),
        (
            "network",
            {
                "network_deployment": "acme-dev",
                "network_name": "acme",
                "network_security_groups": [{"key": "web", "rules": [RULE, {**RULE, "direction": "in"}]}],
            },
            "network_security_groups[0].rules[1].direction is 'in'; must be one of ingress, egress",
        ),
        (
            "registry",
            {
                "registry_deployment": "acme-dev",
                "registry_repositories": [{"name": "api", "image_tag_mutability": "FIXED"}],
            },
            "registry_repositories[0].image_tag_mutability is 'FIXED'; must be one of IMMUTABLE, MUTABLE",
        ),
        (
            "registry",
            {
                "registry_deployment": "acme-dev",
                "registry_repositories": [{"name": "api", "encryption_type": "aws:kms"}],
            },
            "registry_repositories[0].encryption_type is 'aws:kms'; must be one of AES256, KMS",
        ),
        (
            "registry",
            {"registry_deployment": "acme-dev", "registry_repositories": [{"key": "api"}]},
            "registry_repositories[0].name is required; must be a string",
        ),
    ],
)
def test_wrong_inputs_of_roles(role, values, expected):
    (found,) = texts(role, values)
    assert expected in found
    assert not role_inputs(role).check(list(values), values).parameters


def test_what_cannot_be_computed_is_not_called_missing():
    checked = role_inputs("kms").check(list(KMS), {"kms_deployment": "x"}, {"kms_alias": "'org' is undefined"})
    assert [problem.text() for problem in checked.problems] == ["kms_alias cannot be computed; 'org' is undefined"]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_inputs(role):
    inputs = role_inputs(role)
    assert is_role(role) and all(name.startswith(f"{role}_") for name in inputs.known)
    assert set(inputs.specification) <= inputs.known


@pytest.mark.parametrize("name", ["netwrok", "../roles/kms", "", None, ["kms"], {}])
def test_what_is_not_a_role(name):
    assert not is_role(name)


def test_roles_and_entry_points_that_do_not_exist():
    with pytest.raises(ValueError, match="this collection has no role netwrok"):
        role_inputs("netwrok")
    with pytest.raises(ValueError, match="no argument spec for the entry point laod of outputs"):
        role_inputs("outputs", "laod")
    with pytest.raises(ValueError, match="there is no file"):
        role_inputs("kms", path="/nowhere.yml")


def test_variables_of_other_entry_points_are_known():
    inputs = role_inputs("outputs", "load")
    assert "outputs_values" not in inputs.specification
    assert not inputs.check(["outputs_values", "outputs_prefix"], {"outputs_prefix": "/acme/dev"}).problems


def test_a_misspelled_role_is_found_once():
    names = ["netwrok_vpc_cidr", "kms_aliass", "network_vpc_cdir", "anything_else"]
    found = [problem.path for problem in misspelled(names, role_inputs("kms"), ["network"])]
    assert found == ["netwrok_vpc_cidr"], "the others are found as unknown variables of their role"


def problem(path, statement=""):
    return Problem(path, "x", "must be y", statement)


SET_FROM = {"site_tags": ["kms_tags", "ecs_tags"], "site_key": ["ecs_key"]}


def found(deployment, *roles):
    checked = [Checked(f"role{number}", problems) for number, problems in enumerate(roles)]
    return [problem.path for problem in findings(Checked("site", deployment), checked, SET_FROM)]


def test_findings_of_all_roles_come_together():
    assert found([problem("site_a")], [problem("kms_a")], [problem("ecs_a[0].b"), problem("ecs_c")]) == [
        "site_a",
        "kms_a",
        "ecs_a[0].b",
        "ecs_c",
    ]


def test_a_variable_of_the_deployment_is_named_where_roles_take_theirs_from_it():
    assert found([], [problem("kms_tags.aws:x")], [problem("ecs_tags.aws:x"), problem("ecs_key")]) == [
        "site_tags.aws:x",
        "site_key",
    ]


def test_what_follows_from_a_finding_is_not_said():
    follows = [problem("kms_tags", "is another text"), problem("kms_name", NOT_COMPUTED), problem("kms_a")]
    assert found([problem("site_tags[0]")], follows) == ["site_tags[0]", "kms_a"]
    assert found([], follows) == ["site_tags", "kms_name", "kms_a"]


def test_paths_are_split_behind_the_variable():
    assert split("a_b[0].c") == ("a_b", "[0].c")
    assert split("a_b.c[1]") == ("a_b", ".c[1]")
    assert split("a_b") == ("a_b", "")
