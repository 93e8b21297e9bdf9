#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kms_key
version_added: 0.1.0
short_description: Manage the KMS key of a deployment
description:
  - Manages the customer managed key of a deployment with its alias, rotation and key policy.
  - The key is found by its identity tags, so that a run that was killed before the alias was made leaves no second key.
  - Statements that others added to the key policy are kept.
  - A key that awaits its deletion is taken back, with the same id.
options:
  alias:
    description: The alias of the key without the prefix C(alias/).
    type: str
    required: true
  description:
    description: What the key is for.
    type: str
    default: Shared infrastructure
  rotation_enabled:
    description: Whether AWS rotates the key material by itself.
    type: bool
    default: true
  rotation_period_days:
    description: Days between two rotations, 90 to 2560.
    type: int
    default: 365
  deletion_window_days:
    description: Days for which AWS keeps a key that is to be deleted, 7 to 30.
    type: int
    default: 30
  services:
    description:
      - The AWS services that may use the key.
      - V(logs) is CloudWatch Logs, with a condition on the encryption context; V(log-delivery) delivers logs to
        encrypted buckets.
      - The others use the key on behalf of a caller of this account (condition C(kms:ViaService)).
    type: list
    elements: str
    choices: [ebs, ecr, eks, elasticache, log-delivery, logs, rds, s3, secretsmanager, sns, sqs, ssm]
    default: [ecr, elasticache, log-delivery, logs, rds, s3, secretsmanager, ssm]
  policy_statements:
    description: Further statements of the key policy, each with a C(Sid), which is stored with the prefix
      C(SharedInfrastructure).
    type: list
    elements: dict
    default: []
  policy:
    description:
      - The whole key policy, in place of the one that O(services) and O(policy_statements) give.
      - A policy that does not allow C(kms:*) to the account root is refused.
    type: dict
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
- name: The key of the development deployment
  connectly.shared_infrastructure.kms_key:
    deployment: connectly-dev
    alias: connectly-shared-dev
    tags:
      Team: platform
  register: kms

- name: What it will be, without a change
  connectly.shared_infrastructure.kms_key:
    deployment: wealist-prod
    alias: wealist-prod
    deletion_window_days: 7
    services: [eks, elasticache, rds, s3, secretsmanager]
  check_mode: true
  diff: true
"""

RETURN = r"""
# BEGIN rendered by make render from the contract and roles/kms/meta/options.yml
outputs:
  description: The part of the outputs contract that this layer publishes. What the deployment does not have is left
    out.
  returned: success
  type: dict
  contains:
    kms_key_id:
      description: The KMS key's id (a UUID).
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    kms_key_arn:
      description: The KMS key's ARN.
      type: str
      sample: arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
# END rendered
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.kms import (
    adapters,
    arguments,
    checks,
    desired,
    outputs,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.layer_module import run_layer


def main() -> None:
    run_layer("kms", arguments, checks, desired, adapters, outputs)


if __name__ == "__main__":
    main()
