#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: project_files
version_added: 0.1.0
short_description: Write the infrastructure project of a consumer
description:
  - Writes a folder C(<project>-infrastructure) whose Terraform and Ansible code builds on the published outputs of the
    shared infrastructure.
  - The checksum of each file as it was generated is kept in C(.generated.json) in that folder. A file that still has it
    is updated when the generated version changes. A file that somebody changed, or that was not generated, is left as
    it is, and the result holds what the generated version would change.
  - Files are never removed.
  - Runs on the controller, starts no process and does not ask AWS.
options:
  project:
    description: The name of the project, 2 to 32 lowercase letters, digits and single hyphens.
    type: str
    required: true
  team:
    description: The team that owns the project, in the same form.
    type: str
    required: true
  org:
    description: The organisation in whose shared infrastructure the project lives, one of those in O(places).
    type: str
    required: true
  environments:
    description: The environments that the project is written for. Those of an earlier run that are not named here are
      left alone.
    type: list
    elements: str
    required: true
  destination:
    description: The folder in which the project's folder is written. A relative one starts where Ansible was started.
    type: path
    default: .
  data_source:
    description: Whether the generated Terraform reads the outputs from the remote state or from SSM parameters.
    type: str
    choices: [remote_state, ssm]
    default: remote_state
  variants:
    description: What is generated for each environment.
    type: list
    elements: str
    choices: [terraform, ansible]
    default: [terraform, ansible]
  places:
    description: Where each organisation publishes each of its environments.
    type: list
    elements: dict
    required: true
    suboptions:
      organization:
        description: The organisation.
        type: str
        required: true
      environment:
        description: The environment.
        type: str
        required: true
      region:
        description: The region of the environment.
        type: str
        required: true
      ssm_prefix:
        description: The path below which the outputs are published in SSM.
        type: str
        required: true
      state_bucket:
        description: The bucket of the published Terraform state, and of the project's own.
        type: str
        required: true
      state_key:
        description: The key of the published Terraform state.
        type: str
        required: true
      state_region:
        description: The region of O(places[].state_bucket) and O(places[].state_lock_table), by default
          O(places[].region).
        type: str
        default: ""
      state_lock_table:
        description: The DynamoDB table of Terraform's locks.
        type: str
        required: true
      project_state_key:
        description: The key of the project's own Terraform state, with the placeholders C({project}) and
          C({environment}).
        type: str
        default: "{project}/{environment}/terraform.tfstate"
      layers:
        description: The layers that the environment has. Without C(ecs) the generated code uses no cluster.
        type: list
        elements: str
        # BEGIN rendered by make render from plugins/module_utils/_publishing/contract/layers.py
        choices: [kms, network, storage, registry, ecs, data]
        default: [kms, network, storage, ecs, data]
        # END rendered
attributes:
  check_mode:
    description: Plans with the same code as a real run and writes nothing.
    support: full
  diff_mode:
    description: One entry for each file that is written.
    support: full
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Write user-service-infrastructure
  connectly.shared_infrastructure.project_files:
    project: user-service
    team: backend
    org: connectly
    environments: [dev]
    places:
      - organization: connectly
        environment: dev
        region: ap-northeast-2
        ssm_prefix: /connectly-shared/dev
        state_bucket: dev-connectly
        state_key: connectly-shared/dev/terraform.tfstate
        state_lock_table: dev-connectly-tf-lock
"""

RETURN = r"""
path:
  description: The folder of the project.
  returned: always
  type: str
  sample: /home/me/user-service-infrastructure
actions:
  description: One entry for each file that is not as generated.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: One of C(create), C(update), C(keep) (changed by somebody, left) and C(report) (no longer generated,
        left).
      type: str
      sample: keep
    path:
      description: The path of the file in the project.
      type: str
      sample: environments/dev/main.tf
    reason:
      description: Why a file is kept or reported.
      type: str
    difference:
      description: What the generated version would change in a file that is kept, as a unified diff.
      type: str
    status:
      description: One of C(planned), C(done) and C(failed).
      type: str
      sample: done
summary:
  description: How many actions of each kind there are.
  returned: always
  type: dict
  sample: {create: 21, update: 0, keep: 0, report: 0}
notes:
  description: A line for each file that was left although it is not as generated.
  returned: always
  type: list
  elements: str
"""
