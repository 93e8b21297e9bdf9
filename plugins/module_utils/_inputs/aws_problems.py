# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Wrong values of AWS's own kinds, which several layers take: ARNs, account ids, policy statements, sets of tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._aws.arns import ACCOUNT_ID, KMS_KEY_ARN
from .._aws.limits import OWN_TAGS, TAGS
from .._aws.policies import SID
from .._engine.model import has_placeholder
from .problems import Problem


def key_arn_problems(path: str, value: Any, allowed: str) -> Iterator[Problem]:
    """allowed says why AWS takes neither an id nor an alias there. The ARN may be known only after the apply."""
    if value and not has_placeholder(value) and not KMS_KEY_ARN.fullmatch(str(value)):
        yield Problem(path, value, allowed)


def account_id_problems(path: str, value: Any) -> Iterator[Problem]:
    if not ACCOUNT_ID.fullmatch(str(value)):
        yield Problem(path, value, "an account id has 12 digits; quote it, since YAML drops leading zeros")


def statement_problems(path: str, statement: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong in a statement that has a Sid and an Effect."""
    if not isinstance(statement["Sid"], str) or not SID.fullmatch(statement["Sid"]):
        yield Problem(f"{path}.Sid", statement["Sid"], "a Sid has 1 to 100 letters and digits")
    if statement["Effect"] not in ("Allow", "Deny"):
        yield Problem(f"{path}.Effect", statement["Effect"], "allowed are Allow and Deny")


def all_tags_problems(
    path: str, service: str, own: Mapping[str, Any], inherited: Mapping[str, Any]
) -> Iterator[Problem]:
    """The tags of one resource with those of its deployment and Name; too many of its own are told elsewhere."""
    together = {"Name": "", **inherited, **own}
    if len(own) <= OWN_TAGS < len(together):
        yield Problem(
            path,
            f"{len(together)} tags with those of the deployment",
            f"{service} takes {TAGS} tags in all, {OWN_TAGS} beside the identity tags",
        )
