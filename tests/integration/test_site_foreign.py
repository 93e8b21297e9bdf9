"""Three deployments in one account, two of them with the same CIDR: none sees another, and what others put on our
resources stays.
"""

from __future__ import annotations

import json

import pytest
from helpers.site import empty_site
from helpers.site_tests import assert_holds_what_it_must
from support.snapshot import difference

BUCKET = "connectly-shared-dev-logs"
STATEMENT = {
    "Sid": "AuditorsRead",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
}
KEY_STATEMENT = {**STATEMENT, "Sid": "AuditorsDecrypt", "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}


# Enough of wealist's prod to share an account and a CIDR.
WEALIST = {"shared_infrastructure_layers": ["kms", "network"]}


@pytest.fixture(scope="module")
def site(emulator):
    """connectly's dev, built."""
    with empty_site(emulator) as running:
        running.run("site.yml", "dev").assert_ok()
        yield running


@pytest.fixture(scope="module")
def neighbours(site):
    """(dev before the others came, wealist's prod and connectly's prod as they were built)."""
    before = site.snapshot("connectly-dev")
    return before, [
        site.run("site.yml", "wealist_prod", extra_vars=WEALIST).assert_ok(),
        site.run("site.yml", "prod").assert_ok(),
    ]


def _ours(resources, **identity):
    """The one resource with these identity tags."""
    (found,) = [
        resource
        for resource in resources
        if all(
            {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}.get(f"connectly:{name}") == value
            for name, value in identity.items()
        )
    ]
    return found


def test_a_deployment_is_untouched_by_others_in_its_account(site, neighbours):
    before, built = neighbours
    assert not difference(before, site.snapshot("connectly-dev")), "\n".join(
        difference(before, site.snapshot("connectly-dev"))
    )
    for result in built:
        assert not [action for action in result.actions() if action["action"] not in ("create", "update")]
        assert {action["type"] for action in result.actions() if action["action"] == "update"} <= {"ssm_manifest"}


def test_prod_holds_what_it_must_beside_the_others(site, neighbours):
    assert_holds_what_it_must(site, "connectly-prod")


def test_deployments_with_the_same_cidr_do_not_see_each_other(site, neighbours):
    vpcs = site.snapshot()["vpc"]
    assert (
        vpcs["connectly-dev/network/main"][0]["CidrBlock"]
        == vpcs["wealist-prod/network/main"][0]["CidrBlock"]
        == "10.0.0.0/16"
    )
    everything = site.snapshot()
    result = site.run("site.yml", "wealist_prod", extra_vars=WEALIST).assert_ok()
    assert result.changed == 0 and result.actions() == [] and site.writes() == []
    assert site.snapshot() == everything


@pytest.fixture(scope="module")
def disturbed(site, neighbours):
    """(the run of dev after others attached things, what the account held before it)."""
    ec2, s3, kms = site.client("ec2"), site.client("s3"), site.client("kms")
    groups, tables, vpcs = ec2.describe_security_groups(), ec2.describe_route_tables(), ec2.describe_vpcs()
    group = _ours(groups["SecurityGroups"], deployment="connectly-dev", layer="network", key="rds")
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "theirs"}],
    }
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[permission])

    table = _ours(tables["RouteTables"], deployment="connectly-dev", layer="network", key="private/ap-northeast-2a")
    ours = _ours(vpcs["Vpcs"], deployment="connectly-dev", layer="network", key="main")
    theirs = _ours(vpcs["Vpcs"], deployment="connectly-prod", layer="network", key="main")
    peering = ec2.create_vpc_peering_connection(VpcId=ours["VpcId"], PeerVpcId=theirs["VpcId"])["VpcPeeringConnection"][
        "VpcPeeringConnectionId"
    ]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    ec2.create_route(
        RouteTableId=table["RouteTableId"], DestinationCidrBlock="10.1.0.0/16", VpcPeeringConnectionId=peering
    )

    subnet = _ours(
        ec2.describe_subnets()["Subnets"], deployment="connectly-dev", layer="network", key="private/ap-northeast-2a"
    )
    ec2.create_tags(
        Resources=[subnet["SubnetId"], group["GroupId"]],
        Tags=[{"Key": "kubernetes.io/cluster/apps", "Value": "shared"}],
    )

    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({**policy, "Statement": [*policy["Statement"], STATEMENT]}))
    tags = s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [*tags, {"Key": "backup-plan", "Value": "weekly"}]})

    key = kms.describe_key(KeyId="alias/connectly-shared-dev")["KeyMetadata"]["KeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    kms.put_key_policy(
        KeyId=key,
        PolicyName="default",
        Policy=json.dumps({**policy, "Statement": [*policy["Statement"], KEY_STATEMENT]}),
    )

    before = site.snapshot()
    return site.run("site.yml", "dev").assert_ok(), before


def test_what_others_attached_survives_a_run(site, disturbed):
    result, before = disturbed
    assert not difference(before, site.snapshot()), "\n".join(difference(before, site.snapshot()))
    assert result.changed == 0 and site.writes() == []


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("security_group_rule", ("rds", "192.0.2.0/24")),
        ("route", ("private/ap-northeast-2a", "10.1.0.0/16")),
        ("kms_key", ("AuditorsDecrypt",)),
        ("s3_bucket", ("AuditorsRead",)),
    ],
)
def test_what_others_attached_is_reported(disturbed, kind, words):
    reports = [action for action in disturbed[0].actions() if action["action"] == "report"]
    of_kind = [json.dumps(report) for report in reports if kind in report["type"]]
    assert any(all(word in text for word in words) for text in of_kind), reports


def test_nothing_else_is_reported(disturbed):
    """Tags of others are no news, nor are the resources of other deployments."""
    assert len([action for action in disturbed[0].actions() if action["action"] == "report"]) == 4


def test_a_real_change_beside_them_leaves_them(site, disturbed):
    """An update that writes the same policy, tags and groups again keeps what is not ours."""
    before = site.snapshot()
    changes = {"shared_infrastructure_team": "platform", "kms_services": ["s3", "logs"]}
    result = site.run("site.yml", "dev", extra_vars=changes).assert_ok()
    assert {"kms_key", "s3_bucket", "subnet", "security_group"} <= {
        action["type"] for action in result.actions() if action["action"] == "update"
    }
    after = site.snapshot()

    def rules(taken):
        return [
            rule
            for rule in taken["security_group"]["connectly-dev/network/rds"][0]["rules"]
            if rule.get("CidrIpv4") == "192.0.2.0/24"
        ]

    def routes(taken):
        table = taken["route_table"]["connectly-dev/network/private/ap-northeast-2a"][0]
        return [route for route in table["routes"] if route.get("VpcPeeringConnectionId")]

    assert rules(after) == rules(before) and len(rules(after)) == 1
    assert routes(after) == routes(before) and len(routes(after)) == 1
    assert STATEMENT in after["s3_bucket"]["connectly-dev/storage/logs"][0]["policy"]["Statement"]
    assert "AuditorsDecrypt" in json.dumps(after["kms_key"]["connectly-dev/kms/main"])
    assert after["s3_bucket"]["connectly-dev/storage/logs"][0]["tags"]["backup-plan"] == "weekly"
    assert (
        after["subnet"]["connectly-dev/network/private/ap-northeast-2a"][0]["tags"]["kubernetes.io/cluster/apps"]
        == "shared"
    )
    assert after["subnet"]["connectly-dev/network/private/ap-northeast-2a"][0]["tags"]["Team"] == "platform"
