# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the data_stores module and the data role refuse before AWS is asked anything. Emulators accept all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._engine.model import has_placeholder
from ..._inputs.aws_problems import key_arn_problems
from ..._inputs.problems import Problem, tag_problems
from .common_checks import identifier_problems
from .rds_checks import rds_problems
from .redis_checks import redis_problems, token_problems

NAME = re.compile(r"(?!.*--)[a-z][a-z0-9-]{0,30}(?<!-)")
SUBNET_ID = re.compile(r"subnet-[0-9a-f]{8,17}")
RDS_GROUP_NAME = re.compile(r"[a-z0-9._ -]{1,255}")
ELASTICACHE_GROUP_NAME = re.compile(r"[a-z0-9-]{1,255}")


def problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """What is switched off is checked as well: it gives the names by which it is found."""
    if not NAME.fullmatch(params["name"]):
        yield Problem(
            "name",
            params["name"],
            (
                "a name has 1 to 31 lower-case letters, digits and single hyphens, "
                "starts with a letter and ends with no hyphen"
            ),
        )
    yield from key_arn_problems(
        "kms_key_arn",
        params["kms_key_arn"],
        "the ARN of a KMS key is allowed, neither an id nor an alias, since AWS reports the ARN",
    )
    yield from _subnet_group_problems(params)
    yield from rds_problems(params)
    yield from redis_problems(params)
    yield from tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"])


def rotation_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """For elasticache_auth_token_rotation."""
    yield from identifier_problems("replication_group_id", params["replication_group_id"], 40)
    yield from token_problems(params["token_length"], "token_length", params["secret_name"], "secret_name")
    yield from tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"])


def _subnet_group_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    subnets = params["subnet_ids"]
    for number, subnet in enumerate(subnets):
        path = f"subnet_ids[{number}]"
        if not has_placeholder(subnet) and not SUBNET_ID.fullmatch(subnet):
            yield Problem(path, subnet, "the id of a subnet is allowed (subnet- and 8 to 17 hexadecimal digits)")
        elif subnet in subnets[:number]:
            yield Problem(path, subnet, "each subnet is listed once")
    if len(set(subnets)) < 2:
        yield Problem(
            "subnet_ids", subnets, "at least two subnets in two availability zones are needed, since RDS asks for them"
        )
    allowed = (
        "allowed are 1 to 255 lower-case letters, digits{}, and not the name default (AWS makes capitals small by "
        "itself)"
    )
    name = params["rds_subnet_group_name"]
    if (name and not RDS_GROUP_NAME.fullmatch(name)) or name == "default":
        yield Problem("rds_subnet_group_name", name, allowed.format(", spaces or . _ -"))
    name = params["elasticache_subnet_group_name"]
    if (name and not ELASTICACHE_GROUP_NAME.fullmatch(name)) or name == "default":
        yield Problem("elasticache_subnet_group_name", name, allowed.format(" or hyphens"))
    for service in ("rds", "elasticache"):
        path = f"{service}_subnet_group_description"
        if not 1 <= len(params[path]) <= 255:
            yield Problem(path, params[path], "a description has 1 to 255 characters")
