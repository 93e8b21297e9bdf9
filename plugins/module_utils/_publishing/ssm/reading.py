# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading parameters by pages: values ten at a time, tags a hundred at a time, never one call for each parameter."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code, is_access_denied
from ..._aws.tags import tag_dict

RECENT_SECONDS = 3600.0
"""For so long after a write, the tagging service may not know a parameter's tags yet."""


@dataclass
class Stored:
    """A parameter as SSM has it; path is below the prefix, text is ciphertext of an undecrypted SecureString."""

    path: str
    name: str
    type: str
    text: str
    version: int
    modified: float
    tags: dict[str, str] | None = None


def read_parameters(ssm: Any, prefix: str, decrypt: bool = False) -> dict[str, Stored]:
    """Every parameter below a prefix, by its path below it. Ten a call is what GetParametersByPath gives."""
    found: dict[str, Stored] = {}
    for page in ssm.get_paginator("get_parameters_by_path").paginate(
        Path=prefix, Recursive=True, WithDecryption=decrypt, MaxResults=10
    ):
        for item in page["Parameters"]:
            stored = stored_of(item, prefix)
            found[stored.path] = stored
    return found


def stored_of(item: dict[str, Any], prefix: str) -> Stored:
    modified = item.get("LastModifiedDate")
    path = item["Name"][len(prefix) + 1 :]
    return Stored(
        path,
        item["Name"],
        item["Type"],
        item["Value"],
        item.get("Version", 1),
        modified.timestamp() if modified else 0.0,
    )


def read_tags(
    clients: Clients,
    parameters: Iterable[Stored],
    deployment_tag: str,
    deployment: str,
    complete: Callable[[str, dict[str, str]], bool],
) -> None:
    """Fill in the tags of parameters: in pages from the tagging service, then one by one only where that is not
    believed.

    The tagging service lags behind SSM. What it says is believed when complete(path, tags) finds everything there; what
    it does not show is asked of SSM itself when complete is not content (a wanted parameter) or when the parameter was
    written lately.
    """
    by_name = {stored.name: stored for stored in parameters}
    indexed = _tagged(clients, deployment_tag, deployment) if by_name else {}
    doubtful = []
    for name, stored in by_name.items():
        stored.tags = (indexed or {}).get(name)
        recent = stored.tags is None and (indexed is None or time.time() - stored.modified < RECENT_SECONDS)
        if recent or not complete(stored.path, stored.tags or {}):
            doubtful.append(stored)
    ssm = clients.get("ssm")
    with ThreadPoolExecutor(max_workers=4) as pool:
        for stored, tags in zip(
            doubtful, pool.map(lambda stored: parameter_tags(ssm, stored.name), doubtful), strict=True
        ):
            stored.tags = tags


def _tagged(clients: Clients, tag: str, value: str) -> dict[str, dict[str, str]] | None:
    """Tags by parameter name of all that carries a tag; None where the caller may not use the tagging service."""
    found: dict[str, dict[str, str]] = {}
    paginator = clients.get("resourcegroupstaggingapi").get_paginator("get_resources")
    try:
        for page in paginator.paginate(
            TagFilters=[{"Key": tag, "Values": [value]}], ResourceTypeFilters=["ssm:parameter"], ResourcesPerPage=100
        ):
            for item in page["ResourceTagMappingList"]:
                name = "/" + item["ResourceARN"].partition(":parameter/")[2]
                found[name] = tag_dict(item["Tags"])
    except ClientError as error:
        if is_access_denied(error):
            return None
        raise
    return found


def parameter_tags(ssm: Any, name: str) -> dict[str, str]:
    """The tags of one parameter, as SSM itself has them; empty where it is gone by now."""
    try:
        tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    except ClientError as error:
        if error_code(error) == "InvalidResourceId":
            return {}
        raise
    return tag_dict(tags)
