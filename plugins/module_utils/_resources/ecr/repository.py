# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECR repositories with their lifecycle and repository policies, found by identity tags and by the wanted names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..._aws.adapter import AwsAdapter
from ..._aws.clients import Clients
from ..._aws.creating import create_once
from ..._aws.errors import ClientError, error_code, is_not_found
from ..._aws.policies import document, is_ours, same_statements
from ..._aws.retrying import when_visible
from ..._aws.tags import tag_dict, tag_list
from ..._engine.adapter import Found
from ..._engine.identity import Scope
from ..._engine.model import ApplyFailed, Difference, Existing, Resource
from . import lifecycle, reading
from .terms import KMS

IS_OURS = {"policy": is_ours, "lifecycle_rules": lifecycle.is_ours}
"""The properties to which other teams add entries, and which of them are ours."""


class RepositoryAdapter(AwsAdapter):
    """exclusive names the properties (policy, lifecycle_rules) in which nobody else's entries are left."""

    type = "ecr_repository"
    attribute_patterns = {"arn": "arn:aws:ecr:::repository/{}", "uri": "{}"}
    fixed = {
        "name": "a repository cannot be renamed; declare the new name under another key and push the images there",
        "encryption": (
            "ECR sets the encryption once, when the repository is created; declare a new repository under another key"
        ),
    }
    undeclared = "report"
    untag_command = "ecr untag-resource --resource-arn {arn} --tag-keys {tag_keys}"
    delete_command = "ecr delete-repository --repository-name {id}"

    def __init__(self, clients: Clients, scope: Scope, exclusive: Collection[str] = ()):
        super().__init__(clients, scope)
        self._exclusive = frozenset(exclusive)

    @property
    def _ecr(self) -> Any:
        return self.clients.get("ecr")

    # What exists -------------------------------------------------------------------------------------------------

    def observe(self, wanted: Sequence[Resource], found: Found) -> list[Existing]:
        pages = self._ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 1000})
        described = {entry["repositoryName"]: entry for page in pages for entry in page["repositories"]}
        keys = {resource.properties["name"]: resource.key for resource in wanted}
        here = [name for name in keys if name in described]
        with ThreadPoolExecutor(max_workers=reading.WORKERS) as pool:
            others = reading.tagged(
                self.clients, self.scope, [entry for name, entry in described.items() if name not in keys], pool
            )
            tags = (
                dict(zip(here, pool.map(lambda name: reading.tags(self._ecr, described[name]), here), strict=True))
                | others
            )
            ours = [name for name in tags if self.scope.key_of(tags[name]) is not None]
            read = list(pool.map(lambda name: self._read(described[name], tags[name], count=not wanted), ours))
        result = [*read, *(entry for existing in read if existing.id in keys for entry in self._foreign(existing))]
        for name in here:
            key = self.scope.key_of(tags[name])
            if key is None:
                result.append(
                    self._blocker(keys[name], name, f"exists, but {self.scope.owner_of(tags[name])}; not taken over")
                )
            elif key != keys[name]:
                result.append(
                    self._blocker(
                        keys[name], name, f"exists, but it is the repository {key} of this deployment; not taken over"
                    )
                )
        return result

    def tags_of_name(self, name: str) -> dict[str, str] | None:
        return reading.tags_of_name(self._ecr, name)

    def _read(self, described: Mapping[str, Any], tags: dict[str, str], count: bool = False) -> Existing:
        """Everything about a repository of ours; described is its entry in DescribeRepositories."""
        name = described["repositoryName"]
        raw = {
            "policy": reading.document(self._ecr.get_repository_policy, name, "policyText").get("Statement", []),
            "lifecycle_rules": reading.document(self._ecr.get_lifecycle_policy, name, "lifecyclePolicyText").get(
                "rules", []
            ),
            "images": reading.count_images(self._ecr, name) if count else "",
        }
        encryption = described.get("encryptionConfiguration", {})
        properties = {
            "name": name,
            "encryption": {"type": encryption.get("encryptionType", "AES256"), "kms_key_arn": encryption.get("kmsKey")},
            "image_tag_mutability": described.get("imageTagMutability"),
            "exclusion_filters": sorted(
                item["filter"] for item in described.get("imageTagMutabilityExclusionFilters") or []
            ),
            "scan_on_push": described.get("imageScanningConfiguration", {}).get("scanOnPush", False),
            "lifecycle_rules": [lifecycle.without_priority(rule) for rule in self._compared(raw, "lifecycle_rules")],
            "policy": self._compared(raw, "policy"),
        }
        attributes = {"arn": described["repositoryArn"], "uri": described["repositoryUri"]}
        return Existing(self.type, self.scope.key_of(tags), name, properties, tags, attributes, raw=raw)

    def _compared(self, raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """The entries that must be as wanted: ours, or all of them where the set is exclusively ours."""
        return [entry for entry in raw[name] if name in self._exclusive or IS_OURS[name](entry)]

    def _kept(self, raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        """The entries of others that stay."""
        return [entry for entry in raw[name] if name not in self._exclusive and not IS_OURS[name](entry)]

    def _foreign(self, existing: Existing) -> Iterator[Existing]:
        for statement in self._kept(existing.raw, "policy"):
            identifier = f"{existing.id}: policy statement {statement.get('Sid', '')}".rstrip()
            yield Existing(self.type, None, identifier, reason="not ours, left alone", raw=statement)
        for rule in self._kept(existing.raw, "lifecycle_rules"):
            yield Existing(
                self.type,
                None,
                f"{existing.id}: lifecycle rule {rule['rulePriority']}",
                reason="not ours, left alone",
                raw=rule,
            )

    def _blocker(self, key: str, name: str, reason: str) -> Existing:
        return Existing(self.type, key, name, owned=False, reason=reason)

    def signs_of_use(self, twins: Sequence[Existing], found: Found) -> dict[str, list[str]]:
        images = {twin.id: reading.count_images(self._ecr, twin.id) for twin in twins}
        return {name: [f"holds {text}"] for name, text in images.items() if text}

    # What differs ------------------------------------------------------------------------------------------------

    def differences(self, wanted: Resource, existing: Existing) -> list[Difference]:
        differences = super().differences(wanted, existing)
        blocking = next((rule for rule in self._kept(existing.raw, "lifecycle_rules") if lifecycle.is_last(rule)), None)
        if blocking and any(lifecycle.is_last(rule) for rule in wanted.properties["lifecycle_rules"]):
            number = blocking["rulePriority"]
            reason = (
                f"somebody else's rule {number} is for all images, and ECR takes one such rule; set keep_newest to 0, "
                "or lifecycle_exclusive"
            )
            differences = [
                Difference(
                    item.path, item.before, item.after, reason if item.path == "lifecycle_rules" else item.refusal
                )
                for item in differences
            ]
        return differences

    def equal(self, name: str, before: Any, after: Any) -> bool:
        if name == "encryption" and after["type"] == KMS and not after["kms_key_arn"]:
            return before["type"] == KMS  # ECR then uses its own key, whose ARN it reports
        if name == "policy":
            return same_statements(before, after)
        if name == "lifecycle_rules":
            return sorted(before, key=_canonical) == sorted(after, key=_canonical)
        return before == after

    def refuse_delete(self, existing: Existing) -> str:
        images = existing.raw["images"]
        return f"the repository holds {images}; a run never deletes images, so delete them first" if images else ""

    # What is done ------------------------------------------------------------------------------------------------

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        encryption = {"encryptionType": properties["encryption"]["type"]}
        if properties["encryption"]["kms_key_arn"]:
            encryption["kmsKey"] = properties["encryption"]["kms_key_arn"]
        arguments = {
            "repositoryName": properties["name"],
            "tags": tag_list(tags),
            "imageScanningConfiguration": {"scanOnPush": properties["scan_on_push"]},
            "encryptionConfiguration": encryption,
            **self._mutability(properties),
        }
        described = create_once(
            lambda: self._create_repository(arguments), lambda: self._created(properties["name"], wanted.key)
        )
        existing = self._read(described, dict(tags))
        return self.update(wanted, existing, self.differences(wanted, existing))

    def _create_repository(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        name = arguments["repositoryName"]
        try:
            return self.clients.once("ecr").create_repository(**arguments)["repository"]
        except ClientError as error:
            if error_code(error) != "RepositoryAlreadyExistsException":
                raise
            ours = self._created(name, self.scope.key_of(tag_dict(arguments["tags"])))
            if ours is None:
                raise ApplyFailed(
                    f"Failed to create {self.type} {name}: somebody else has made one of this name meanwhile; "
                    "not taken over"
                ) from error
            return ours

    def _created(self, name: str, key: str | None) -> Mapping[str, Any] | None:
        """The repository of this name when it is ours."""
        try:
            (described,) = self._ecr.describe_repositories(repositoryNames=[name])["repositories"]
        except ClientError as error:
            if is_not_found(error):
                return None
            raise
        return described if self.scope.key_of(reading.tags(self._ecr, described)) == key else None

    @staticmethod
    def _mutability(properties: Mapping[str, Any]) -> dict[str, Any]:
        filters = [{"filterType": "WILDCARD", "filter": pattern} for pattern in properties["exclusion_filters"]]
        return {
            "imageTagMutability": properties["image_tag_mutability"],
            **({"imageTagMutabilityExclusionFilters": filters} if filters else {}),
        }

    def update(self, wanted: Resource, existing: Existing, differences: Sequence[Difference]) -> Existing:
        ecr, name = self._ecr, existing.id
        changed = {item.path: item.after for item in differences}
        if changed.keys() & {"image_tag_mutability", "exclusion_filters"}:
            ecr.put_image_tag_mutability(repositoryName=name, **self._mutability(wanted.properties))
        if "scan_on_push" in changed:
            ecr.put_image_scanning_configuration(
                repositoryName=name, imageScanningConfiguration={"scanOnPush": changed["scan_on_push"]}
            )
        if "policy" in changed:
            self._put_policy(existing, changed["policy"])
        if "lifecycle_rules" in changed:
            self._put_lifecycle_rules(existing, changed["lifecycle_rules"])
        existing.properties.update(changed)
        return existing

    def _put_policy(self, existing: Existing, wanted: Sequence[Mapping[str, Any]]) -> None:
        complete = [*self._kept(existing.raw, "policy"), *wanted]
        if complete:
            text = json.dumps(document(*complete))
            when_visible(lambda: self._ecr.set_repository_policy(repositoryName=existing.id, policyText=text))
        else:
            self._ecr.delete_repository_policy(repositoryName=existing.id)

    def _put_lifecycle_rules(self, existing: Existing, wanted: Sequence[Mapping[str, Any]]) -> None:
        complete = lifecycle.with_priorities(self._kept(existing.raw, "lifecycle_rules"), wanted)
        if complete:
            text = json.dumps({"rules": complete})
            when_visible(lambda: self._ecr.put_lifecycle_policy(repositoryName=existing.id, lifecyclePolicyText=text))
        else:
            self._ecr.delete_lifecycle_policy(repositoryName=existing.id)

    def set_tags(self, existing: Existing, tags: dict[str, str]) -> None:
        self._ecr.tag_resource(resourceArn=existing.attributes["arn"], tags=tag_list(tags))

    def delete(self, existing: Existing) -> None:
        try:
            self._ecr.delete_repository(repositoryName=existing.id)
        except ClientError as error:
            if error_code(error) == "RepositoryNotEmptyException":
                raise ApplyFailed(
                    f"Failed to delete {self.type} {existing.key} ({existing.id}): images were pushed to it meanwhile"
                ) from error
            raise


def _canonical(rule: Mapping[str, Any]) -> str:
    return json.dumps(rule, sort_keys=True)
