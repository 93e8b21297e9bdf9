# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the EC2 types have in common: found by tags in one paged call, tagged by one call, waited for by id."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ..._aws.adapter import AwsAdapter
from ..._aws.creating import create_once
from ..._aws.retrying import when_visible
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.model import READY, Existing, Resource


def pages(call: Callable[..., Mapping[str, Any]], result: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """The items of all pages of a describe call (boto3's paginators cost the reading of one more file)."""
    token: dict[str, Any] = {}
    while True:
        answer = call(**arguments, **token)
        yield from answer.get(result, ())
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def tags_of(item: Mapping[str, Any]) -> dict[str, str]:
    return tag_dict(item.get("Tags"))


def tag_filters(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """The describe filters that find what carries these tags."""
    return [{"Name": f"tag:{name}", "Values": [value]} for name, value in tags.items()]


class Ec2Adapter(AwsAdapter):
    """A taggable EC2 resource type. Subclasses name the describe call and read one item of its answer."""

    operation: ClassVar[str]
    result: ClassVar[str]
    id_field: ClassVar[str]
    tag_type: ClassVar[str]
    """The resource type of a tag specification."""
    filter_argument: ClassVar[str] = "Filters"
    untag_command = "ec2 delete-tags --resources {ids} --tags {tag_pairs}"

    @property
    def ec2(self) -> Any:
        return self.clients.get("ec2")

    def describe(self, filters: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return list(pages(getattr(self.ec2, self.operation), self.result, **{self.filter_argument: list(filters)}))

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        return self.of_this_set(self.describe(tag_filters(self.scope.set_tags())))

    def of_this_set(self, items: Iterable[Mapping[str, Any]]) -> builtins.list[Existing]:
        """Those of the items that carry our identity (EC2's filters take * and ? in a value for wildcards)."""
        return [existing for existing in map(self.existing, items) if existing.key is not None]

    def refresh(self, existing: Sequence[Existing]) -> list[Existing]:
        ids = {item.id for item in existing}
        # Asked by our tags and not by id, which would be an error where one of them is gone.
        return [item for item in self.of_this_set(self.describe(tag_filters(self.scope.set_tags()))) if item.id in ids]

    def find(self, key: str) -> Existing | None:
        """The resource with this identity, for a create call whose answer was lost."""
        items = self.describe(tag_filters(self.scope.tags(key)))
        return next(
            (existing for existing in self.of_this_set(items) if existing.key == key and not self.discarded(existing)),
            None,
        )

    def existing(self, item: Mapping[str, Any]) -> Existing:
        tags = tags_of(item)
        return Existing(
            self.type,
            self.scope.key_of(tags),
            item[self.id_field],
            properties=self.properties(item),
            tags=tags,
            attributes=self.attributes(item),
            state=self.state(item),
            reason=self.reason(item),
            raw=dict(item),
        )

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def state(self, item: Mapping[str, Any]) -> str:
        return READY

    def reason(self, item: Mapping[str, Any]) -> str:
        return ""

    def create_exactly_one(self, key: str, call: Callable[[Any], Existing]) -> Existing:
        """Run a create call: call gets the client that sends a request a single time.

        After a lost answer the resource is looked for by its identity. A client token, where AWS takes one, guards the
        case that it is not listed yet.
        """
        client = self.clients.once("ec2")
        existing = create_once(lambda: when_visible(lambda: call(client)), lambda: self.find(key))
        existing.key = key
        return existing

    def tag_specifications(self, tags: Mapping[str, str]) -> list[dict[str, Any]]:
        return [{"ResourceType": self.tag_type, "Tags": tag_list(tags)}]

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        when_visible(lambda: self.ec2.create_tags(Resources=[existing.id], Tags=tag_list(tags)))

    def refuse_delete(self, existing: Existing) -> str:
        """What list found to be in the way, under raw["blockers"]."""
        blockers = (existing.raw or {}).get("blockers")
        return (
            f"cannot be deleted while it is in use: {', '.join(blockers)}; remove what is in the way first"
            if blockers
            else ""
        )
