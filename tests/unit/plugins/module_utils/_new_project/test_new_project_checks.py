"""Which inputs are refused, and how that is said."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._new_project import checks
from support.playbook import ROOT

PLACES = yaml.safe_load((ROOT / "roles/new_project/defaults/main.yml").read_text())["new_project_places"]
GOOD = {
    "project": "user-service",
    "team": "backend",
    "org": "connectly",
    "environments": ["dev", "prod"],
    "destination": ".",
    "variants": ["terraform", "ansible"],
    "places": PLACES,
}


def paths(**changes):
    return [problem.path for problem in checks.problems({**GOOD, **changes})]


def text(**changes):
    return " | ".join(problem.text() for problem in checks.problems({**GOOD, **changes}))


def place(**changes):
    return [{**PLACES[0], **changes}, *PLACES[1:]]


def test_good_inputs():
    assert paths() == []
    assert paths(org="wealist", environments=["prod"]) == []
    assert paths(project="ab") == paths(project="a" * 32) == paths(project="a2-3b") == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "a" * 33,
        "User",
        "2fast",
        "-a",
        "a-",
        "a--b",
        "a_b",
        "a.b",
        "a b",
        "a/b",
        "../a",
        "a\n",
        "ü-service",
        '"x"',
        "${x}",
    ],
)
def test_bad_names(name):
    assert paths(project=name) == ["project"]
    assert paths(team=name) == ["team"]


def test_prefix_of_security_group_ids_is_refused():
    assert "sg-" in text(project="sg-service")


def test_unknown_organization_names_those_that_are_known():
    assert text(org="conectly") == "org is 'conectly'; known are connectly, wealist"


@pytest.mark.parametrize(
    ("environments", "expected"),
    [
        ([], "environments names no environment; connectly has dev, prod"),
        (["dev", "staging"], "environments[1] is 'staging'; connectly has dev, prod"),
        (["dev", "dev"], "environments[1] is 'dev'; each environment is named once"),
        ([""], "environments[0] is ''; connectly has dev, prod"),
    ],
)
def test_environments(environments, expected):
    assert text(environments=environments) == expected


def test_environments_are_those_of_the_organization():
    assert paths(org="wealist", environments=["dev"]) == ["environments[0]"]


def test_all_problems_are_named_at_once():
    assert paths(project="X", team="Y", org="Z", destination=" ", variants=[]) == [
        "project",
        "team",
        "org",
        "destination",
        "variants",
    ]


def test_project_must_not_take_the_state_of_the_shared_infrastructure():
    assert "connectly-shared/dev/terraform.tfstate would be that of the shared infrastructure" in text(
        project="connectly-shared", environments=["dev"]
    )
    assert paths(project="foundation", org="wealist", environments=["prod"]) == ["project"]
    assert paths(project="foundation") == []


def test_two_environments_must_not_share_a_state():
    both = [
        {**item, "state_bucket": "one-bucket", "project_state_key": "{project}/terraform.tfstate"}
        for item in PLACES[:2]
    ]
    assert "dev and prod would share the state s3://one-bucket/user-service/terraform.tfstate" in text(places=both)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("organization", "Connectly"),
        ("environment", "dev/x"),
        ("region", "seoul"),
        ("ssm_prefix", "connectly-shared/dev"),
        ("ssm_prefix", "/connectly-shared/dev/"),
        ("state_bucket", "Bucket"),
        ("state_key", "/terraform.tfstate"),
        ("state_key", 'x"'),
        ("state_region", "seoul"),
        ("state_lock_table", "x"),
        ("project_state_key", "terraform.tfstate"),
        ("project_state_key", "{project}/{team}/terraform.tfstate"),
        ("project_state_key", "{project}/{/terraform.tfstate"),
    ],
)
def test_bad_places(name, value):
    assert f"places[0].{name}" in paths(places=place(**{name: value}), environments=["prod"])


def test_place_given_twice():
    assert "places[3]" in paths(places=[*PLACES, PLACES[0]])
