# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the s3_buckets module and the storage role refuse before AWS is asked anything. Emulators accept most of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._aws.arns import BUCKET_ARN, bucket_arn
from ..._aws.names import BUCKET_NAME, IP_ADDRESS, RESERVED_BUCKET_PREFIXES
from ..._aws.policies import document, sid
from ..._inputs.aws_problems import account_id_problems, all_tags_problems, key_arn_problems, statement_problems
from ..._inputs.problems import Problem, duplicates, tag_problems
from ..._resources.s3 import policy
from . import rule_checks
from .settings import AES256, KMS, effective

KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an")
KEY_ARN = (
    "a key ARN is arn:aws:kms:<region>:<account>:key/<id>; an alias or a bare id would not match in bucket policies"
)
POLICY_BYTES = 20480
SAMPLE = {"partition": "aws", "region": "ap-northeast-2", "account_id": "123456789012"}
"""Stands for the real ones where only the form or the size of a policy matters."""


def problems(params: Mapping[str, Any]) -> Iterator[Problem]:
    """params are the module's options; each problem's path starts with one of them."""
    reserved = params.get("identity_tag_prefix") or "connectly:"
    yield from tag_problems(params.get("tags") or {}, reserved_prefix=reserved)
    if params.get("account_id") is not None:
        yield from account_id_problems("account_id", params["account_id"])
    yield from key_arn_problems("kms_key_arn", params.get("kms_key_arn"), KEY_ARN)
    buckets = params.get("buckets") or []
    yield from duplicates(buckets, "buckets")
    yield from duplicates(buckets, "buckets", "name")
    for number, bucket in enumerate(buckets):
        yield from _bucket_problems(
            f"buckets[{number}]", bucket, params.get("kms_key_arn"), params.get("tags") or {}, reserved
        )


def _bucket_problems(
    path: str, bucket: Mapping[str, Any], default_key: str | None, tags: Mapping[str, Any], reserved: str
) -> Iterator[Problem]:
    settings = effective(bucket, default_key)
    if not KEY.fullmatch(str(settings["key"])):
        yield Problem(
            f"{path}.key",
            settings["key"],
            "a key has 1 to 63 lowercase letters, digits, _ or - and starts with a letter",
        )
    yield from _name_problems(f"{path}.name", settings["name"])
    yield from _encryption_problems(path, bucket, settings)
    yield from rule_checks.lifecycle_problems(path, settings)
    yield from rule_checks.cors_problems(path, settings)
    yield from _statement_problems(path, settings)
    yield from tag_problems(settings["tags"], f"{path}.tags", reserved)
    yield from all_tags_problems(f"{path}.tags", "S3", settings["tags"], tags)


def _name_problems(path: str, name: str) -> Iterator[Problem]:
    if not BUCKET_NAME.fullmatch(name):
        yield Problem(
            path,
            name,
            (
                "a bucket name has 3 to 63 lowercase letters, digits, dots or hyphens and starts and ends with a "
                "letter or digit"
            ),
        )
    elif ".." in name:
        yield Problem(path, name, "a bucket name has no two dots in a row")
    elif IP_ADDRESS.fullmatch(name):
        yield Problem(path, name, "a bucket name must not look like an IP address")
    elif name.startswith(RESERVED_BUCKET_PREFIXES):
        yield Problem(path, name, f"S3 reserves names that start with {', '.join(RESERVED_BUCKET_PREFIXES)}")
    elif name.endswith(RESERVED_SUFFIXES):
        yield Problem(path, name, f"S3 reserves names that end with {', '.join(RESERVED_SUFFIXES)}")


def _encryption_problems(path: str, bucket: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Problem]:
    if settings["purpose"] == "alb_logs" and settings["encryption"] == KMS:
        yield Problem(
            f"{path}.encryption",
            KMS,
            f"load balancers deliver access logs only to buckets with SSE-S3: set {AES256} or leave it out",
        )
    elif settings["encryption"] == KMS and not settings["kms_key_arn"]:
        yield Problem(
            f"{path}.kms_key_arn",
            None,
            f"encryption {KMS} needs a key: set it here or in O(kms_key_arn), or set encryption to {AES256}",
        )
    elif settings["encryption"] == AES256 and bucket.get("kms_key_arn"):
        yield Problem(
            f"{path}.kms_key_arn",
            bucket["kms_key_arn"],
            f"a bucket with encryption {AES256} has no key: leave it out, or set encryption to {KMS}",
        )
    yield from key_arn_problems(f"{path}.kms_key_arn", bucket.get("kms_key_arn"), KEY_ARN)


def _statement_problems(path: str, settings: Mapping[str, Any]) -> Iterator[Problem]:
    sids = set()
    wrong = False
    for number, statement in enumerate(settings["policy_statements"]):
        for problem in _one_statement_problems(f"{path}.policy_statements[{number}]", statement, settings):
            wrong = True
            yield problem
        name = sid(str(statement.get("Sid")))
        if name in sids:
            yield Problem(
                f"{path}.policy_statements[{number}].Sid", statement.get("Sid"), "each Sid of a policy is used once"
            )
        sids.add(name)
    if wrong:
        return
    complete = document(*policy.statements({**settings, "kms_key_arn": settings["kms_key_arn"] or ""}, **SAMPLE))
    own = {
        statement["Sid"]
        for statement in policy.statements({**settings, "policy_statements": [], "kms_key_arn": ""}, **SAMPLE)
    }
    for number, statement in enumerate(settings["policy_statements"]):
        if sid(statement["Sid"]) in own:
            yield Problem(
                f"{path}.policy_statements[{number}].Sid",
                statement["Sid"],
                "a statement that the module makes has this Sid",
            )
    size = len(json.dumps(complete).encode())
    if size > POLICY_BYTES:
        yield Problem(
            f"{path}.policy_statements",
            f"a policy of {size} bytes",
            f"a bucket policy has at most {POLICY_BYTES} bytes",
        )


def _one_statement_problems(path: str, statement: Mapping[str, Any], settings: Mapping[str, Any]) -> Iterator[Problem]:
    if not {"Sid", "Effect", "Principal", "Action", "Resource"} <= set(statement):
        yield Problem(path, statement, "a statement has Sid, Effect, Principal (not NotPrincipal), Action and Resource")
        return
    yield from statement_problems(path, statement)
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    for resource in resources:
        arn = BUCKET_ARN.fullmatch(str(resource))
        if not arn or arn.group("bucket") != settings["name"]:
            yield Problem(
                f"{path}.Resource", resource, f"S3 takes {bucket_arn('aws', settings['name'])} and what is below it"
            )
    public = statement["Principal"] in ("*", {"AWS": "*"}, {"AWS": ["*"]})
    if (
        statement["Effect"] == "Allow"
        and public
        and not statement.get("Condition")
        and settings["public_access_block"]["block_public_policy"]
    ):
        yield Problem(
            f"{path}.Principal",
            statement["Principal"],
            "this makes the bucket public, which its public_access_block forbids; add a Condition",
        )
