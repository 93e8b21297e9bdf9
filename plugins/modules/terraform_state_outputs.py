#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: terraform_state_outputs
version_added: 0.1.0
short_description: Publish outputs to Terraform's consumers as a remote state
description:
  - Writes the object that C(data "terraform_remote_state") reads, with a type for every output and without resources.
  - The lineage of the state is kept, and its serial grows only when an output changes. Equal outputs write nothing.
  - A new lineage begins only where nothing tells of an earlier one, neither a digest in the lock table nor a version in
    the bucket.
  - Publishing is refused before the first write when a published output would disappear or change its type, or when an
    id or an address that consumers hold would be replaced, unless O(allow_changes) names the output. Adding outputs and
    list items is always allowed.
  - The MD5 digest in the lock table is written directly after the object, and repaired where it is wrong or missing, so
    that consumers that set C(dynamodb_table) accept the state.
  - Terraform's own locks are taken while writing and only then, the outputs are compared once more under the lock, and
    the lock is released after every ordinary failure. The lock of a run that was killed stays, names its owner, and is
    cleared by M(connectly.shared_infrastructure.terraform_state_unlock) or C(terraform force-unlock).
  - A state that lists resources belongs to a Terraform project. It is refused unless O(overwrite_managed_state=true),
    which keeps a copy beside it.
  - A value that Ansible has masked, or would mask in the result, is refused before the first write. A masked value that
    an earlier version published is damage, which any call may repair.
  - Outputs are readable by everybody who may read the object, whatever Terraform calls sensitive. Publish no secrets.
options:
  bucket:
    description: The bucket that holds the state.
    type: str
    required: true
  key:
    description: The key of the state object.
    type: str
    required: true
  extra_keys:
    description:
      - Further keys under which the same outputs are published, each as a state with its own lineage and serial.
      - A key that is no longer named here keeps its last state.
    type: list
    elements: str
    default: []
  outputs:
    description:
      - The outputs by name. Needed for O(state=present).
      - Values are strings, numbers, booleans, lists and dictionaries, and become Terraform's C(string), C(number),
        C(bool), C(list(string)), C(map(string)) and so on. An empty list is a list of strings, an empty dictionary a
        map of strings.
    type: dict
  lock_table:
    description:
      - The DynamoDB table that consumers name in C(dynamodb_table). Its lock is taken and its digest kept.
      - Without it no digest is written.
    type: str
  use_lockfile:
    description:
      - Whether to take the lock file C(<key>.tflock), as consumers with C(use_lockfile) do, beside or in place of the
        lock in O(lock_table).
      - By default it is taken where there is no O(lock_table).
    type: bool
  lock_timeout:
    description: How many seconds to wait for a lock that somebody else holds, before the module fails and says who that
      is.
    type: int
    default: 120
  object_timeout:
    description:
      - How many seconds to wait for S3 to show a state that is known to be there, since the lock table has its digest
        or S3 lists a newer version.
      - For 15 minutes after its versioning was enabled first, a bucket may answer that a new object does not exist.
      - A state that S3 does not show by then is refused, since writing it would begin a new lineage.
    type: int
    default: 900
  allow_changes:
    description: Outputs, by name, that may disappear, change their type or lose the value that consumers hold in this
      call.
    type: list
    elements: str
    default: []
  overwrite_managed_state:
    description:
      - Whether to write over a state that lists resources, or that has another version than 4 or cannot be read.
      - The old object is kept first, byte for byte, as C(<key>.backup-<UTC time>). Its lineage is kept, its serial
        continued.
      - Never allows O(state=absent) to remove such a state.
    type: bool
    default: false
  manage_backend:
    description:
      - Whether to create O(bucket) and O(lock_table) where they are missing, and to keep those that carry our identity
        tags as they should be, which is versioned, encrypted, reached over TLS only and never public.
      - A bucket or table that exists without our tags is used as it is. It is reported and never changed.
      - A bucket of another account (O(bucket_owner)) is used as it is, too.
      - With V(false) both must exist.
    type: bool
    default: true
  kms_key_arn:
    description:
      - The ARN of a KMS key that encrypts the bucket by default and the objects that the module writes. Readers need
        C(kms:Decrypt) for it.
      - Without it a bucket that the module creates uses SSE-S3, and objects use the default of their bucket.
    type: str
  state:
    description:
      - V(absent) removes the state objects and their digests. States that list resources or that another deployment
        published are refused.
      - The bucket and the lock table stay, since others may keep their states in them, and the bucket its older
        versions.
extends_documentation_fragment:
  - connectly.shared_infrastructure.set
  - connectly.shared_infrastructure.guarded
  - connectly.shared_infrastructure.state_backend
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - Needs C(s3:GetObject), C(s3:PutObject), C(s3:ListBucket), C(s3:ListBucketVersions) and C(s3:DeleteObject) (for lock
    files and O(state=absent)) on the bucket, and C(dynamodb:GetItem), C(dynamodb:PutItem) and C(dynamodb:DeleteItem) on
    the lock table.
