#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecr_repositories
version_added: 0.1.0
short_description: Manage the ECR repositories of a deployment
description:
  - Manages all image repositories of a deployment with tag mutability, scanning, encryption, lifecycle policy,
    repository policy and tags.
  - Repositories are found by their identity tags. A wanted name that exists without them is refused.
  - Statements of repository policies and lifecycle rules that others added are reported and kept. Ours are recognised
    by their prefix, C(SharedInfrastructure) in a Sid and C(shared-infrastructure) in a rule's description.
  - A repository that is no longer declared is reported and kept. With O(state=absent) empty repositories are deleted
    and others are refused.
options:
  prefix:
    description: The beginning of every repository name, C(prod/) for example.
    type: str
    default: ""
  repositories:
    description: The repositories. Settings that an entry does not name are those of the set.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the repository without O(prefix).
        type: str
        required: true
      key:
        description: The stable name of the repository within the deployment, under which its address is published. By
          default its name.
        type: str
      tags:
        description: Tags of this repository beside O(tags).
        type: dict
        default: {}
      image_tag_mutability:
        description: In place of O(image_tag_mutability). The filters of the set then do not apply.
        type: str
        choices: [IMMUTABLE, MUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]
      image_tag_mutability_exclusion_filters:
        description: In place of O(image_tag_mutability_exclusion_filters).
        type: list
        elements: str
      scan_on_push:
        description: In place of O(scan_on_push).
        type: bool
      encryption_type:
        description: In place of O(encryption_type).
        type: str
        choices: [AES256, KMS]
      kms_key_arn:
        description: In place of O(kms_key_arn).
        type: str
      untagged_days:
        description: In place of O(untagged_days).
        type: int
      keep_newest:
        description: In place of O(keep_newest).
        type: int
      pull_account_ids:
        description: In place of O(pull_account_ids).
        type: list
        elements: str
      policy_statements:
        description: In place of O(policy_statements).
        type: list
        elements: dict
  image_tag_mutability:
    description:
      - Whether a tag can be moved to another image.
      - The forms with V(_WITH_EXCLUSION) make an exception of the tags that match
        O(image_tag_mutability_exclusion_filters).
    type: str
    choices: [IMMUTABLE, MUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]
    default: IMMUTABLE
  image_tag_mutability_exclusion_filters:
    description: One to five patterns of tags, C(latest) or C(dev-*) for example, each with at most two C(*).
    type: list
    elements: str
    default: []
  scan_on_push:
    description: Whether ECR scans an image when it is pushed.
    type: bool
    default: true
  encryption_type:
    description: How images are encrypted. ECR sets it when a repository is created and never changes it.
    type: str
    choices: [AES256, KMS]
    default: AES256
  kms_key_arn:
    description: The ARN of the key with O(encryption_type=KMS). Without one, ECR uses its own.
    type: str
  untagged_days:
    description: After how many days images without a tag expire; V(0) keeps them.
    type: int
    default: 1
  keep_newest:
    description: How many of the newest images are kept; V(0) keeps all.
    type: int
    default: 50
  pull_account_ids:
    description: Other accounts that may pull images.
    type: list
    elements: str
    default: []
  policy_statements:
    description:
      - Further statements of the repository policy, each with C(Sid), C(Effect), C(Principal) and C(Action).
      - The Sid is stored with the prefix C(SharedInfrastructure).
    type: list
    elements: dict
    default: []
  policy_exclusive:
    description: Whether repository policies are exclusively ours, so that statements of others are removed.
    type: bool
    default: false
  lifecycle_exclusive:
    description: Whether lifecycle policies are exclusively ours, so that rules of others are removed.
    type: bool
    default: false
extends_documentation_fragment:
  - connectly.shared_infrastructure.set
  - connectly.shared_infrastructure.guarded
  - connectly.shared_infrastructure.layer
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Repositories whose tags never move
  connectly.shared_infrastructure.ecr_repositories:
    deployment: wealist-prod
    prefix: prod/
    repositories:
      - name: api
      - name: web
        keep_newest: 100

- name: Repositories with a moving tag, encrypted with our key, from which another account pulls
  connectly.shared_infrastructure.ecr_repositories:
    deployment: connectly-dev
    image_tag_mutability: IMMUTABLE_WITH_EXCLUSION
    image_tag_mutability_exclusion_filters: [latest, "dev-*"]
    encryption_type: KMS
    kms_key_arn: arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    pull_account_ids: ["210987654321"]
    repositories:
      - name: tools/build
        key: build
"""

RETURN = r"""
# BEGIN rendered by make render from the contract and roles/registry/meta/options.yml
outputs:
  description: The part of the outputs contract that this layer publishes. What the deployment does not have is left
    out.
  returned: success
  type: dict
  contains:
    ecr_repository_urls:
      description: URLs of the container repositories by key, which is the name without the prefix where no other is
        given.
      type: dict
      sample:
        api: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/prod/api
# END rendered
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.registry import (
    adapters,
    arguments,
    checks,
    desired,
    outputs,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.layer_module import run_layer


def main() -> None:
    run_layer("registry", arguments, checks, desired, adapters, outputs)


if __name__ == "__main__":
    main()
