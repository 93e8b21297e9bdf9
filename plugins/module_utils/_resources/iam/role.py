# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""IAM roles with their inline policies, found by the names that we chose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.retrying import when_visible
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import Difference, Existing, Resource


class RoleAdapter(AwsAdapter):
    """Properties: role_name, description, assume_role_policy (a document), inline_policies (documents by name),
    permissions_boundary_arn.

    Inline policies and a boundary that are not declared, and attached managed policies, are somebody else's: left
    alone.
    """

    type = "iam_role"
    after = ("vpc", "log_group")  # whose account and ARN its policies may name
    id_pattern = "{}"
    attribute_patterns = {"arn": "arn:aws:iam::{}"}
    untag_command = "iam untag-role --role-name {id} --tag-keys {tag_keys}"
    delete_command = "iam delete-role --role-name {id}"
    fixed = {"role_name": "AWS cannot rename a role"}

    def __init__(self, clients: Clients, scope: Scope, names: Sequence[str] = ()):
        """names are looked for beside the wanted ones: roles that an earlier run of the set may have made."""
        super().__init__(clients, scope)
        self.names = names

    @property
    def iam(self) -> Any:
        return self.clients.get("iam")

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        by_name = {resource.properties["role_name"]: resource for resource in wanted}
        existing = [self._read(name, by_name.get(name)) for name in sorted({*by_name, *self.names})]
        return [item for item in existing if item is not None]

    def _read(self, name: str, wanted: Resource | None) -> Existing | None:
        try:
            item = self.iam.get_role(RoleName=name)["Role"]
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        tags = tag_dict(item.get("Tags"))
        key = self.scope.key_of(tags)
        existing = Existing(self.type, key, name, tags=tags, attributes={"arn": item["Arn"]}, raw={})
        if key is None:
            if wanted is None:
                return None
            existing.owned, existing.key = False, wanted.key
            existing.reason = f"{name} exists, but {self.scope.owner_of(tags)}; not taken over"
            return existing
        existing.properties = {
            "role_name": name,
            "description": item.get("Description", ""),
            "assume_role_policy": _document(item["AssumeRolePolicyDocument"]),
            "inline_policies": self._policies(name, wanted.properties["inline_policies"]) if wanted else {},
            "permissions_boundary_arn": item.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        }
        if wanted is None:
            attached = self.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
            existing.raw["blockers"] = [f"managed policy {policy['PolicyArn']}" for policy in attached]
        return existing

    def _policies(self, role_name: str, names: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the named inline policies that exist."""
        documents = {}
        for name in names:
            try:
                documents[name] = _document(
                    self.iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
                )
            except ClientError as error:
                if not is_not_found(error):
                    raise
        return documents

    def refuse_delete(self, existing: Existing) -> str:
        blockers = (existing.raw or {}).get("blockers")
        return f"others attached {', '.join(blockers)}; detach what is not ours first" if blockers else ""

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        boundary = (
            {"PermissionsBoundary": properties["permissions_boundary_arn"]}
            if "permissions_boundary_arn" in properties
            else {}
        )
        try:
            arn = self.iam.create_role(
                RoleName=properties["role_name"],
                Description=properties["description"],
                AssumeRolePolicyDocument=json.dumps(properties["assume_role_policy"]),
                Tags=tag_list(tags),
                **boundary,
            )["Role"]["Arn"]
        except ClientError as error:
            # The answer to a first try was lost and botocore tried again; what is not ours was refused by the plan.
            if error_code(error) != "EntityAlreadyExists":
                raise
            arn = self.iam.get_role(RoleName=properties["role_name"])["Role"]["Arn"]
        for name, document in properties["inline_policies"].items():
            when_visible(partial(self._put_policy, properties["role_name"], name, document))
        return Existing(self.type, wanted.key, properties["role_name"], dict(properties), tags, {"arn": arn})

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        # The boundary first: who may change bounded roles only may change the rest after it.
        for difference in sorted(differences, key=lambda difference: difference.path != "permissions_boundary_arn"):
            if difference.path == "permissions_boundary_arn":
                self.iam.put_role_permissions_boundary(RoleName=existing.id, PermissionsBoundary=difference.after)
            elif difference.path == "description":
                self.iam.update_role(RoleName=existing.id, Description=difference.after)
            elif difference.path == "assume_role_policy":
                self.iam.update_assume_role_policy(RoleName=existing.id, PolicyDocument=json.dumps(difference.after))
            elif difference.path == "inline_policies":
                for name, document in difference.after.items():
                    if difference.before.get(name) != document:
                        self._put_policy(existing.id, name, document)
            existing.properties[difference.path] = difference.after
        return existing

    def _put_policy(self, role_name: str, name: str, document: Any) -> None:
        self.iam.put_role_policy(RoleName=role_name, PolicyName=name, PolicyDocument=json.dumps(document))

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        self.iam.tag_role(RoleName=existing.id, Tags=tag_list(tags))

    def delete(self, existing: Existing) -> None:
        """The role with all its inline policies, which exist only as part of it."""
        for name in self.iam.list_role_policies(RoleName=existing.id)["PolicyNames"]:
            self.iam.delete_role_policy(RoleName=existing.id, PolicyName=name)
        self.iam.delete_role(RoleName=existing.id)


def _document(value: Any) -> Any:
    """A policy document; boto3 gives it decoded, except where the answer was not JSON."""
    return json.loads(value) if isinstance(value, str) else value
