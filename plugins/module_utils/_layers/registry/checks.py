# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the ecr_repositories module and the registry role refuse before AWS is asked anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._aws.policies import sid
from ..._inputs.aws_problems import account_id_problems, all_tags_problems, key_arn_problems, statement_problems
from ..._inputs.problems import Problem, duplicates, tag_problems
from ..._resources.ecr import policy
from .settings import AES256, KMS, effective

NAME = re.compile(r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*")
"""ECR API reference, CreateRepository."""
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")
EXCLUSION_FILTER = re.compile(r"[0-9a-zA-Z._*-]{1,128}")


def problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """params are the module's options; each problem's path starts with one of them."""
    reserved = params.get("identity_tag_prefix") or "connectly:"
    yield from tag_problems(params.get("tags") or {}, reserved_prefix=reserved)
    # The set's own values are checked where they are set, an entry's where it has some.
    yield from _setting_problems("", params, effective({"name": "x"}, params))
    repositories = params.get("repositories") or []
    complete = [effective(repository, params) for repository in repositories]
    yield from duplicates(complete, "repositories")
    yield from duplicates(complete, "repositories", "name")
    for number, (repository, settings) in enumerate(zip(repositories, complete, strict=True)):
        path = f"repositories[{number}]"
        if not KEY.fullmatch(str(settings["key"])):
            yield Problem(
                f"{path}.key",
                settings["key"],
                "a key has 1 to 128 letters, digits, dots, _ / or - and starts with a letter or digit",
            )
        yield from _name_problems(path, repository["name"], settings["name"])
        yield from _setting_problems(f"{path}.", repository, settings)
        yield from tag_problems(settings["tags"], f"{path}.tags", reserved)
        yield from all_tags_problems(f"{path}.tags", "ECR", settings["tags"], params.get("tags") or {})


def _name_problems(path: str, own: str, name: str) -> Iterator[Problem]:
    allowed = (
        "the prefix and the name together have 2 to 256 lowercase letters and digits, parted by single dots, _ / or -"
    )
    if not own or not 2 <= len(name) <= 256 or not NAME.fullmatch(name):
        yield Problem(f"{path}.name", name, allowed)


def _setting_problems(path: str, given: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Problem]:
    """given is where the caller wrote, settings what holds there."""
    yield from _mutability_problems(path, given, settings)
    yield from _encryption_problems(path, given, settings)
    for name in ("untagged_days", "keep_newest"):
        if given.get(name) is not None and given[name] < 0:
            yield Problem(f"{path}{name}", given[name], "allowed are 1 and more, or 0 for no such rule")
    for number, account in enumerate(given.get("pull_account_ids") or []):
        yield from account_id_problems(f"{path}pull_account_ids[{number}]", account)
    yield from _statement_problems(f"{path}policy_statements", given.get("policy_statements") or [])


def _mutability_problems(path: str, given: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Problem]:
    mutability, filters = settings["image_tag_mutability"], settings["image_tag_mutability_exclusion_filters"]
    filters_path = f"{path}image_tag_mutability_exclusion_filters"
    if not (given.get("image_tag_mutability") or given.get("image_tag_mutability_exclusion_filters")):
        return
    if mutability.endswith("_WITH_EXCLUSION") and not filters:
        yield Problem(filters_path, filters, f"{mutability} needs one to five filters")
    elif filters and not mutability.endswith("_WITH_EXCLUSION"):
        yield Problem(filters_path, filters, f"filters need image_tag_mutability {mutability}_WITH_EXCLUSION")
    if len(filters) > 5:
        yield Problem(filters_path, f"{len(filters)} filters", "at most five filters are allowed")
    for number, pattern in enumerate(filters):
        if not EXCLUSION_FILTER.fullmatch(str(pattern)) or str(pattern).count("*") > 2:
            yield Problem(
                f"{filters_path}[{number}]",
                pattern,
                "a filter has 1 to 128 letters, digits, dots, _ or -, and at most two *",
            )


def _encryption_problems(path: str, given: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Problem]:
    arn = given.get("kms_key_arn")
    wrong = list(key_arn_problems(f"{path}kms_key_arn", arn, "a key ARN is arn:aws:kms:<region>:<account>:key/<id>"))
    yield from wrong
    if arn and not wrong and path and settings["encryption_type"] == AES256:
        yield Problem(
            f"{path}kms_key_arn",
            arn,
            f"a repository with encryption_type {AES256} has no key: leave it out, or set encryption_type to {KMS}",
        )


def _statement_problems(path: str, statements: Any) -> Iterator[Problem]:
    sids = {policy.PULL_SID}
    for number, statement in enumerate(statements):
        here = f"{path}[{number}]"
        if not {"Sid", "Effect", "Principal", "Action"} <= set(statement):
            yield Problem(here, statement, "a statement has Sid, Effect, Principal (not NotPrincipal) and Action")
            continue
        yield from statement_problems(here, statement)
        name = sid(str(statement["Sid"]))
        if name in sids:
            yield Problem(
                f"{here}.Sid", statement["Sid"], "each Sid of a policy is used once, and Pull is the module's own"
            )
        if "Resource" in statement:
            yield Problem(
                f"{here}.Resource",
                statement["Resource"],
                "a repository policy is about its repository and has no Resource",
            )
        sids.add(name)
