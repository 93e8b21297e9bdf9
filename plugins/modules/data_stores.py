#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: data_stores
version_added: 0.1.0
short_description: Manage the databases and caches of a deployment
description:
  - Manages the RDS and ElastiCache subnet groups of a deployment as one set.
  - Everything is found by name and identity tags. What has a wanted name but not our tags is refused.
options:
  name:
    description:
      - The base of all names that are not set by themselves.
      - Lower-case letters, digits and single hyphens, starting with a letter, at most 31 characters.
    type: str
    required: true
  kms_key_arn:
    description: The KMS key that encrypts what this layer stores. Without one, AWS's own keys are used.
    type: str
  subnet_ids:
    description: The subnets of both subnet groups, in at least two availability zones of one VPC.
    type: list
    elements: str
    required: true
  rds_subnet_group_name:
    description: The name of the RDS subnet group, O(name) by default. It cannot be changed later.
    type: str
  rds_subnet_group_description:
    description: What the RDS subnet group is for.
    type: str
    default: Shared infrastructure
  elasticache_subnet_group_name:
    description: The name of the ElastiCache subnet group, O(name) by default. It cannot be changed later.
    type: str
  elasticache_subnet_group_description:
    description: What the ElastiCache subnet group is for.
    type: str
    default: Shared infrastructure
extends_documentation_fragment:
  - connectly.shared_infrastructure.set
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Subnet groups in the private subnets
  connectly.shared_infrastructure.data_stores:
    deployment: connectly-dev
    name: connectly-dev
    subnet_ids: "{{ network.outputs.private_subnet_ids }}"
    tags:
      Team: platform
  register: data
"""

RETURN = r"""
outputs:
  description: The part of the outputs contract that this layer publishes.
  returned: success
  type: dict
  contains:
    rds_subnet_group_name:
      description: The name of the RDS subnet group.
      type: str
      sample: connectly-dev
    rds_subnet_group_id:
      description: The name of the RDS subnet group.
      type: str
      sample: connectly-dev
    elasticache_subnet_group_name:
      description: The name of the ElastiCache subnet group.
      type: str
      sample: connectly-dev
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils.data import checks, desired
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils.data.elasticache_subnet_group import ElastiCacheSubnetGroupAdapter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils.data.outputs import outputs
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils.data.rds_subnet_group import RdsSubnetGroupAdapter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils.engine.set_module import SetModule

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "kms_key_arn": {"type": "str"},
    "subnet_ids": {"type": "list", "elements": "str", "required": True},
    "rds_subnet_group_name": {"type": "str"},
    "rds_subnet_group_description": {"type": "str", "default": "Shared infrastructure"},
    "elasticache_subnet_group_name": {"type": "str"},
    "elasticache_subnet_group_description": {"type": "str", "default": "Shared infrastructure"},
}


def main():
    module = SetModule("data", ARGUMENTS)
    params = module.params
    module.check(list(checks.problems(params)))
    clients, scope = module.clients, module.scope
    names = desired.Names.of(params)
    search = params["state"] == "absent"
    module.run(
        [
            RdsSubnetGroupAdapter(clients, scope, names.rds_subnet_group, search),
            ElastiCacheSubnetGroupAdapter(clients, scope, names.elasticache_subnet_group, search),
        ],
        lambda: desired.resources(params, module.tags),
        outputs,
    )


if __name__ == "__main__":
    main()
