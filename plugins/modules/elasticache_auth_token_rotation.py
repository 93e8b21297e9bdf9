#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: elasticache_auth_token_rotation
version_added: 0.1.0
short_description: Rotate the AUTH token of a cache
description:
  - Rotates the AUTH token of a cache that M(connectly.shared_infrastructure.data_stores) manages, in AWS's two steps.
  - The step V(rotate) makes a new token, lets the cache take it beside the one before, and then gives it to clients as
    the current value of the secret. Clients of both tokens are served.
  - The step V(set) leaves the new token as the only one, when all clients have read it.
  - A run that was killed is simply run again; the version stages of the secret say how far it had come.
  - It also gives a token to a cache that has none, and a new one to a cache whose secret is lost.
  - The token is never part of a result, a diff or a message.
options:
  deployment:
    description: The deployment that the cache belongs to.
    type: str
    required: true
  identity_tag_prefix:
    description: The prefix of the identity tags C(deployment), C(layer) and C(key).
    type: str
    default: "connectly:"
  replication_group_id:
    description: The identifier of the replication group.
    type: str
    required: true
  secret_name:
    description: The name of the secret that holds the token, C(<replication_group_id>-auth-token) by default.
    type: str
  step:
    description: Which step is taken. V(both) takes one right after the other, which is for clients that read the secret
      at each connection.
    type: str
    choices: [both, rotate, set]
    default: both
  token_length:
    description: How many characters the new token has, 16 to 128.
    type: int
    default: 64
  kms_key_arn:
    description: The KMS key of a secret that has to be made, AWS's own key by default.
    type: str
  tags:
    description: Tags of a secret that has to be made, beside its identity tags.
    type: dict
    default: {}
  wait_timeout:
    description: How many seconds to wait for each step.
    type: int
    default: 1800
  progress_file:
    description: A file to which one line is appended for every step and every round of waiting.
    type: path
attributes:
  check_mode:
    description: Returns the steps that a run would take.
    support: full
  diff_mode:
    description: There is nothing to show that is no secret.
    support: none
extends_documentation_fragment:
  - connectly.shared_infrastructure.guarded
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: A new token beside the old one
  connectly.shared_infrastructure.elasticache_auth_token_rotation:
    deployment: wealist-prod
    replication_group_id: wealist-prod-redis
    step: rotate

- name: The new token alone, when all clients have been restarted
  connectly.shared_infrastructure.elasticache_auth_token_rotation:
    deployment: wealist-prod
    replication_group_id: wealist-prod-redis
    step: set
"""

RETURN = r"""
steps:
  description: The steps that were taken, or that a run would take in check mode.
  returned: always
  type: list
  elements: str
  sample: [make_token, rotate, set]
secret_arn:
  description: The ARN of the secret that holds the token.
  returned: when the secret exists
  type: str
  sample: arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:wealist-prod-redis-auth-token-AbCdEf
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.errors import AWS_ERRORS
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import (
    PENDING,
    EngineError,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.progress import progress_writer
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.waiting import Waiter
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.masking import (
    masked_problems,
    masking,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import message
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.data import checks, desired
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.guarded import (
    GUARD_ARGUMENTS,
    guard_problem,
    refuse_other_account,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache import (
    replication_group,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.elasticache.rotation import (
    Progress,
    Rotation,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.secretsmanager.secret import (
    AuthTokenSecretAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.stores.named import KEY

ARGUMENTS = {
    "deployment": {"type": "str", "required": True},
    "identity_tag_prefix": {"type": "str", "default": "connectly:"},
    "replication_group_id": {"type": "str", "required": True},
    "secret_name": {"type": "str", "no_log": False},
    "step": {"type": "str", "choices": ["both", "rotate", "set"], "default": "both"},
    "token_length": {"type": "int", "default": 64, "no_log": False},
    "kms_key_arn": {"type": "str", "no_log": False},
    "tags": {"type": "dict", "default": {}},
    "wait_timeout": {"type": "int", "default": 1800},
    "progress_file": {"type": "path"},
    **GUARD_ARGUMENTS,
}


def rotate(module, rotation):
    """The module's result: changed, steps and secret_arn."""
    params = module.params
    group, description = rotation.find()
    progress = Progress.of((description or {}).get("VersionIdsToStages", {}))
    steps = progress.steps(params["step"])
    secret_id = (description or {}).get("ARN", "")
    if steps and not module.check_mode:
        refuse_other_account(params["guard"], rotation.clients)
        if not secret_id:
            tags = {str(name): str(value) for name, value in params["tags"].items()}
            wanted = desired.secret(rotation.secrets.name, group.id, params["kms_key_arn"], tags)
            secret_id = rotation.secrets.create_empty(wanted, {**wanted.tags, **rotation.secrets.scope.tags(KEY)}).id
            rotation.done.append("make_secret")
        rotation.run(group, secret_id, steps)
        steps = rotation.done
    return {"changed": bool(steps), "steps": steps, **({"secret_arn": secret_id} if secret_id else {})}


def main():
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    unguarded = guard_problem(params["guard"], module.region or "", params["deployment"])
    if unguarded:
        module.fail_json(msg=unguarded, changed=False, steps=[])
    problems = masked_problems({name: params[name] for name in ARGUMENTS}) or list(checks.rotation_problems(params))
    if problems:
        module.fail_json(msg=message(problems, prefix=""), changed=False, steps=[])
    masked = masking(
        [(option, params[option]) for option in ("deployment", "replication_group_id", "secret_name")],
        module.no_log_values,
    )
    if masked:
        module.fail_json(msg=f"Refused, nothing was changed: {masked}", changed=False, steps=[])
    clients = Clients(
        lambda service, config: module.client(service, config=config),
        region=module.region or "",
        hide=module.no_log_values.add,
    )
    scope = Scope(params["deployment"], "data", params["identity_tag_prefix"])
    name = params["replication_group_id"]
    adapter = replication_group.ReplicationGroupAdapter(clients, scope, name, wait_seconds=params["wait_timeout"])
    secrets = AuthTokenSecretAdapter(clients, scope, params["secret_name"] or f"{name}-auth-token")
    progress = progress_writer(params["progress_file"])

    def wait(group):
        waiter = Waiter({adapter.type: adapter}, params["wait_timeout"], progress)
        group.state = PENDING
        waiter.add(group)
        return waiter.finish()[0]

    rotation = Rotation(clients, adapter, secrets, wait, params["token_length"])
    try:
        module.exit_json(**rotate(module, rotation))
    except EngineError as error:
        module.fail_json(msg=str(error), changed=bool(rotation.done), steps=rotation.done)
    except AWS_ERRORS as error:
        module.fail_json(
            msg=f"Failed to rotate the token of {name}: {error}", changed=bool(rotation.done), steps=rotation.done
        )


if __name__ == "__main__":
    main()