seealso:
  - module: connectly.shared_infrastructure.terraform_state_unlock
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Publish the outputs of the development deployment where Terraform projects read them
  connectly.shared_infrastructure.terraform_state_outputs:
    deployment: connectly-dev
    bucket: dev-connectly
    key: connectly-shared/dev/terraform.tfstate
    lock_table: dev-connectly-tf-lock
    outputs:
      vpc_id: vpc-0a1b2c3d4e5f60718
      private_subnet_ids: [subnet-0a1b2c3d, subnet-4e5f6071]

- name: Publish those of production under the key of the first guide as well
  connectly.shared_infrastructure.terraform_state_outputs:
    deployment: connectly-prod
    bucket: prod-connectly
    key: connectly-shared/prod/terraform.tfstate
    extra_keys: [connectly-shared/dev/terraform.tfstate]
    lock_table: prod-connectly-tf-lock
    outputs: "{{ outputs }}"

- name: Take the place of a Terraform project that was migrated, and stop publishing one of its outputs
  connectly.shared_infrastructure.terraform_state_outputs:
    deployment: wealist-prod
    bucket: wealist-tf-state-advanced-k8s
    key: prod/foundation/terraform.tfstate
    lock_table: terraform-lock
    outputs: "{{ outputs }}"
    overwrite_managed_state: true
    allow_changes: [bastion_public_ip]
"""

RETURN = r"""
resources:
  description: Facts by type and key; for a state its bucket, key, outputs, serial, lineage, md5 and digest.
  returned: when the plan was made
  type: dict
  sample:
    terraform_state:
      connectly-shared/dev/terraform.tfstate:
        id: s3://dev-connectly/connectly-shared/dev/terraform.tfstate
        bucket: dev-connectly
        key: connectly-shared/dev/terraform.tfstate
        outputs: {vpc_id: vpc-0a1b2c3d4e5f60718}
        serial: 3
        lineage: 1b6e2a54-7b0b-4a6e-8a53-0b5a3f0f2d11
        md5: 9e107d9d372bb6826bd81d3542a419d6
        digest: 9e107d9d372bb6826bd81d3542a419d6
outputs:
  description: Always empty; this module publishes outputs and makes none.
  returned: success
  type: dict
"""

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.progress import progress_writer
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.set_module import SetModule
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state import (
    backend,
    checks,
    desired,
    leftover,
    locking,
    settling,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state.state import (
    Rules,
    TerraformStateAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._publishing.terraform_state.store import (
    Store,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.dynamodb.table import (
    TableAdapter,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.s3.state_bucket import (
    StateBucketAdapter,
)

ARGUMENTS = {
    **backend.BACKEND_ARGUMENTS,
    "bucket": {"type": "str", "required": True},
    "key": {"type": "str", "required": True, "no_log": False},
    "extra_keys": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "outputs": {"type": "dict"},
    "lock_table": {"type": "str"},
    "use_lockfile": {"type": "bool"},
    "lock_timeout": {"type": "int", "default": 120},
    "object_timeout": {"type": "int", "default": 900},
    "allow_changes": {"type": "list", "elements": "str", "default": []},
    "overwrite_managed_state": {"type": "bool", "default": False},
    "manage_backend": {"type": "bool", "default": True},
    "kms_key_arn": {"type": "str", "no_log": False},
}


def main():
    module = SetModule("outputs", ARGUMENTS)
    params = module.params
    module.check(list(checks.problems(params, module.ansible.check_mode)))
    located = backend.located(module.ansible, module.clients, actions=[])
    clients, scope, bucket, table = (
        located.clients(module.ansible),
        module.scope,
        params["bucket"],
        params["lock_table"] or None,
    )
    progress = progress_writer(params["progress_file"])

    def locked(key):
        info = locking.new_lock_info(f"{bucket}/{key}", scope.deployment, f"ansible-core {ansible_version}")
        return locking.held(
            locking.locks_of(clients, bucket, key, table, desired.uses_lockfile(params)),
            info,
            params["lock_timeout"],
            progress,
        )

    publishes, manages = params["state"] == "present", params["manage_backend"]
    keys = desired.state_keys(params)
    if publishes and table and (text := leftover.leftover(module.clients, located, table, scope, keys)):
        module.ansible.warn(text)
    store = Store(clients, bucket, table, params["kms_key_arn"], created_here=manages or not publishes)
    rules = Rules(frozenset(params["allow_changes"]), params["overwrite_managed_state"])
    settled = settling.Settling(store, params["object_timeout"], progress)
    states = TerraformStateAdapter(clients, scope, store, settled, keys, rules, locked)
    managed = [StateBucketAdapter(clients, scope), TableAdapter(clients, scope)] if publishes and manages else []
    module.run([*managed, states], lambda: desired.resources(params, module.tags, scope, located.is_callers))


if __name__ == "__main__":
    main()
