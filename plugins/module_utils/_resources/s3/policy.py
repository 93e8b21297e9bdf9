# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bucket policies: the statements that a bucket's settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.arns import account_root_arn, bucket_arn, regional_arn
from ..._aws.policies import adopted, sid, tls_only
from .terms import KMS

ELB_ACCOUNTS = {
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580",
    "ca-central-1": "985666609251",
    "cn-north-1": "638102146993",
    "cn-northwest-1": "037604701340",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-gov-east-1": "190560391635",
    "us-gov-west-1": "048591011584",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}
"""AWS's own accounts from which load balancers of the older regions write ("Enable access logs for your Application
Load
Balancer").

Regions since August 2022 have only the service principal logdelivery.elasticloadbalancing.amazonaws.com.
"""


def statements(bucket: Mapping[str, Any], partition: str, region: str, account_id: str) -> list[dict[str, Any]]:
    """All statements of ours for one bucket; bucket is what settings.effective returns."""
    arn = bucket_arn(partition, bucket["name"])
    wanted = [tls_only(arn)] if bucket["tls_only"] else []
    if bucket["encryption"] == KMS and bucket["deny_other_keys"]:
        wanted.extend(_deny_other_keys(arn, bucket["kms_key_arn"]))
    if bucket["purpose"] == "logs":
        wanted.extend(_log_delivery(arn, partition, region, account_id))
    if bucket["purpose"] == "alb_logs":
        wanted.extend(_alb_log_delivery(arn, partition, region, account_id))
    wanted.extend(adopted(bucket["policy_statements"]))
    return wanted


def _deny_other_keys(arn: str, kms_key_arn: str) -> list[dict[str, Any]]:
    """Uploads without encryption headers get the bucket's key by default; those with headers must name just this key.

    A negated condition also matches where its key is missing, so a request for aws:kms without a key id, which S3 would
    serve with the account's aws/s3 key, is refused as well.
    """

    def deny(name: str, condition: dict[str, Any]) -> dict[str, Any]:
        return {
            "Sid": sid(name),
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{arn}/*",
            "Condition": condition,
        }

    present = {"Null": {"s3:x-amz-server-side-encryption": "false"}}
    return [
        deny("DenyOtherEncryption", {**present, "StringNotEquals": {"s3:x-amz-server-side-encryption": KMS}}),
        deny(
            "DenyOtherKeys",
            {**present, "StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": kms_key_arn}},
        ),
        deny("DenyCustomerKeys", {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}}),
    ]


def _log_paths(arn: str, account_id: str) -> list[str]:
    """Where AWS puts logs of this account, with and without a prefix that the log's owner chose."""
    return [f"{arn}/AWSLogs/{account_id}/*", f"{arn}/*/AWSLogs/{account_id}/*"]


def _log_delivery(arn: str, partition: str, region: str, account_id: str) -> list[dict[str, Any]]:
    """Vended logs (flow logs and others) as in CloudWatch Logs' "Logs sent to Amazon S3"."""
    principal = {"Service": "delivery.logs.amazonaws.com"}
    source = {
        "StringEquals": {"aws:SourceAccount": account_id},
        "ArnLike": {"aws:SourceArn": regional_arn(partition, "logs", region, account_id)},
    }
    return [
        {
            "Sid": sid("LogDeliveryWrite"),
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:PutObject",
            "Resource": _log_paths(arn, account_id),
            "Condition": {
                **source,
                "StringEquals": {"aws:SourceAccount": account_id, "s3:x-amz-acl": "bucket-owner-full-control"},
            },
        },
        {
            "Sid": sid("LogDeliveryCheck"),
            "Effect": "Allow",
            "Principal": principal,
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": arn,
            "Condition": source,
        },
    ]


def _alb_log_delivery(arn: str, partition: str, region: str, account_id: str) -> list[dict[str, Any]]:
    """ALB access logs. These principals send no aws:SourceAccount: what bounds them is the account in the path."""
    principals = {"AlbLogDelivery": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}}
    if region in ELB_ACCOUNTS:
        principals["AlbLogDeliveryAccount"] = {"AWS": account_root_arn(partition, ELB_ACCOUNTS[region])}
    return [
        {
            "Sid": sid(name),
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:PutObject",
            "Resource": _log_paths(arn, account_id),
        }
        for name, principal in principals.items()
    ]
