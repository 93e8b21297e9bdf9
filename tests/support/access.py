"""Which AWS calls change something. One rule (the operation's first word) and one table of exceptions."""

from __future__ import annotations

import re

# An operation is a read when its name starts with one of these words; everything else counts as a write.
READ_WORDS = (
    *(
        "Get",
        "List",
        "Describe",
        "Head",
        "BatchGet",
        "BatchDescribe",
        "Search",
        "Query",
        "Scan",
        "Lookup",
        "Filter",
        "Select",
    ),
    *("Check", "Validate", "Simulate", "Preview", "Estimate", "Test"),
)

# (service, operation) -> True for a write, False for a read; "*" stands for all operations of the service.
EXCEPTIONS: dict[tuple[str, str], bool] = {
    ("sts", "*"): False,  # hands out credentials, keeps nothing
    ("kms", "Encrypt"): False,  # uses the key, changes nothing
    ("kms", "Decrypt"): False,
    ("kms", "ReEncrypt"): False,
    ("kms", "GenerateDataKey"): False,
    ("kms", "GenerateDataKeyWithoutPlaintext"): False,
    ("kms", "GenerateRandom"): False,
    ("kms", "GenerateMac"): False,
    ("kms", "Sign"): False,
    ("kms", "Verify"): False,
    ("kms", "VerifyMac"): False,
    ("ecr", "BatchCheckLayerAvailability"): False,
    ("dynamodb", "BatchGetItem"): False,
    ("dynamodb", "TransactGetItems"): False,
    ("dynamodb", "ExecuteStatement"): True,  # PartiQL may be a statement of either kind
    ("iam", "GenerateServiceLastAccessedDetails"): False,
    ("iam", "GenerateCredentialReport"): False,
    ("logs", "StartQuery"): False,
    ("logs", "StopQuery"): False,
    ("logs", "TestMetricFilter"): False,
    ("s3", "SelectObjectContent"): False,
    ("s3", "HeadBucket"): False,
    ("s3", "HeadObject"): False,
}

_READ = re.compile(rf"^(?:{'|'.join(READ_WORDS)})(?![a-z])")


def is_write(service: str, operation: str) -> bool:
    """True when the call may change the account; an operation nobody could name is a write (safe side).

    DryRun=true makes no difference: moto carries out CreateVpc and others nevertheless.
    """
    for key in ((service, operation), (service, "*")):
        if key in EXCEPTIONS:
            return EXCEPTIONS[key]
    return not _READ.match(operation)
