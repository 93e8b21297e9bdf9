# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that all modules share that write to AWS."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  guard:
    description:
      - What M(connectly.shared_infrastructure.deployment_guard) returned as
        RV(connectly.shared_infrastructure.deployment_guard#module:passed) in this run, an empty dictionary where it has
        not run or has failed.
      - The module then refuses to plan or write for another deployment or region, and to write to another account.
      - The playbooks give it to every module of the action group C(connectly.shared_infrastructure.guarded). Left out,
        nothing is compared.
    type: dict
    suboptions:
      deployment:
        description: The deployment that the guard passed for.
        type: str
      account_id:
        description: The account that the guard's credentials reached.
        type: str
      region:
        description: The region that the guard's credentials reached.
        type: str
"""
