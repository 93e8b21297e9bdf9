#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: terraform_state_unlock
version_added: 0.1.0
short_description: Clear the lock that a killed run left on a Terraform state
description:
  - Does what C(terraform force-unlock) does, without a Terraform project. It removes the lock whose id is given and no
    other one.
  - Looks at the item in the lock table and at the lock file, whichever there is.
  - Fails with who holds the lock when O(lock_id) does not name it. Does nothing when no state is locked.
options:
  bucket:
    description: The bucket that holds the state.
    type: str
    required: true
  state_keys:
    description: The keys of the state objects among whose locks O(lock_id) is looked for.
    type: list
    elements: str
    required: true
  lock_table:
    description: The DynamoDB table with the lock, where consumers use one.
    type: str
  lock_id:
    description: The id of the lock to clear, as the failed run named it. Make sure that the run which holds it is dead.
    type: str
attributes:
  check_mode:
    description: Says what it would clear.
    support: full
  diff_mode:
    description: Shows the lock that goes.
    support: full
extends_documentation_fragment:
  - connectly.shared_infrastructure.guarded
  - connectly.shared_infrastructure.state_backend
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: connectly.shared_infrastructure.terraform_state_outputs
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Clear the lock of a run that was killed
  connectly.shared_infrastructure.terraform_state_unlock:
    bucket: dev-connectly
    state_keys: [connectly-shared/dev/terraform.tfstate]
    lock_table: dev-connectly-tf-lock
    lock_id: 5b1c3f0a-8a53-4c5e-9d5b-6f0f2d110b5a
"""

RETURN = r"""
locks:
  description: The locks that were held when the module looked.
  returned: success
  type: list
  elements: dict
  sample:
    - place: item dev-connectly/connectly-shared/dev/terraform.tfstate of table dev-connectly-tf-lock
      id: 5b1c3f0a-8a53-4c5e-9d5b-6f0f2d110b5a
      who: deploy@runner-7
      operation: publish outputs
      info: ansible module terraform_state_outputs, deployment connectly-dev, process 4711
      version: ansible-core 2.19.4
      created: "2026-01-05T07:00:00.000000Z"
      path: dev-connectly/connectly-shared/dev/terraform.tfstate
cleared:
  description: The places whose lock was cleared, or would be in check mode.
  returned: success
  type: list
  elements: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.errors import AWS_ERRORS
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import Refused
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._inputs.problems import message
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.guarded import (
    GUARD_ARGUMENTS,
    guard_problem,
    refuse_other_account,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    backend,
    checks,
    clearing,
    locking,
)

ARGUMENTS = {
    **backend.BACKEND_ARGUMENTS,
    "bucket": {"type": "str", "required": True},
    "state_keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
    "lock_table": {"type": "str"},
    "lock_id": {"type": "str"},
    **GUARD_ARGUMENTS,
}


def main():
    module = AnsibleAWSModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    params = module.params
    unguarded = guard_problem(params["guard"], module.region or "")
    if unguarded:
        module.fail_json(msg=unguarded, changed=False)
    problems = list(checks.backend_problems(params))
    for number, key in enumerate(params["state_keys"]):
        problems.extend(checks.key_problems(f"state_keys[{number}]", key))
    if problems:
        module.fail_json(msg=message(problems, prefix=""))
    callers = Clients(lambda service, config: module.client(service, config=config), region=module.region or "")
    clients = backend.located(module, callers).clients(module)
    try:
        # The lock file is looked for in any case: whoever comes here may not know which kind of lock it is.
        locks = [
            lock
            for key in params["state_keys"]
            for lock in locking.locks_of(clients, params["bucket"], key, params["lock_table"], use_lockfile=True)
        ]
        found = clearing.look(locks, params["lock_id"])
        if found.named and not module.check_mode:
            refuse_other_account(params["guard"], callers)  # the bucket may be of another account
            clearing.clear(found)
    except Refused as error:
        module.fail_json(msg=str(error), changed=False)
    except AWS_ERRORS as error:
        module.fail_json_aws(error, msg=f"Failed to clear a lock of bucket {params['bucket']}")
    cleared = [lock.place for lock, info in found.named]
    diff = [
        {"before_header": lock.place, "after_header": f"{lock.place} (absent)", "before": info.text(), "after": ""}
        for lock, info in found.named
    ]
    module.exit_json(changed=bool(cleared), locks=found.facts(), cleared=cleared, diff=diff)


if __name__ == "__main__":
    main()
