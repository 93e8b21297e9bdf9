#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: check_inputs
version_added: 0.1.0
short_description: Check the inputs of roles before anything changes
description:
  - Checks the variables of a role of this collection, or of several, against their argument specs, more strictly than
    Ansible does, and by rules between several variables (overlapping CIDRs for example).
  - Each finding says what is wrong, in which file and line it was set (with ansible-core 2.19 and newer), and what is
    allowed, down to the entry of a list. All findings of all roles come in one message.
  - A variable that starts with the role's prefix but is not an input of the role is an error that names the closest
    match.
  - Runs on the controller, starts no process and does not ask AWS.
options:
  role:
    description: The role, which is also the prefix of its variables.
    type: str
    required: true
  roles:
    description:
      - Further roles whose inputs are checked in the same task, at their entry point C(main) and with the defaults
        that they would have.
      - What only follows from a finding about O(role) is left out.
    type: list
    elements: str
    default: []
  entry_point:
    description: The entry point of O(role), as C(tasks_from) names it. Its argument spec must exist.
    type: str
    default: main
  specification:
    description: A file with an argument spec, where it is not C(meta/argument_specs.yml) of the role.
    type: path
  near_misses_of:
    description: Roles for whose inputs variables with a misspelled prefix are looked for as well.
    type: list
    elements: str
  set_for_all_layers:
    description:
      - Variables that the inventory sets once for all roles, each with the roles' variables that the playbooks set from
        it.
      - An inventory that sets one of the latter is refused, since it would not be read.
    type: dict
attributes:
  check_mode:
    description: The action never writes.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Check the inputs of the network role
  connectly.shared_infrastructure.check_inputs:
    role: network

- name: Check the inputs of the foundation in one go
  connectly.shared_infrastructure.check_inputs:
    role: kms
    roles: [network, storage]
"""

RETURN = r"""
names:
  description:
    - The names in AWS that the checked layers want and that must be free or the deployment's own, for the option
      C(names) of M(connectly.shared_infrastructure.deployment_guard).
    - Each entry has C(type), C(layer), C(variable) (the variable that gave the names) and C(names).
  returned: success
  type: list
  elements: dict
  sample:
    - {type: ecs_cluster, layer: ecs, variable: ecs_name, names: [connectly-shared-dev]}
"""
