# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one place where the engine meets Ansible: arguments of all set modules, and the run from input to result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import gather_sdk_versions
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .._aws.clients import Clients
from .._aws.errors import AWS_ERRORS
from .._aws.tagged import tagged_by_type
from .._aws.versions import BOTOCORE_AT_LEAST
from .._engine import rendering
from .._engine.adapter import Adapter
from .._engine.apply import apply_plan
from .._engine.duplicates import PAGE, explain
from .._engine.identity import Scope
from .._engine.model import ApplyFailed, EngineError, Refused, Resource
from .._engine.observing import Tagged, observe_all
from .._engine.plan import Plan, make_plan, summary
from .._engine.progress import progress_writer
from .._inputs.masking import masked_problems, masking
from .._inputs.problems import Problem, message
from .guarded import GUARD_ARGUMENTS, guard_problem, refuse_other_account

SET_ARGUMENTS: dict[str, dict[str, Any]] = {
    "deployment": {"type": "str", "required": True},
    "identity_tag_prefix": {"type": "str", "default": "connectly:"},
    "tags": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "wait_timeout": {"type": "int", "default": 1800},
    "progress_file": {"type": "path"},
}
"""Documented in the fragment connectly.shared_infrastructure.set."""


class SetModule:
    """A module that manages one set of resources of one layer."""

    def __init__(self, layer: str, argument_spec: dict[str, Any], **settings: Any):
        self.ansible = AnsibleAWSModule(
            argument_spec={**SET_ARGUMENTS, **GUARD_ARGUMENTS, **argument_spec}, supports_check_mode=True, **settings
        )
        self._require_botocore()
        self.params = self.ansible.params
        self.check(masked_problems({name: self.params[name] for name in (*SET_ARGUMENTS, *argument_spec)}))
        self.scope = Scope(self.params["deployment"], layer, self.params["identity_tag_prefix"])
        self.clients = Clients(self._client, region=self.ansible.region or "", hide=self.ansible.no_log_values.add)
        self._require_guard()

    def _require_botocore(self) -> None:
        """An older one would fail in the middle of a run, with the name of a parameter that it does not know."""
        if not self.ansible.botocore_at_least(BOTOCORE_AT_LEAST):
            found = gather_sdk_versions().get("botocore_version", "none")
            msg = (
                f"botocore {BOTOCORE_AT_LEAST} or later is needed, found {found}; "
                f"install it for the Python that Ansible runs modules with ({sys.executable})"
            )
            self.ansible.fail_json(msg=msg, changed=False, actions=[])

    def _require_guard(self) -> None:
        problem = guard_problem(self.params["guard"], self.clients.region, self.scope.deployment)
        if problem:
            self.ansible.fail_json(msg=problem, changed=False, actions=[])

    def _client(self, service: str, config: Any) -> Any:
        return self.ansible.client(service, config=config)

    @property
    def tags(self) -> dict[str, str]:
        return {str(name): str(value) for name, value in self.params["tags"].items()}

    def check(self, problems: Sequence[Problem]) -> None:
        """Fail with one line when the input is wrong, before AWS is asked anything."""
        if problems:
            self.ansible.fail_json(msg=message(problems, prefix=""), changed=False, actions=[])

    def run(
        self,
        adapters: Sequence[Adapter],
        resources: Sequence[Resource] | Callable[[], Sequence[Resource]],
        outputs: Callable[[Plan], dict[str, Any]] = lambda plan: {},
        *,
        remove: bool | None = None,
    ) -> None:
        """List, plan, apply unless in check mode, and end the module with actions, resources and outputs.

        resources is what state=present wants, or a function that gives it where AWS must be asked first; outputs turns
        the finished plan into the layer's part of the contract. remove is whether everything found goes, by default
        what state says.
        """
        remove = self.params["state"] == "absent" if remove is None else remove
        plan: Plan | None = None
        try:
            desired = [] if remove else list(resources() if callable(resources) else resources)
            found = observe_all(adapters, desired, self._tagged(adapters))
            plan = make_plan(adapters, desired, found, remove=remove)
            if plan.duplicates:
                explain(plan, found, self.params.get("published_outputs") or {})
                raise Refused(f"{rendering.refusal_message(plan.actions)} | {PAGE} tells more")
            if plan.refusals:
                raise Refused(rendering.refusal_message(plan.actions))
            returned = {} if remove else outputs(plan)
            self.before_apply(returned)
            self._refuse_masking(plan, returned, Refused, "Refused, nothing was changed")
            changes = plan.changes
            if not self.ansible.check_mode:
                if changes:
                    refuse_other_account(self.params["guard"], self.clients)
                apply_plan(
                    plan,
                    wait_seconds=self.params["wait_timeout"],
                    progress=progress_writer(self.params["progress_file"]),
                )
                returned = {} if remove else outputs(plan)
                self._refuse_masking(plan, returned, ApplyFailed, "All was applied, but nothing of it is handed on")
            self.ansible.exit_json(**self._result(plan, changed=bool(changes)), outputs=returned)
        except EngineError as error:
            self.ansible.fail_json(msg=str(error), **self._failure(plan))
        except AWS_ERRORS as error:
            self.ansible.fail_json(
                msg=f"Failed to read layer {self.scope.layer} of {self.scope.deployment}: {error}",
                **self._failure(plan),
            )

    def _tagged(self, adapters: Sequence[Adapter]) -> Callable[[], Tagged]:
        """Asks the tagging service for the types that are found by a name alone."""
        kinds = {adapter.type: adapter.tagged_as for adapter in adapters if adapter.tagged_as}
        return partial(tagged_by_type, self.clients, self.scope, kinds)

    def before_apply(self, planned: dict[str, Any]) -> None:
        """Raise Refused where what is planned must not be; planned are the outputs, unknown ids as placeholders."""

    def _refuse_masking(self, plan: Plan, outputs: dict[str, Any], kind: type[EngineError], what: str) -> None:
        """Ansible masks what a module returns: refuse that before the first write, and again with AWS's ids."""
        if self.params["state"] == "absent":
            return
        values = {**(self.params.get("outputs") or {}), **outputs}
        named = [
            ("deployment", self.scope.deployment),
            *((f"output {name}", value) for name, value in values.items()),
            *rendering.identifiers(plan),
        ]
        reason = masking(named, self.ansible.no_log_values)
        if reason:
            raise kind(f"{what}: {reason}")

    def _result(self, plan: Plan, changed: bool) -> dict[str, Any]:
        return {
            "changed": changed,
            "actions": [action.as_dict() for action in plan.actions],
            "summary": summary(plan.actions),
            "outstanding": plan.outstanding,
            "resources": rendering.resources(plan),
            "diff": rendering.diff(plan.actions),
        }

    def _failure(self, plan: Plan | None) -> dict[str, Any]:
        if plan is None:
            return {"changed": False, "actions": []}
        return self._result(plan, changed=any(action.status == "done" for action in plan.actions))
