#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_cluster
version_added: 0.1.0
short_description: Manage the ECS cluster of a deployment
description:
  - Manages an ECS cluster with Container Insights, capacity providers, the default capacity provider strategy,
    and the logging of execute-command sessions with its log group.
  - The cluster is found by its identity tags. One that has the wanted name but not our tags is refused.
  - Auto Scaling group capacity providers that others attached are reported and kept.
  - A cluster that still has services, tasks or container instances is not deleted.
options:
  name:
    description: The name of the cluster. It cannot be changed later.
    type: str
    required: true
  container_insights:
    description: Whether CloudWatch Container Insights collects metrics; V(enhanced) is its variant with task-level
      detail.
    type: str
    choices: [disabled, enabled, enhanced]
    default: disabled
  capacity_providers:
    description:
      - The capacity providers of the cluster, C(FARGATE), C(FARGATE_SPOT) or names of Auto Scaling group providers.
      - C(FARGATE) and C(FARGATE_SPOT) are detached when they are no longer listed; other providers are kept.
    type: list
    elements: str
    default: [FARGATE, FARGATE_SPOT]
  default_capacity_provider_strategy:
    description:
      - How tasks that name neither a strategy nor a launch type are spread. The order of the entries has no meaning.
      - An empty list leaves the cluster without a default strategy.
    type: list
    elements: dict
    default:
      - capacity_provider: FARGATE
        base: 0
        weight: 1
    suboptions:
      capacity_provider:
        description: One of O(capacity_providers).
        type: str
        required: true
      base:
        description: So many tasks are placed here first. Only one entry may have a base.
        type: int
        default: 0
      weight:
        description: The share of the tasks beyond the base, 0 to 1000, relative to the other entries.
        type: int
        default: 1
  execute_command_logging:
    description:
      - Where sessions of C(aws ecs execute-command) are logged.
      - V(override) logs them to a log group that is managed with the cluster. It is kept when this option changes.
      - V(default) logs them as the task definition logs its containers, V(none) not at all.
    type: str
    choices: [none, default, override]
    default: override
  execute_command_log_group_name:
    description: The log group of O(execute_command_logging=override), C(/aws/ecs/<name>/execute-command) by default.
    type: str
  execute_command_log_retention_days:
    description: Days for which the log group keeps its events; one of the values that CloudWatch Logs allows.
    type: int
    default: 30
  kms_key_arn:
    description:
      - The KMS key that encrypts execute-command sessions and their log group.
      - The role of a task needs C(kms:Decrypt) on it for its sessions.
    type: str
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
- name: A cluster that prefers Spot capacity
  connectly.shared_infrastructure.ecs_cluster:
    deployment: connectly-dev
    name: connectly-dev
    default_capacity_provider_strategy:
      - capacity_provider: FARGATE_SPOT
        weight: 4
      - capacity_provider: FARGATE
        weight: 1
    kms_key_arn: "{{ kms.outputs.kms_key_arn }}"
  register: ecs

- name: What a stricter production cluster would change
  connectly.shared_infrastructure.ecs_cluster:
    deployment: connectly-prod
    name: connectly-prod
    container_insights: enhanced
    default_capacity_provider_strategy:
      - capacity_provider: FARGATE
        base: 1
        weight: 4
      - capacity_provider: FARGATE_SPOT
        weight: 1
    execute_command_log_retention_days: 365
    kms_key_arn: "{{ kms.outputs.kms_key_arn }}"
  check_mode: true
  diff: true
"""

RETURN = r"""
# BEGIN rendered by make render from the contract and roles/ecs/meta/options.yml
outputs:
  description: The part of the outputs contract that this layer publishes. What the deployment does not have is left
    out.
  returned: success
  type: dict
  contains:
    ecs_cluster_id:
      description: The ECS cluster's id, which is its ARN.
      type: str
      sample: arn:aws:ecs:ap-northeast-2:123456789012:cluster/connectly-dev
    ecs_cluster_arn:
      description: The ECS cluster's ARN.
      type: str
      sample: arn:aws:ecs:ap-northeast-2:123456789012:cluster/connectly-dev
    ecs_cluster_name:
      description: The ECS cluster's name.
      type: str
      sample: connectly-dev
# END rendered
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.ecs import (
    adapters,
    arguments,
    checks,
    desired,
    outputs,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.layer_module import run_layer


def main() -> None:
    run_layer("ecs", arguments, checks, desired, adapters, outputs)


if __name__ == "__main__":
    main()
