# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that the modules of the Terraform state share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  bucket_owner:
    description:
      - The account that owns O(bucket). A bucket of another one is refused by name, and every call to S3 carries this
        account.
      - By default the account of the caller. Set it where an organisation keeps its states in an account of their own.
        That bucket must exist, and is used as it is. The lock table is always one of the caller's account.
    type: str
  backend_region:
    description:
      - The region of O(bucket) and O(lock_table), one for both, as in Terraform's S3 backend. A bucket that is
        elsewhere is refused by name.
      - By default the region in which the bucket is, and O(region) where there is no bucket yet.
    type: str
  found_backend:
    description:
      - What M(connectly.shared_infrastructure.deployment_guard) returned as
        RV(connectly.shared_infrastructure.deployment_guard#module:state_backend), so that S3 is not asked again. What
        it says of another bucket, owner or region is not used.
    type: dict
    suboptions:
      bucket:
        description: The bucket that this is about.
        type: str
        required: true
      region:
        description: The region of the bucket, or the one in which it is to be made.
        type: str
        required: true
      owner:
        description: The account that owns the bucket.
        type: str
        required: true
      account:
        description: The account of the caller.
        type: str
        required: true
"""
