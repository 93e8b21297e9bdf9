"""What the plugins know of AWS stands once: whatever is written a second time is found, and told where its home is."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from support.playbook import ROOT

PLUGINS = ROOT / "plugins"
AWS = "module_utils/_aws"


@dataclass(frozen=True)
class Home:
    """What stands once, where, what is used from there, and the pattern of a second one with an example of it."""

    what: str
    home: str
    instead: str
    pattern: str
    example: str

    def lines(self, text: str) -> list[int]:
        """The numbers of the lines that hold one."""
        return sorted({text.count("\n", 0, match.start()) + 1 for match in re.finditer(self.pattern, text)})


HOMES = [
    Home(
        "a pattern of ARNs",
        f"{AWS}/arns.py",
        "KMS_KEY_ARN and its neighbours",
        r"\barn:[^\"'\s]*(?:\\d|\[\^?[a-z])",
        r're.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/.+")',
    ),
    Home(
        "an ARN built of its parts",
        f"{AWS}/arns.py",
        "account_root_arn, bucket_arn, regional_arn",
        r"f[\"']arn:\{",
        'root = f"arn:{partition}:iam::{account_id}:root"',
    ),
    Home(
        "the pattern of account ids",
        f"{AWS}/arns.py",
        "ACCOUNT_ID",
        r"\\d\{12\}|\[0-9\]\{12\}",
        r're.fullmatch(r"\d{12}", str(account))',
    ),
    Home(
        "the pattern of regions",
        f"{AWS}/arns.py",
        "REGION",
        r"\[a-z\]\{2\}\(-\[a-z\]\+\)",
        r'REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")',
    ),
    Home(
        "the TLS-only statement",
        f"{AWS}/policies.py",
        "tls_only",
        r"aws:SecureTransport",
        '"Condition": {"Bool": {"aws:SecureTransport": "false"}}',
    ),
    Home(
        "the rule of statement ids",
        f"{AWS}/policies.py",
        "sid, is_ours, adopted",
        r"[\"']SharedInfrastructure",
        'SID_PREFIX = "SharedInfrastructure"',
    ),
    Home(
        "the pattern of statement ids",
        f"{AWS}/policies.py",
        "SID",
        r"\[A-Za-z0-9\]\{1,100\}",
        're.fullmatch(r"[A-Za-z0-9]{1,100}", statement["Sid"])',
    ),
    Home(
        "the form of a policy document",
        f"{AWS}/policies.py",
        "document",
        r"2012-10-17",
        '{"Version": "2012-10-17", "Statement": statements}',
    ),
    Home(
        "the comparison of policies",
        f"{AWS}/policies.py",
        "same_document, same_statements",
        r"import compare_policies",
        "from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies",
    ),
    Home(
        "a stub of botocore's exceptions",
        f"{AWS}/errors.py",
        "AWS_ERRORS, ClientError and its neighbours",
        r"botocore\.exceptions|(?:ClientError|BotoCoreError)\s*=",
        "    BotoCoreError = ClientError = Exception",
    ),
    Home(
        "tags turned into a dictionary or back",
        f"{AWS}/tags.py",
        "tag_dict, tag_list",
        r"\{\s*\"[Kk]ey\": \w+, \"[Vv]alue\": \w+\s*\} for|\[\"[Kk]ey\"\]: \w+(?:\[|\.get\()\"[Vv]alue\""
        r"|_tag_list_to_ansible_dict|ansible_dict_to_boto3_tag_list",
        'Tags=[{"Key": name, "Value": value} for name, value in tags.items()]',
    ),
    Home(
        "CloudWatch Logs' days",
        f"{AWS}/limits.py",
        "LOG_RETENTION_DAYS",
        r"[(\[{]\s*1,\s+3,\s+5,",
        "DAYS = (1, 3, 5, 7, 14)",
    ),
    Home(
        "the number of tags",
        f"{AWS}/limits.py",
        "TAGS, OWN_TAGS",
        r"[<>]=? 45\b|\b(?:45|50) tags",
        "if len(tags) > 45:",
    ),
    Home(
        "the least botocore",
        f"{AWS}/versions.py",
        "BOTOCORE_AT_LEAST",
        r"[\"']1\.39\.\d",
        'BOTOCORE_AT_LEAST = "1.39.11"',
    ),
    Home(
        "the pattern of bucket names",
        f"{AWS}/names.py",
        "BUCKET_NAME, is_bucket_name",
        r"\[a-z0-9\.-\]\{1,61\}",
        're.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")',
    ),
]


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.what)
def test_it_stands_once(home):
    second = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(PLUGINS.rglob("*.py"))
        if path != PLUGINS / home.home
        for line in home.lines(path.read_text())
    ]
    assert not second, f"{', '.join(second)}: {home.what} has its home in {home.home}; use {home.instead} from there"


@pytest.mark.parametrize("home", HOMES, ids=lambda home: home.what)
def test_a_second_one_is_found(home):
    assert home.lines(f"\n{home.example}\n") == [2]
