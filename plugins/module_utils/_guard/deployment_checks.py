# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the playbooks refuse in the deployment's own variables, before AWS is asked anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.arns import ACCOUNT_ID, REGION
from .._inputs.problems import Problem, duplicates, tag_problems

DEPLOYMENT = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]")
SSM_PREFIX = re.compile(r"(/[A-Za-z0-9_.-]+){1,10}")


def problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """params are the shared_infrastructure_* variables without their prefix."""
    if not DEPLOYMENT.fullmatch(params["deployment"]):
        yield Problem(
            "deployment",
            params["deployment"],
            "3 to 32 lowercase letters, digits and hyphens are allowed, a letter first",
        )
    if params["account_id"] and not ACCOUNT_ID.fullmatch(params["account_id"]):
        yield Problem("account_id", params["account_id"], "an account id has twelve digits, in quotes")
    if not REGION.fullmatch(params["region"]):
        yield Problem("region", params["region"], "a region is written like ap-northeast-2")
    if not SSM_PREFIX.fullmatch(params["ssm_prefix"]):
        yield Problem(
            "ssm_prefix",
            params["ssm_prefix"],
            "a prefix is written like /connectly-shared/dev, without a slash at its end",
        )
    elif re.match(r"/(aws|ssm)", params["ssm_prefix"], re.IGNORECASE):
        yield Problem("ssm_prefix", params["ssm_prefix"], "the prefixes /aws and /ssm belong to AWS")
    yield from duplicates([{"key": layer} for layer in params["layers"]], "layers")
    missing = [name for name in params["required_tags"] if not params["tags"].get(name)]
    if missing:
        yield Problem("tags", sorted(params["tags"]), f"the required tags {', '.join(missing)} are missing")
    yield from tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"])
