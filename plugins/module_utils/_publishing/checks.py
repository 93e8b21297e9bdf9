# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pure checks of the outputs role by entry point. Its variable outputs_values is the module's option outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._inputs.problems import Problem
from .ssm import checks
from .terraform_state.checks import role_problems


def problems(params: Mapping[str, Any]) -> list[Problem]:
    return [*checks.problems({**params, "outputs": params["values"]}, outputs_option="values"), *role_problems(params)]


def load_problems(params: Mapping[str, Any]) -> list[Problem]:
    return list(checks.prefix_problems(params["prefix"]))


def terraform_state_problems(params: Mapping[str, Any]) -> list[Problem]:
    return list(role_problems(params))
