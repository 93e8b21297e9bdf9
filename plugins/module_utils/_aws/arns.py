# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ARNs: how those look that users give, how those are built that we need before AWS tells them. Pure."""

from __future__ import annotations

import re

ACCOUNT_ID = re.compile(r"\d{12}")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def _pattern(service: str, resource: str, region: str = "", account: str = ACCOUNT_ID.pattern) -> re.Pattern[str]:
    """The ARN of one kind of resource, in any partition: aws, aws-cn, aws-us-gov and those that are not public."""
    return re.compile(f"arn:aws[a-z-]*:{service}:{region}:{account}:{resource}")


IN_A_REGION = "[a-z0-9-]+"
KMS_KEY_ARN = _pattern("kms", "key/[a-zA-Z0-9-]+", IN_A_REGION)
"""A key by its id: a UUID, or mrk- and 32 digits for a multi-region key. Aliases have ARNs of their own."""
ROLE_ARN = _pattern("iam", "role/.+")
POLICY_ARN = _pattern("iam", "policy/.+", account=rf"({ACCOUNT_ID.pattern}|aws)")
ACCOUNT_ROOT_ARN = _pattern("iam", "root", account=rf"(?P<account>{ACCOUNT_ID.pattern})")
BUCKET_ARN = _pattern("s3", "(?P<bucket>[^/]+)(/.*)?", account="")
"""A bucket, or what is below it."""
DB_SNAPSHOT_ARN = _pattern("rds", "snapshot:.+", IN_A_REGION)


def account_root_arn(partition: str, account_id: str) -> str:
    """The principal that stands for a whole account."""
    return f"arn:{partition}:iam::{account_id}:root"


def bucket_arn(partition: str, name: str) -> str:
    return f"arn:{partition}:s3:::{name}"


def regional_arn(partition: str, service: str, region: str, account_id: str, resource: str = "*") -> str:
    """What a service has in one region of an account: everything, or the resource that is named."""
    return f"arn:{partition}:{service}:{region}:{account_id}:{resource}"


def last_part(arn: str) -> str:
    """The id of .../<id>; what is no path stays as it is."""
    return arn.rpartition("/")[2]


def same_key(first: str, second: str) -> bool:
    """Whether two KMS keys are the same: AWS answers with the ARN or with the id alone.

    Two ARNs are compared as a whole, since the replicas of a multi-region key have one id.
    """
    if first.startswith("arn:") and second.startswith("arn:"):
        return first == second
    return last_part(first) == last_part(second)
