# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that all set modules share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
requirements:
  - botocore >= 1.39.11
options:
  deployment:
    description:
      - The deployment that the resources belong to, C(connectly-dev) for example.
      - Together with the layer and a key it is the identity by which a resource is found again.
    type: str
    required: true
  identity_tag_prefix:
    description: The prefix of the identity tags C(deployment), C(layer) and C(key).
    type: str
    default: "connectly:"
  tags:
    description:
      - Tags that every resource of the set carries, beside the identity tags and those that its own entry names.
      - Tags that are not named are left alone, so that those of C(kubernetes.io/*) or other teams survive.
    type: dict
    default: {}
  state:
    description: V(absent) deletes every resource of this set, whatever the other options say.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: How many seconds to wait for one resource to become ready or to be gone. Waits run side by side.
    type: int
    default: 1800
  progress_file:
    description: A file to which one line is appended for every step and every round of waiting.
    type: path
attributes:
  check_mode:
    description: Plans with the same code as a real run and writes nothing, also where nothing exists yet.
    support: full
  diff_mode:
    description: One entry for each change, with the properties that it is about.
    support: full
"""

    RETURNS = r"""
actions:
  description: The plan, one entry for each change in the order of the run, then what is foreign.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: One of C(create), C(update), C(delete), C(refuse) and C(report) (foreign or kept, never touched).
      type: str
      sample: create
    type:
      description: The type of the resource.
      type: str
      sample: subnet
    key:
      description: The key of the resource within its type.
      type: str
      sample: private/ap-northeast-2a
    id:
      description: The id of the resource, null while AWS has not chosen it.
      type: str
    before:
      description: The properties that change, as they are; null where the resource does not exist.
      type: dict
    after:
      description: The properties that change, as they become; null where the resource is deleted.
      type: dict
    reason:
      description: Why the resource is refused, deleted or reported.
      type: str
    status:
      description: One of C(planned), C(done), C(failed) and C(not_tried).
      type: str
      sample: done
summary:
  description: How many actions of each kind the plan holds.
  returned: when the plan was made
  type: dict
  sample: {create: 3, update: 0, delete: 0, refuse: 0, report: 1}
outstanding:
  description: Whether anything is left to do, a change that was not made or a wait for what a killed run left pending.
  returned: when the plan was made
  type: bool
resources:
  description:
    - Facts of every resource by type and key. Ids that AWS has yet to choose contain C(known-after-apply).
  returned: when the plan was made
  type: dict
outputs:
  description: The layer's part of the outputs contract, by output name.
  returned: success
  type: dict
"""
