# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the subnet groups of RDS and ElastiCache have in common: the rules for their subnets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._engine.adapter import Found
from ..._engine.model import Difference, Existing, Resource, has_placeholder
from .named import NamedAdapter


class SubnetGroupAdapter(NamedAdapter):
    """Properties: name, description, subnet_ids (sorted). The id is the name."""

    noun = "subnet group"
    fixed = {"name": "AWS cannot rename a subnet group, and the one in use cannot be replaced"}
    user_type = ""
    """The type of this layer that stands in the group."""
    least_zones = 1
    """How many availability zones the subnets must cover."""

    def __init__(self, *arguments: Any, **settings: Any):
        super().__init__(*arguments, **settings)
        self._subnet_refusal = ""

    def users(self, existing: Existing) -> list[str]:
        """The names of what stands in this group."""
        raise NotImplementedError

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        """AWS accepts bad subnets in no case, but only after other things were written: so they are looked at here."""
        result = super().observe(wanted, found)
        for resource in wanted:
            same = [
                item
                for item in result
                if item.key == resource.key and item.properties.get("subnet_ids") == resource.properties["subnet_ids"]
            ]
            if same or has_placeholder(resource.properties):
                continue
            current = next((item for item in result if item.key == resource.key and item.owned), None)
            self._subnet_refusal = self._why_not(resource.properties["subnet_ids"], current)
            if self._subnet_refusal and current is None:
                result.append(Existing(self.type, resource.key, "", owned=False, reason=self._subnet_refusal))
        return result

    def _why_not(self, subnet_ids: list[str], current: Existing | None) -> str:
        subnets = self.clients.get("ec2").describe_subnets(SubnetIds=subnet_ids)["Subnets"]
        networks = sorted({subnet["VpcId"] for subnet in subnets})
        zones = sorted({subnet["AvailabilityZone"] for subnet in subnets})
        if len(networks) > 1:
            return f"its subnets are in several VPCs ({', '.join(networks)}); a subnet group belongs to one"
        if current is not None and current.attributes["vpc_id"] not in ("", *networks):
            return (
                f"the group belongs to {current.attributes['vpc_id']} and its new subnets to {networks[0]}; "
                "AWS cannot move a group to another VPC"
            )
        if len(zones) < self.least_zones:
            return (
                f"all its subnets are in {', '.join(zones)}; AWS asks for subnets in at least {self.least_zones} "
                "availability zones"
            )
        return ""

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        """What others have in it, and our own database or cache."""
        own = {
            item.properties.get("subnet_group_name"): item.id
            for items in found.values()
            for item in items
            if item.type == self.user_type
        }
        users = {
            twin.id: [*self.users(twin), *([f"{self.user_type} {own[twin.id]}"] if twin.id in own else [])]
            for twin in twins
        }
        return {name: [f"is used by {', '.join(names)}"] for name, names in users.items() if names}

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        return [
            Difference(item.path, item.before, item.after, self._subnet_refusal)
            if item.path == "subnet_ids" and self._subnet_refusal
            else item
            for item in super().differences(wanted, existing)
        ]

    def refuse_delete(self, existing: Existing) -> str:
        """Consumers put databases of their own into the shared groups."""
        users = self.users(existing)
        return (
            f"the subnet group {existing.id} is still used by {', '.join(users)}; delete or move them first"
            if users
            else ""
        )
