# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A layer's own policy is enough to build and change it beside what others have in the account, without its
statement Delete.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.module import run_module
from support.permissions import Policy, action
from support.proxy import RecordingProxy

POLICIES = Path(__file__).resolve().parents[4] / "docs" / "policies"
LOGS = {
    "key": "logs",
    "name": "connectly-shared-dev-logs",
    "purpose": "logs",
    "retention_days": 30,
    "encryption": "AES256",
}


@pytest.fixture
def proxy(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as running:
        yield running


def resources(call):
    """The ARNs that a call of ECS, ECR or S3 is about; an empty text where it names none."""
    found = call.params
    if call.service == "s3":
        return [f"arn:aws:s3:::{found['Bucket']}" if "Bucket" in found else ""]
    if call.service == "ecr":
        names = [found["repositoryName"]] if "repositoryName" in found else found.get("repositoryNames", [])
        return [
            found.get("resourceArn", ""),
            *(f"arn:aws:ecr:ap-northeast-2:123456789012:repository/{name}" for name in names),
        ]
    names = [
        *found.get("clusters", []),
        *(found[name] for name in ("cluster", "clusterName", "resourceArn") if name in found),
    ]
    return [
        name if name.startswith("arn:") else f"arn:aws:ecs:ap-northeast-2:123456789012:cluster/{name}" for name in names
    ] or [""]


def denied(layer, proxy, service):
    """What AWS would refuse of the recorded calls to a service."""
    policy = Policy(POLICIES / f"{layer}.json")
    policy.document["Statement"] = [
        statement for statement in policy.document["Statement"] if statement["Sid"] != "Delete"
    ]
    wanted = {
        (action(call.service, call.operation), arn)
        for call in proxy.calls
        if call.service == service
        for arn in resources(call)
    }
    assert any(arn for _action, arn in wanted)
    return {(name, arn) for name, arn in wanted if not policy.allows(name, arn)}


def changed(proxy, module, *steps):
    for options in steps:
        assert run_module(module, {"deployment": "connectly-dev", **options}, proxy.endpoint_url)["changed"]


def test_ecs(emulator, proxy):
    emulator.client("ecs").create_cluster(clusterName="theirs")
    cluster = {"name": "connectly-shared-dev"}
    changed(proxy, "ecs_cluster", cluster, {**cluster, "container_insights": "enhanced", "tags": {"Team": "platform"}})
    assert denied("ecs", proxy, "ecs") == set()


def test_registry(emulator, proxy):
    emulator.client("ecr").create_repository(repositoryName="theirs")
    registry = {"prefix": "prod/", "repositories": [{"name": "api"}], "pull_account_ids": ["210987654321"]}
    changed(
        proxy,
        "ecr_repositories",
        registry,
        {**registry, "scan_on_push": False, "pull_account_ids": [], "tags": {"Team": "platform"}},
    )
    assert denied("registry", proxy, "ecr") == set()


def test_storage(emulator, proxy):
    """A bucket that nobody tagged is looked into: it may be what a killed run left."""
    location = {"LocationConstraint": "ap-northeast-2"}
    emulator.client("s3").create_bucket(
        Bucket=LOGS["name"], CreateBucketConfiguration=location, ObjectOwnership="BucketOwnerEnforced"
    )
    without_policy = {**LOGS, "purpose": "general", "tls_only": False}
    changed(proxy, "s3_buckets", {"buckets": [LOGS]}, {"buckets": [without_policy]})
    assert proxy.count("s3", "DeleteBucketPolicy") == 1
    assert denied("storage", proxy, "s3") == set()
