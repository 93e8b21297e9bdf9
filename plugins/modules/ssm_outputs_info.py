#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ssm_outputs_info
version_added: 0.1.0
short_description: Read published outputs from SSM Parameter Store
description:
  - Reads what M(connectly.shared_infrastructure.ssm_outputs) published under a prefix, ten parameters a call, and gives
    the outputs their types back.
  - Where there is a manifest the outputs come from it, so that they are a complete old or a complete new set also while
    somebody publishes or after a publisher was killed; the result then names the parameters that are not as the
    manifest has them.
  - Fails where a wanted output was published masked, and where Ansible would mask a part of the result since a secret
    is part of it.
options:
  prefix:
    description: The path below which the outputs are published, V(/connectly-shared/dev) for example.
    type: str
    required: true
  names:
    description: The outputs that are wanted. Without it all.
    type: list
    elements: str
  require_manifest:
    description:
      - V(auto) takes the outputs from the manifest where there is one, and from the parameters otherwise.
      - V(true) fails where there is no manifest.
      - V(false) takes the parameters as they stand, which may be a mixture of two sets.
    type: str
    choices: [auto, "true", "false"]
    default: auto
  decrypt:
    description:
      - Whether RV(parameters) holds the values of C(SecureString) parameters. Set C(no_log) on the task then.
      - Outputs of the contract are never secret.
    type: bool
    default: false
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Changes nothing.
    support: none
author:
  - Connectly Platform Infrastructure (@connectly)
notes:
  - Needs the permission C(ssm:GetParametersByPath).
seealso:
  - module: connectly.shared_infrastructure.ssm_outputs
  - plugin: connectly.shared_infrastructure.output
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Read the outputs of the development deployment
  connectly.shared_infrastructure.ssm_outputs_info:
    prefix: /connectly-shared/dev
  register: shared

- name: Use them
  ansible.builtin.debug:
    msg: "{{ shared.outputs.vpc_id }} has {{ shared.outputs.private_subnet_ids | length }} private subnets"
"""

RETURN = r"""
outputs:
  description: The outputs by name, typed as the contract says.
  returned: success
  type: dict
  sample: {"vpc_id": "vpc-0123456789abcdef0", "private_subnet_ids": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]}
layers:
  description: The same outputs by layer and name.
  returned: success
  type: dict
  sample: {"network": {"vpc_id": "vpc-0123456789abcdef0"}}
missing:
  description: The outputs of O(names), or of the whole contract, that are not published.
  returned: success
  type: list
  elements: str
  sample: [database_subnet_ids]
manifest:
  description: What the manifest says of the set, null where there is none or O(require_manifest=false).
  returned: success
  type: dict
  contains:
    contract_version:
      description: The version of the outputs contract.
      type: str
      sample: "1.0"
    collection_version:
      description: The version of the collection that published last.
      type: str
      sample: 0.1.0
    deployment:
      description: The deployment that the set belongs to.
      type: str
      sample: connectly-dev
    published_at:
      description: When an output changed last (UTC).
      type: str
      sample: "2025-11-22T07:36:06Z"
    source_commit:
      description: The commit that the publisher named, or an empty text.
      type: str
    digest:
      description: The sha256 over the canonical JSON of the texts by output name.
      type: str
      sample: sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
consistent:
  description: Whether the parameters are as the manifest has them; always true without a manifest.
  returned: success
  type: bool
differing:
  description: The outputs whose parameter is not as the manifest has it. Publishing again repairs them.
  returned: success
  type: list
  elements: str
parameters:
  description:
    - All parameters by their path below O(prefix), also those that are in no contract.
    - Each has C(name), C(type), C(value) (the text as SSM has it, C((hidden)) for a secret) and C(version).
  returned: success
  type: dict
  sample:
    vpc/id: {"name": "/connectly-shared/dev/vpc/id", "type": "String", "value": "vpc-0123456789abcdef0", "version": 1}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.errors import AWS_ERRORS
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import (
    DAMAGED,
    is_masked,
    masking,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import message
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.contract.model import (
    CONTRACT,
    did_you_mean,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.checks import (
    prefix_problems,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.entries import (
    HIDDEN,
    SECURE,
    clean_prefix,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.ssm.published import (
    PublishedError,
    read_everything,
)

ARGUMENTS = {
    "prefix": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str"},
    "require_manifest": {"type": "str", "choices": ["auto", "true", "false"], "default": "auto"},
    "decrypt": {"type": "bool", "default": False},
}


def result(published, names, decrypt):
    """What the module returns of a set; names limits the outputs, None means all."""
    wanted = set(published.outputs if names is None else names)
    layers = {
        layer: {name: value for name, value in outputs.items() if name in wanted}
        for layer, outputs in published.layers.items()
    }
    return {
        "outputs": {name: value for name, value in published.outputs.items() if name in wanted},
        "layers": {layer: outputs for layer, outputs in layers.items() if outputs},
        "missing": [name for name in (CONTRACT.outputs if names is None else names) if name not in published.outputs],
        "manifest": published.information or None,
        "consistent": not published.differing,
        "differing": published.differing,
        "parameters": {
            path: {
                "name": stored.name,
                "type": stored.type,
                "value": HIDDEN if stored.type == SECURE and not decrypt else stored.text,
                "version": stored.version,
            }
            for path, stored in sorted(published.parameters.items())
        },
    }


def unusable(answer, prefix, secrets):
    """Why the values of an answer must not be handed on, or an empty text: masked when published, or now."""
    damaged = [name for name, value in answer["outputs"].items() if is_masked(value)]
    if damaged:
        return f"output {', '.join(damaged)} under {prefix} {DAMAGED}"
    named = [(f"output {name}", value) for name, value in answer["outputs"].items()]
    named += [
        ("manifest", answer["manifest"]),
        *((f"parameter {path}", item["name"]) for path, item in answer["parameters"].items()),
    ]
    named += [
        (f"parameter {path}", item["value"]) for path, item in answer["parameters"].items() if item["type"] != SECURE
    ]
    return masking(named, secrets)


def main():
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    problems = list(prefix_problems(params["prefix"]))
    if problems:
        module.fail_json(msg=message(problems, prefix=""))
    clients = Clients(lambda service, config: module.client(service, config=config), region=module.region or "")
    try:
        published = read_everything(
            clients.get("ssm"), params["prefix"], params["require_manifest"], decrypt=params["decrypt"]
        )
    except PublishedError as error:
        module.fail_json(msg=str(error))
    except AWS_ERRORS as error:
        module.fail_json_aws(error, msg=f"Failed to read {params['prefix']}")
    known = {*CONTRACT.outputs, *published.outputs}
    for name in params["names"] or ():
        if name not in known:
            module.fail_json(msg=f"names holds {name}, which is no output of the contract; {did_you_mean(name, known)}")
    answer = result(published, params["names"], params["decrypt"])
    problem = unusable(answer, clean_prefix(params["prefix"]), module.no_log_values)
    if problem:
        module.fail_json(msg=problem)
    for name in answer["outputs"]:
        if name in CONTRACT.outputs and CONTRACT.outputs[name].deprecation:
            module.warn(CONTRACT.outputs[name].deprecation)
    if published.differing:
        module.warn(
            f"{clean_prefix(params['prefix'])} is being published or was left by a publisher that was killed: "
            f"{', '.join(published.differing)} differ from the manifest, whose complete set is what outputs holds; "
            "publish again to repair it"
        )
    module.exit_json(changed=False, **answer)


if __name__ == "__main__":
    main()
