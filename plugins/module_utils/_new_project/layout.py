# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a consumer project consists of: which folder of templates goes where, and with which values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._publishing.contract.model import CONTRACT, Contract, Output
from .._publishing.contract.version import COLLECTION_VERSION

USED = ("vpc_id", "private_subnet_ids", "kms_key_arn")
"""The outputs that every generated project reads."""
USED_WITH_ECS = ("ecs_tasks_security_group_id", "ecs_cluster_arn")
USED_WITHOUT_ECS = ("vpc_cidr",)
SSM_EXPRESSIONS = {
    "string": "{}",
    "list": 'split(",", {})',
    "map": "jsondecode({})",
    "number": "tonumber({})",
    "bool": "tobool({})",
}
"""How Terraform turns the text of a parameter into the value that the remote state has (contract.values is the other
side).
"""


@dataclass(frozen=True)
class Tree:
    """One folder of templates, the folder of the project that it fills ("" is its root), and the values for it."""

    source: str
    target: str
    values: Mapping[str, Any]


def project_name(params: Mapping[str, Any]) -> str:
    """The name of the project's folder."""
    return f"{params['project']}-infrastructure"


def project_state_key(place: Mapping[str, Any], project: str) -> str:
    """The key of the consumer's own Terraform state in the environment's bucket."""
    return place["project_state_key"].replace("{project}", project).replace("{environment}", place["environment"])


def trees(params: Mapping[str, Any], contract: Contract = CONTRACT) -> list[Tree]:
    """All trees of a project, from checked inputs."""
    common = {name: params[name] for name in ("project", "team", "org", "data_source", "variants")}
    common["collection_version"] = COLLECTION_VERSION
    result = [Tree("project", "", common)]
    for environment in params["environments"]:
        place = next(
            item
            for item in params["places"]
            if (item["organization"], item["environment"]) == (params["org"], environment)
        )
        result.extend(_environment(params["variants"], place, {**common, **_values(params, place, contract)}))
    return result


def _environment(variants: list[str], place: Mapping[str, Any], values: Mapping[str, Any]) -> list[Tree]:
    folder = f"environments/{place['environment']}"
    result = [Tree("environment", folder, values)]
    if "terraform" in variants:
        result.append(Tree("terraform", folder, values))
        result.append(Tree("terraform_ecs" if values["has_ecs"] else "terraform_vpc", folder, values))
    if "ansible" in variants:
        result.append(Tree("ansible", f"{folder}/ansible", values))
    return result


def _values(params: Mapping[str, Any], place: Mapping[str, Any], contract: Contract) -> dict[str, Any]:
    has_ecs = "ecs" in place["layers"]
    used = (*USED, *(USED_WITH_ECS if has_ecs else USED_WITHOUT_ECS))
    return {
        "environment": place["environment"],
        "place": place,
        "state_region": place.get("state_region") or place["region"],
        "state_key": project_state_key(place, params["project"]),
        "has_ecs": has_ecs,
        "used": [_used(contract.outputs[name]) for name in sorted(used)],
    }


def _used(output: Output) -> dict[str, str]:
    value = f'data.aws_ssm_parameter.shared["{output.name}"].insecure_value'
    return {
        "name": output.name,
        "path": output.path,
        "type": output.type,
        "expression": SSM_EXPRESSIONS[output.type].format(value),
    }
