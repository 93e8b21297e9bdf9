#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_outputs
version_added: 0.1.0
short_description: Publish outputs to SSM Parameter Store
description:
  - Publishes a dictionary of outputs under a prefix in one call, each under the path that the outputs contract gives
    it.
  - What is published is read in pages, only differences are written, and the tier follows the size of a value.
  - A list becomes a StringList, whose value every reader sees joined by commas, a map becomes JSON, numbers and
    booleans become text.
  - Publishing is refused before the first write when a published output would disappear or change its type, or when an
    id or an address that consumers hold would be replaced, unless O(allow_changes) names the output. Adding outputs and
    list items is always allowed.
  - The parameter C(manifest) below the prefix is written after all values, in one call. It holds the whole set, so that
    its readers have a complete old or a complete new set also when a publisher was killed.
  - Publishing and removing are refused where the manifest names a newer version of the collection. An older one that it
    names is replaced by this one, also where no output changes.
  - A parameter that exists without the identity tags of this deployment and layer is refused, never taken over.
  - A value that Ansible has masked, or would mask in the result, is refused before the first write. A masked value that
    an earlier version published is damage, which any call may repair.
options:
  prefix:
    description: The path below which everything is published, V(/connectly-shared/dev) for example.
    type: str
    required: true
  outputs:
    description:
      - Values by output name. An output that is not in the contract or is of another type is an error.
      - An output whose resource does not exist is left out; empty values are refused.
    type: dict
    default: {}
  parameters:
    description: Values of the caller's own, which the contract does not know.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The path below O(prefix).
        type: str
        required: true
      value:
        description: The value of a C(String) or C(StringList); a list is joined by commas.
        type: raw
      secret_value:
        description: The value of a C(SecureString). It appears in no log, diff or result.
        type: str
      type:
        description: The type of the parameter. Only O(allow_changes) lets it change later.
        type: str
        choices: [String, StringList, SecureString]
        default: String
      kms_key_id:
        description: The key that encrypts a C(SecureString), as an id, an ARN or an alias; the account's own key where
          it is left out.
        type: str
      layer:
        description: The layer that the parameter belongs to.
        type: str
        default: parameters
      description:
        description: What the parameter is, for people who find it in the console.
        type: str
  layers:
    description:
      - The layers whose part this call declares completely. O(purge) removes only what these layers published.
      - By default the layers of O(outputs) and O(parameters). With O(state=absent) it is every layer by default.
    type: list
    elements: str
  purge:
    description: Whether what O(layers) published and no longer declare is removed.
    type: bool
    default: true
  overwrite:
    description: Whether a published value may change. V(false) refuses to, and only adds what is missing.
    type: bool
    default: true
  allow_changes:
    description:
      - Outputs, by name, that may disappear, change their type or lose the value that consumers hold in this call.
      - For O(parameters) it names paths whose type may change.
    type: list
    elements: str
    default: []
  manifest:
    description:
      - Whether to write the manifest. One that exists is always kept right.
      - It needs the advanced tier when it is larger than 4 KB, and is split when it is larger than 8 KB.
    type: bool
    default: true
  source_commit:
    description: The commit that the manifest names as the source of what this call changes.
    type: str
  state:
    description: V(absent) removes what O(layers) published, whatever the other options say.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - connectly.shared_infrastructure.set
  - connectly.shared_infrastructure.guarded
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - Connectly Platform Infrastructure (@connectly)
notes:
  - Needs the permissions C(ssm:GetParametersByPath), C(ssm:DescribeParameters), C(ssm:ListTagsForResource),
    C(ssm:PutParameter), C(ssm:AddTagsToResource), C(ssm:GetParameter), C(ssm:DeleteParameter) and C(tag:GetResources).
    Without the last one the tags are asked of SSM parameter by parameter.
seealso:
  - module: connectly.shared_infrastructure.ssm_outputs_info
"""

EXAMPLES = r"""
- name: Publish the part of the network layer
  connectly.shared_infrastructure.ssm_outputs:
    deployment: connectly-dev
    prefix: /connectly-shared/dev
    layers: [network]
    outputs:
      vpc_id: vpc-0123456789abcdef0
      private_subnet_ids: [subnet-0a1b2c3d, subnet-4e5f6a7b]

- name: Let the NAT gateways' addresses change in this one run
  connectly.shared_infrastructure.ssm_outputs:
    deployment: connectly-dev
    prefix: /connectly-shared/dev
    layers: [network]
    outputs: "{{ network_outputs }}"
    allow_changes: [nat_gateway_ids, nat_public_ips]

- name: Values of another team, one of them secret
  connectly.shared_infrastructure.ssm_outputs:
    deployment: user-service-dev
    prefix: /user-service/dev
    parameters:
      - path: api/url
        value: https://api.example.com
      - path: api/token
        secret_value: "{{ vault_api_token }}"
        type: SecureString
        kms_key_id: alias/connectly-shared-dev

- name: Remove everything that this deployment published
  connectly.shared_infrastructure.ssm_outputs:
    deployment: connectly-dev
    prefix: /connectly-shared/dev
    state: absent
"""

RETURN = r"""
outputs:
  description: The outputs that this call published, by name.
  returned: success
  type: dict
  sample: {"vpc_id": "vpc-0123456789abcdef0", "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]}
actions:
  description:
    - The plan, one entry for each change in the order of the run, then what is foreign.
    - Types are C(ssm_parameter), whose key is the path below the prefix, and C(ssm_manifest). Secret values read
      C((hidden)).
  returned: always
  type: list
  elements: dict
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.set_module import SetModule
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm import (
    checks,
    manifest_parameter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.parameter import (
    ParameterAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.publication import (
    Publication,
)

PARAMETER_ARGUMENTS = {
    "path": {"type": "str", "required": True},
    "value": {"type": "raw"},
    "secret_value": {"type": "str", "no_log": True},
    "type": {"type": "str", "choices": ["String", "StringList", "SecureString"], "default": "String"},
    "kms_key_id": {"type": "str", "no_log": False},
    "layer": {"type": "str", "default": "parameters"},
    "description": {"type": "str"},
}
ARGUMENTS = {
    "prefix": {"type": "str", "required": True},
    "outputs": {"type": "dict", "default": {}},
    "parameters": {"type": "list", "elements": "dict", "default": [], "options": PARAMETER_ARGUMENTS},
    "layers": {"type": "list", "elements": "str"},
    "purge": {"type": "bool", "default": True},
    "overwrite": {"type": "bool", "default": True},
    "allow_changes": {"type": "list", "elements": "str", "default": []},
    "manifest": {"type": "bool", "default": True},
    "source_commit": {"type": "str"},
}


def main():
    module = SetModule("outputs", ARGUMENTS)
    params = module.params
    removing = params["state"] == "absent"
    module.check(checks.problems(params))
    if not module.ansible.check_mode and not removing:
        module.check(checks.placeholder_problems(params))
    publication = Publication(params, module.clients, module.tags, warn=module.ansible.warn)
    module.run(
        [ParameterAdapter(publication), manifest_parameter.ManifestParameterAdapter(publication)],
        publication.resources,
        lambda plan: {} if removing else params["outputs"],
        # Removing one layer keeps the others and their manifest, so it is planned like a publication of nothing.
        remove=False,
    )


if __name__ == "__main__":
    main()
