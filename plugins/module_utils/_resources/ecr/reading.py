# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading repositories: one paged call lists them all; tags, policies and images have a call for each repository."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

from ..._aws.clients import Clients
from ..._aws.errors import ClientError, is_access_denied, is_not_found
from ..._aws.tagged import TAG_READS, tagged_resources
from ..._aws.tags import tag_dict
from ..._engine.identity import Scope

WORKERS = 8

Described = Mapping[str, Any]
"""An entry of the answer to DescribeRepositories."""


def tags_of_name(ecr: Any, name: str) -> dict[str, str]:
    """Of a repository that need not exist: AWS says NotFound then."""
    return _tags(ecr, ecr.describe_repositories(repositoryNames=[name])["repositories"][0])


def _tags(ecr: Any, described: Described) -> dict[str, str]:
    return tag_dict(ecr.list_tags_for_resource(resourceArn=described["repositoryArn"])["tags"])


def tags(ecr: Any, described: Described) -> dict[str, str]:
    try:
        return _tags(ecr, described)
    except ClientError as error:
        if is_not_found(error):  # deleted since it was listed
            return {}
        raise


def tags_of_another(ecr: Any, described: Described) -> dict[str, str]:
    """The tags of a repository that nobody wants here; where we may not read them, it is not ours."""
    try:
        return tags(ecr, described)
    except ClientError as error:
        if is_access_denied(error):
            return {}
        raise


def tagged(
    clients: Clients, scope: Scope, repositories: Sequence[Described], pool: Executor
) -> dict[str, dict[str, str]]:
    """The tags by repository name, of those that carry the scope's identity."""
    if len(repositories) > TAG_READS:
        arns = tagged_resources(clients, scope, ["ecr:repository"])
        repositories = [entry for entry in repositories if entry["repositoryArn"] in arns]
    ecr = clients.get("ecr")
    found = zip(repositories, pool.map(lambda entry: tags_of_another(ecr, entry), repositories), strict=True)
    return {entry["repositoryName"]: own for entry, own in found if scope.key_of(own) is not None}


def document(call: Callable[..., Mapping[str, Any]], name: str, member: str) -> dict[str, Any]:
    """A policy document of a repository, or {} where it has none."""
    try:
        return json.loads(call(repositoryName=name)[member])
    except ClientError as error:
        if is_not_found(error):
            return {}
        raise


def count_images(ecr: Any, name: str) -> str:
    """How many images a repository holds, in words; empty for an empty repository."""
    answer = ecr.list_images(repositoryName=name, maxResults=1000)
    count = len(answer["imageIds"])
    return f"{'at least ' if answer.get('nextToken') else ''}{count} images" if count else ""
