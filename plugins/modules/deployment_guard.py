#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: deployment_guard
version_added: 0.1.0
short_description: Check that a deployment is about to be built in the right place
description:
  - Fails with one line when the credentials reach another account or region than the inventory names, when an
    availability zone does not exist there, when a name that the deployment wants is taken by something else, or when
    the Terraform state cannot be published in its bucket.
  - Fails as well when a newer version of the collection published under O(ssm_prefix) last, whose work this one would
    undo. The manifest there says which it was.
  - Fails as well when a secret that Ansible hides, that of the credentials for example, is part of a name or of a
    published value, since every result would then hold asterisks in its place.
  - Changes nothing.
options:
  deployment:
    description: The deployment whose tags a resource of a wanted name must carry.
    type: str
    required: true
  identity_tag_prefix:
    description: The prefix of the identity tags.
    type: str
    default: "connectly:"
  account_id:
    description:
      - The account that the credentials must reach.
      - May be left empty only where the endpoint is on loopback, where no AWS is.
    type: str
    default: ""
  availability_zones:
    description: Names of availability zones that must exist.
    type: list
    elements: str
    default: []
  names:
    description: Names that must be free or belong to the deployment.
    type: list
    elements: dict
    default: []
    suboptions:
      type:
        description: The type of the resource.
        type: str
        required: true
        choices:
          - ecr_repository
          - ecs_cluster
          - elasticache_replication_group
          - elasticache_subnet_group
          - kms_alias
          - rds_instance
          - rds_subnet_group
          - s3_bucket
      layer:
        description: The layer that has the resource. Once it has published, its names are its own and are not looked up
          again.
        type: str
        required: true
      names:
        description: The wanted names, of KMS aliases with C(alias/).
        type: list
        elements: str
        required: true
      variable:
        description: The variable that holds the names, for the message.
        type: str
  ssm_prefix:
    description: Where the deployment publishes its outputs. What is published there is returned.
    type: str
  state_backend:
    description:
      - Where the deployment publishes its Terraform state. The bucket's region and owner are looked up, and returned
        for the modules that use it.
      - A bucket of another account or region, or one that may not be read, is refused. While nothing is published yet,
        the states and their digests are read as well.
    type: dict
    suboptions:
      bucket:
        description: The bucket. Nothing is looked up where it is empty.
        type: str
      bucket_owner:
        description: The account that owns the bucket, by default that of the caller.
        type: str
      region:
        description: The region of the bucket and the lock table, by default wherever the bucket is.
        type: str
      lock_table:
        description: The lock table.
        type: str
      keys:
        description: The keys of the states.
        type: list
        elements: str
        default: []
      manage_backend:
        description: Whether a bucket or lock table that is missing will be made.
        type: bool
        default: true
attributes:
  check_mode:
    description: The module never writes.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Nothing is written to the wrong account
  connectly.shared_infrastructure.deployment_guard:
    deployment: connectly-prod
    account_id: "123456789012"
    region: ap-northeast-2
    availability_zones: [ap-northeast-2a, ap-northeast-2b]
    names:
      - {type: s3_bucket, layer: storage, names: [connectly-shared-prod-logs, connectly-shared-prod-alb-logs]}
      - {type: kms_alias, layer: kms, names: [alias/connectly-shared-prod]}
"""

RETURN = r"""
account_id:
  description: The account that the credentials reach.
  returned: success
  type: str
  sample: "123456789012"
passed:
  description: What was found to be right, for the option C(guard) of the modules that write.
  returned: success
  type: dict
  sample: {deployment: connectly-prod, account_id: "123456789012", region: ap-northeast-2}
state_backend:
  description: What was found of the state's bucket; empty where O(state_backend) names none.
  returned: success
  type: dict
  sample: {bucket: dev-connectly, region: ap-northeast-2, owner: "123456789012", account: "123456789012"}
published:
  description: What is published under O(ssm_prefix), by layer and output name, as the single parameters have it.
  returned: success
  type: dict
  sample: {kms: {kms_key_id: 1234abcd-12ab-34cd-56ef-1234567890ab}}
published_set:
  description: The same as the manifest has it, which is one complete set also where a publisher was killed.
  returned: success
  type: dict
  sample: {kms: {kms_key_id: 1234abcd-12ab-34cd-56ef-1234567890ab}}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.errors import (
    AWS_ERRORS,
    NoCredentialsError,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.names import (
    ADAPTERS,
    names_to_check,
    taken,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.published import (
    Published,
    read_published,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.reach import (
    account_problem,
    on_loopback,
    zone_problems,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._guard.state import state_backend
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import masking

ARGUMENTS = {
    "deployment": {"type": "str", "required": True},
    "identity_tag_prefix": {"type": "str", "default": "connectly:"},
    "account_id": {"type": "str", "default": ""},
    "availability_zones": {"type": "list", "elements": "str", "default": []},
    "ssm_prefix": {"type": "str"},
    "state_backend": {
        "type": "dict",
        "options": {
            "bucket": {"type": "str"},
            "bucket_owner": {"type": "str"},
            "region": {"type": "str"},
            "lock_table": {"type": "str"},
            "keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "manage_backend": {"type": "bool", "default": True},
        },
    },
    "names": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "type": {"type": "str", "required": True, "choices": sorted(ADAPTERS)},
            "layer": {"type": "str", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
            "variable": {"type": "str"},
        },
    },
}


def returned(params, region, account_id, published):
    """What the layers get from here and what they will return themselves, each with the name that the reader knows."""
    yield "shared_infrastructure_deployment", params["deployment"]
    yield "shared_infrastructure_ssm_prefix", params["ssm_prefix"]
    for entry in params["names"]:
        yield entry["variable"] or entry["type"], entry["names"]
    for name in ("bucket", "bucket_owner", "region"):
        yield f"shared_infrastructure_state_{name}", (params["state_backend"] or {}).get(name)
    yield "region", region
    yield "account", account_id
    for outputs in published.values():
        yield from ((f"published output {name}", value) for name, value in outputs.items())


def main():
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    clients = Clients(lambda service, config: module.client(service, config=config), region=module.region or "")
    scope = Scope(params["deployment"], "", params["identity_tag_prefix"])
    try:
        reached = clients.account_id
        problem = account_problem(params["account_id"], reached, on_loopback(clients.get("sts").meta.endpoint_url))
        problems = [problem] if problem else zone_problems(clients, clients.region, params["availability_zones"])
        published = Published()
        if params["ssm_prefix"] and not problems:
            published = read_published(clients.get("ssm"), params["ssm_prefix"])
        masked = masking(returned(params, clients.region, reached, published.single), module.no_log_values)
        problems = problems or [line for line in (published.newer, masked) if line]
        backend: dict[str, Any] = {}
        if not problems:
            backend, problems = state_backend(
                module, reached, params["state_backend"] or {}, first=not published.single
            )
            problems = [*taken(clients, scope, names_to_check(params["names"], published.single)), *problems]
    except NoCredentialsError:
        module.fail_json(
            msg=(
                "No AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                "or run where a role gives them"
            )
        )
    except AWS_ERRORS as error:
        module.fail_json(msg=f"AWS does not answer as it should, nothing was changed: {error}")
    if problems:
        module.fail_json(msg="Nothing was changed: " + " | ".join(problems))
    passed = {"deployment": scope.deployment, "account_id": reached, "region": clients.region}
    module.exit_json(
        changed=False,
        account_id=reached,
        passed=passed,
        published=published.single,
        published_set=published.whole,
        state_backend=backend,
    )


if __name__ == "__main__":
    main()
