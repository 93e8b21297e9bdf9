# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What carries the tags of a set, by the tagging service: one paged call for all types.

It may be some minutes behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._engine.identity import Scope
from .clients import Clients
from .tags import tag_dict

TAG_READS = 100
"""Up to so many other resources are asked for their tags one by one, which is never out of date; more go through the
tagging service.
"""


def tagged_resources(clients: Clients, scope: Scope, types: Iterable[str]) -> dict[str, dict[str, str]]:
    """The tags by ARN. types are services ("rds") or types of a service ("s3:bucket")."""
    filters = [{"Key": name, "Values": [value]} for name, value in scope.set_tags().items()]
    paginator = clients.get("resourcegroupstaggingapi").get_paginator("get_resources")
    pages = paginator.paginate(TagFilters=filters, ResourceTypeFilters=sorted(types))
    return {entry["ResourceARN"]: tag_dict(entry["Tags"]) for page in pages for entry in page["ResourceTagMappingList"]}


def tagged_by_type(clients: Clients, scope: Scope, kinds: Mapping[str, str]) -> dict[str, dict[str, dict[str, str]]]:
    """The tags by type and ARN. kinds has service and type of ARNs by our type; for none, AWS is not asked."""
    if not kinds:
        return {}
    tagged = tagged_resources(clients, scope, {kind.partition(":")[0] for kind in kinds.values()})
    return {name: {arn: tags for arn, tags in tagged.items() if is_of_type(arn, kind)} for name, kind in kinds.items()}


def is_of_type(arn: str, tagged_as: str) -> bool:
    """Whether an ARN is of this service and type: arn:aws:rds:...:db:<name>, arn:aws:kms:...:key/<id>."""
    service, _colon, kind = tagged_as.partition(":")
    parts = arn.split(":", 5)
    return parts[2] == service and parts[5].startswith((f"{kind}:", f"{kind}/"))
