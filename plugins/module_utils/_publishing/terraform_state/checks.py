# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be wrong in the options of terraform_state_outputs, found before AWS is asked anything. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..._aws.arns import REGION
from ..._aws.names import TABLE_NAME, is_bucket_name
from ..._engine.model import has_placeholder
from ..._inputs.aws_problems import account_id_problems
from ..._inputs.problems import Problem, tag_problems
from .types import type_of

OUTPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def problems(params: Mapping[str, Any], check_mode: bool) -> Iterator[Problem]:
    """Every wrong option.

    In check mode outputs may be known only after the apply; a real run publishes no placeholder.
    """
    yield from backend_problems(params)
    yield from key_problems("key", params["key"])
    for number, key in enumerate(params["extra_keys"]):
        yield from key_problems(f"extra_keys[{number}]", key)
        if key in [params["key"], *params["extra_keys"][:number]]:
            yield Problem(f"extra_keys[{number}]", key, "each state key is named once")
    for name in ("lock_timeout", "object_timeout"):
        if params[name] < 0:
            yield Problem(name, params[name], "a number of seconds from 0 on is expected")
    if params["use_lockfile"] is False and not params["lock_table"]:
        yield Problem("use_lockfile", False, "without lock_table it must be true, so that there is a lock to take")
    yield from tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"])
    if params["state"] == "present":
        yield from _output_problems(params["outputs"], check_mode)


def role_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """The same for the options terraform_state_* of the outputs role, before the first layer is built.

    Without a bucket nothing is published.
    """
    if not params["terraform_state_bucket"]:
        return
    names = ("bucket", "bucket_owner", "key", "extra_keys", "lock_table", "lock_timeout", "object_timeout")
    options = {name: params[f"terraform_state_{name}"] for name in names}
    options["backend_region"] = params["terraform_state_region"]
    shared = {
        "use_lockfile": params.get("terraform_state_use_lockfile"),
        "tags": {},
        "identity_tag_prefix": params["identity_tag_prefix"],
    }
    # The outputs are not known yet; state=absent needs none.
    for problem in problems({**options, **shared, "state": "absent"}, check_mode=True):
        yield replace(problem, path=f"terraform_state_{problem.path.removeprefix('backend_')}")


def backend_problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """The options that name the bucket, its owner, its region and the lock table."""
    if not is_bucket_name(params["bucket"]):
        yield Problem(
            "bucket", params["bucket"], "a bucket name has 3 to 63 lower-case letters, digits, dots or hyphens"
        )
    if params["lock_table"] and not TABLE_NAME.fullmatch(params["lock_table"]):
        yield Problem("lock_table", params["lock_table"], "a table name has 3 to 255 letters, digits or . _ -")
    if params["bucket_owner"]:
        yield from account_id_problems("bucket_owner", params["bucket_owner"])
    if params["backend_region"] and not REGION.fullmatch(params["backend_region"]):
        yield Problem("backend_region", params["backend_region"], "a region is written like ap-northeast-2")


def key_problems(path: str, key: str) -> Iterator[Problem]:
    if not key or key.startswith("/") or key.endswith("/") or len(key.encode()) > 900:
        yield Problem(path, key, "a state key has 1 to 900 bytes, and no slash at either end, as Terraform wants it")


def _output_problems(outputs: Mapping[str, Any] | None, check_mode: bool) -> Iterator[Problem]:
    if not outputs:
        yield Problem("outputs", outputs, "at least one output is needed to publish a state")
    for name, value in (outputs or {}).items():
        path = f"outputs.{name}"
        if not isinstance(name, str) or not OUTPUT_NAME.fullmatch(name):
            yield Problem(
                path, name, "the name of a Terraform output has letters, digits, _ and -, and starts with a letter or _"
            )
        if has_placeholder(value) and not check_mode:
            yield Problem(
                path,
                value,
                "an id that is known only after the apply cannot be published; apply the layer that provides it first",
            )
        try:
            type_of(value)
        except ValueError as error:
            yield Problem(path, value, f"{error}; an output that does not exist is left out")
