# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of our security groups, each a resource of its own with tags of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.retrying import when_visible
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import ApplyFailed, Difference, Existing, Resource
from . import rules
from .base import Ec2Adapter, tags_of
from .security_group import note_blocker


class SecurityGroupRuleAdapter(Ec2Adapter):
    type = "security_group_rule"
    reads = ("security_group",)
    operation, result, id_field, tag_type = (
        "describe_security_group_rules",
        "SecurityGroupRules",
        "SecurityGroupRuleId",
        "security-group-rule",
    )
    id_pattern = "sgr-{}"
    stands_in = ("security_group", "group_id")

    def __init__(self, clients: Clients, scope: Scope, exclusive: bool = False):
        """exclusive: rules that others put into our groups are removed."""
        super().__init__(clients, scope)
        self.exclusive = exclusive

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        groups = {group.id: group for group in found.get("security_group", ()) if group.owned and group.key}
        if not groups:
            return []
        keys = {resource.key for resource in wanted}
        items = self.describe([{"Name": "group-id", "Values": sorted(groups)}])
        existing = [self._placed(item, groups, keys) for item in items]
        for item in existing:
            if item.key is None:
                self._note_foreign(item, groups)
        return existing

    def _placed(self, item: Mapping[str, Any], groups: Mapping[str, Existing], keys: set[str]) -> Existing:
        """The rule under its identity: ours by tag, by being declared or as AWS's own first rule; foreign otherwise."""
        existing = self.existing(item)
        properties = existing.properties
        key = self._key(properties, groups, keys)
        if key in keys or existing.key is not None or self.exclusive or rules.is_aws_default(properties, existing.tags):
            existing.key = key
        else:
            existing.key, existing.owned = None, False
            existing.reason = f"rule {key}{self._by(properties)} was put there by others; left alone"
        return existing

    def _key(self, properties: Mapping[str, Any], groups: Mapping[str, Existing], keys: set[str]) -> str:
        def with_source(source: str) -> str:
            ports = (properties["from_port"], properties["to_port"])
            return rules.rule_key(
                str(groups[properties["group_id"]].key), properties["direction"], properties["protocol"], ports, source
            )

        by_id = with_source(properties["source"])
        if properties["source"] in groups and by_id not in keys:
            return with_source(str(groups[properties["source"]].key))
        return by_id

    @staticmethod
    def _by(properties: Mapping[str, Any]) -> str:
        return f" ({properties['description']})" if properties["description"] else ""

    def _note_foreign(self, rule: Existing, groups: Mapping[str, Existing]) -> None:
        """Groups are listed before their rules: here a group learns what its deletion would destroy or meet."""
        properties = rule.properties
        for group_id in {properties["group_id"], properties["source"]} & set(groups):
            if groups[group_id].raw.get("going"):
                note_blocker(
                    groups[group_id],
                    f"foreign rule {rule.id} of security group {properties['group_id']}{self._by(properties)}",
                )

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return rules.properties_of(item)

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = dict(wanted.properties)
        call = getattr(self.ec2, f"authorize_security_group_{properties['direction']}")
        try:
            answer = when_visible(
                lambda: call(
                    GroupId=properties["group_id"],
                    IpPermissions=[rules.permission(properties)],
                    TagSpecifications=self.tag_specifications(tags),
                )
            )
        except ClientError as error:
            # The answer to a first try was lost and botocore tried again, or somebody made the same rule during this
            # run.
            if error_code(error) != "InvalidPermission.Duplicate":
                raise
            return self._adopt(wanted, tags)
        return Existing(
            self.type, wanted.key, answer["SecurityGroupRules"][0]["SecurityGroupRuleId"], properties, tags=tags
        )

    def _adopt(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        for item in self.describe([{"Name": "group-id", "Values": [wanted.properties["group_id"]]}]):
            existing = Existing(self.type, wanted.key, item[self.id_field], self.properties(item), tags_of(item))
            different = [name for name, value in wanted.properties.items() if existing.properties[name] != value]
            if different in ([], ["description"]):
                self.set_tags(existing, tags)
                return self.update(wanted, existing, ()) if different else existing
        raise ApplyFailed(f"AWS says that rule {wanted.key} exists, and does not list it; run again")

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        request = {"SecurityGroupRuleId": existing.id, "SecurityGroupRule": rules.rule_request(wanted.properties)}
        when_visible(
            lambda: self.ec2.modify_security_group_rules(
                GroupId=wanted.properties["group_id"], SecurityGroupRules=[request]
            )
        )
        existing.properties = dict(wanted.properties)
        return existing

    def delete(self, existing: Existing) -> None:
        call = getattr(self.ec2, f"revoke_security_group_{existing.properties['direction']}")
        try:
            call(GroupId=existing.properties["group_id"], SecurityGroupRuleIds=[existing.id])
        except ClientError as error:
            if not is_not_found(error):
                raise
