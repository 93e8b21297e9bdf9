# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks of the inputs of the new_project role. Values that passed may stand in HCL, YAML and paths without quoting."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._aws.arns import REGION
from .._aws.names import BUCKET_NAME, TABLE_NAME
from .._inputs.problems import Problem
from .layout import project_state_key

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAME_ALLOWED = (
    "allowed are 2 to 32 lowercase letters, digits and single hyphens, with a letter first and no hyphen last"
)
PLACE_PATTERNS = {
    "organization": (NAME, "allowed are lowercase letters, digits and single hyphens"),
    "environment": (NAME, "allowed are lowercase letters, digits and single hyphens"),
    "region": (REGION, "a region is like ap-northeast-2"),
    "ssm_prefix": (
        re.compile(r"(/[A-Za-z0-9_.-]+)+"),
        "a prefix is like /connectly-shared/dev, without a slash at its end",
    ),
    "state_bucket": (
        BUCKET_NAME,
        "a bucket has 3 to 63 lowercase letters, digits, dots and hyphens",
    ),
    "state_key": (
        re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*"),
        "a key is like connectly-shared/dev/terraform.tfstate",
    ),
    "state_lock_table": (
        TABLE_NAME,
        "a table has 3 to 255 letters, digits, dots, hyphens and underscores",
    ),
    "project_state_key": (
        re.compile(r"[A-Za-z0-9_.{}-]+(/[A-Za-z0-9_.{}-]+)*"),
        "a key is like {project}/{environment}/terraform.tfstate",
    ),
}


def problems(params: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with the validated inputs of the role (names without its prefix)."""
    places = params["places"]
    found = [*_place_problems(places)]
    found.extend(_name_problems(params["project"], "project"))
    found.extend(_name_problems(params["team"], "team"))
    if params["project"].startswith("sg-"):
        found.append(Problem("project", params["project"], "AWS keeps the prefix sg- for ids of security groups"))
    organizations = sorted({place["organization"] for place in places})
    if params["org"] not in organizations:
        found.append(Problem("org", params["org"], f"known are {', '.join(organizations) or 'none'}"))
    else:
        found.extend(_environment_problems(params))
    if not params["destination"].strip():
        found.append(Problem("destination", params["destination"], "a directory is allowed, . is the current one"))
    if not params["variants"]:
        found.append(Problem("variants", params["variants"], "at least one of terraform and ansible is needed"))
    return found or list(_state_key_problems(params))


def _name_problems(value: str, path: str) -> Iterator[Problem]:
    if not NAME.fullmatch(value) or not 2 <= len(value) <= 32:
        yield Problem(path, value, NAME_ALLOWED)


def _environment_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    known = [place["environment"] for place in params["places"] if place["organization"] == params["org"]]
    allowed = f"{params['org']} has {', '.join(known)}"
    if not params["environments"]:
        yield Problem("environments", "", allowed, "names no environment")
    for number, name in enumerate(params["environments"]):
        if name not in known:
            yield Problem(f"environments[{number}]", name, allowed)
        elif name in params["environments"][:number]:
            yield Problem(f"environments[{number}]", name, "each environment is named once")


def _place_problems(places: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for number, place in enumerate(places):
        for name, (pattern, allowed) in PLACE_PATTERNS.items():
            if not pattern.fullmatch(place[name]):
                yield Problem(f"places[{number}].{name}", place[name], allowed)
        if place.get("state_region") and not REGION.fullmatch(place["state_region"]):
            yield Problem(f"places[{number}].state_region", place["state_region"], PLACE_PATTERNS["region"][1])
        key = place["project_state_key"]
        if (
            not {"project", "environment"} >= set(re.findall(r"{(.*?)}", key))
            or "{project}" not in key
            or re.search(r"[{}]", re.sub(r"{[a-z]+}", "", key))
        ):
            yield Problem(
                f"places[{number}].project_state_key",
                key,
                "it has the placeholder {project}, maybe {environment}, and no other",
            )
        identity = (place["organization"], place["environment"])
        if identity in seen:
            yield Problem(f"places[{number}]", " ".join(identity), "each organization has an environment once")
        seen.add(identity)


def _state_key_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """A project whose state would overwrite the shared infrastructure's, or its own of another environment."""
    shared = {(place["state_bucket"], place["state_key"]) for place in params["places"]}
    taken: dict[tuple[str, str], str] = {}
    for place in params["places"]:
        if place["organization"] != params["org"] or place["environment"] not in params["environments"]:
            continue
        own = (place["state_bucket"], project_state_key(place, params["project"]))
        if own in shared:
            yield Problem(
                "project",
                params["project"],
                f"its state s3://{own[0]}/{own[1]} would be that of the shared infrastructure; choose another name",
            )
        if own in taken:
            yield Problem(
                "places",
                own[1],
                f"{taken[own]} and {place['environment']} would share the state s3://{own[0]}/{own[1]}",
            )
        taken[own] = place["environment"]
