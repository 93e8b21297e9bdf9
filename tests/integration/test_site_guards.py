"""Wrong input and wrong places: one clear line that says what, where and what is allowed, before the first write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from helpers.inventories import dev_with, line_of
from helpers.site import empty_site, messages
from support.spread import every_case

ZONES = ["ap-northeast-2a", "ap-northeast-2b"]


def tier(key: str, *cidrs: str) -> dict[str, Any]:
    """A tier with these CIDRs in the zones a and b."""
    return {
        "key": key,
        "type": key,
        "subnets": [{"availability_zone": zone, "cidr": cidr} for zone, cidr in zip(ZONES, cidrs, strict=True)],
    }


@dataclass(frozen=True)
class Case:
    """What is set otherwise than in dev, the variable that the message must name, and what else it must say."""

    name: str
    variables: dict[str, Any]
    variable: str
    says: tuple[str, ...]
    env: dict[str, str | None] = field(default_factory=dict)
    written: str = ""  # where the message must point to, the variable's line in the inventory by default


CASES = [
    Case(
        "invalid CIDR",
        {"network_vpc_cidr": "10.0.0.0/33"},
        "network_vpc_cidr",
        ("'10.0.0.0/33'", "10.0.0.0/16 for example"),
    ),
    Case(
        "subnet outside the VPC",
        {"network_nat_gateway_mode": "none", "network_tiers": [tier("private", "10.0.1.0/24", "10.9.2.0/24")]},
        "network_tiers",
        ("10.9.2.0/24", "inside network_vpc_cidr 10.0.0.0/16"),
    ),
    Case(
        "overlapping subnets",
        {
            "network_tiers": [
                tier("public", "10.0.0.0/20", "10.0.16.0/20"),
                tier("private", "10.0.17.0/24", "10.0.64.0/24"),
            ]
        },
        "network_tiers",
        ("10.0.17.0/24 and overlaps public/ap-northeast-2b", "must not overlap"),
    ),
    Case(
        "zone that does not exist",
        {"network_availability_zones": ["ap-northeast-2a", "ap-northeast-2f"]},
        "network_availability_zones",
        ("'ap-northeast-2f'", "did you mean ap-northeast-2"),
    ),
    Case(
        "wrong account",
        {"shared_infrastructure_account_id": '"999999999999"'},
        "shared_infrastructure_account_id",
        ("'999999999999'", "reach account", "use those of 999999999999"),
    ),
    Case(
        "misspelled role", {"netwrok_vpc_cidr": "10.0.0.0/16"}, "netwrok_vpc_cidr", ("did you mean network_vpc_cidr?",)
    ),
    Case(
        "misspelled option",
        {"network_vpc_cdir": "10.0.0.0/16"},
        "network_vpc_cdir",
        ("did you mean network_vpc_cidr?",),
    ),
    Case(
        "misspelled site variable",
        {"shared_infrastructure_regoin": "eu-west-1"},
        "shared_infrastructure_regoin",
        ("did you mean",),
    ),
    Case("variable of one role", {"network_tags": {"Extra": "x"}}, "network_tags", ("set shared_infrastructure_tags",)),
    Case(
        "default name that is taken",
        {"data_rds_enabled": True, "data_redis_enabled": True, "data_name": "taken-databases"},
        "data_name",
        ("'taken-databases'", "carries no connectly:deployment tag"),
    ),
    Case(
        "default name that is taken where a name of its own is empty",
        {"data_rds_subnet_group_name": '""', "data_name": "taken-databases"},
        "data_name",
        ("wants the rds_subnet_group 'taken-databases'", "carries no connectly:deployment tag"),
    ),
    Case(
        "value out of range",
        {"kms_rotation_period_days": "30"},
        "kms_rotation_period_days",
        ("is 30", "90 to 2560 days"),
    ),
    Case(
        "value that YAML turned",
        {"ecs_container_insights": "off"},
        "ecs_container_insights",
        ("False", "put it in quotes"),
    ),
    Case(
        "bucket that is taken",
        {"connectly_further_buckets": [{"key": "further", "name": "taken-bucket", "purpose": "general"}]},
        "storage_buckets",
        ("'taken-bucket'", "exists, but it carries no connectly:deployment tag", "choose a name that is free"),
        written="group_vars/connectly.yml:",
    ),
    Case(
        "cluster that is taken",
        {"ecs_name": "taken-cluster"},
        "ecs_name",
        ("'taken-cluster'", "carries no connectly:deployment tag"),
    ),
    Case(
        "alias that is taken",
        {"kms_alias": "taken-alias"},
        "kms_alias",
        ("'alias/taken-alias'", "belongs to deployment other-prod, layer kms"),
    ),
    Case(
        "subnet group that is taken",
        {"data_rds_subnet_group_name": "taken-databases"},
        "data_rds_subnet_group_name",
        ("'taken-databases'", "carries no connectly:deployment tag"),
    ),
    Case(
        "cache subnet group that is taken",
        {"data_elasticache_subnet_group_name": "taken-caches"},
        "data_elasticache_subnet_group_name",
        ("'taken-caches'", "carries no connectly:deployment tag"),
    ),
]

# The others differ from one of these by the value alone; what the checks of a role refuse is in test_bad_inputs.py.
IN_MAKE_TEST = {
    *("invalid CIDR", "zone that does not exist", "wrong account", "misspelled role", "variable of one role"),
    *("value that YAML turned", "bucket that is taken", "alias that is taken"),
}


@pytest.fixture(scope="module")
def site(emulator):
    """An account in which other people have a bucket, a cluster, a key and two subnet groups."""
    with empty_site(emulator) as running:
        region = {"LocationConstraint": emulator.region}
        running.client("s3").create_bucket(Bucket="taken-bucket", CreateBucketConfiguration=region)
        running.client("ecs").create_cluster(clusterName="taken-cluster")
        tags = {"connectly:deployment": "other-prod", "connectly:layer": "kms", "connectly:key": "main"}
        key = running.client("kms").create_key(
            Tags=[{"TagKey": name, "TagValue": value} for name, value in tags.items()]
        )
        running.client("kms").create_alias(AliasName="alias/taken-alias", TargetKeyId=key["KeyMetadata"]["KeyId"])
        subnets = [subnet["SubnetId"] for subnet in running.client("ec2").describe_subnets()["Subnets"]]
        running.client("rds").create_db_subnet_group(
            DBSubnetGroupName="taken-databases", DBSubnetGroupDescription="theirs", SubnetIds=subnets
        )
        running.client("elasticache").create_cache_subnet_group(
            CacheSubnetGroupName="taken-caches", CacheSubnetGroupDescription="theirs", SubnetIds=subnets
        )
        yield running


def assert_one_line(result, site) -> str:
    """The one message of a failed run that wrote nothing."""
    assert result.rc != 0
    assert not site.writes(), "\n".join(site.writes())
    (message,) = messages(result)
    assert "\n" not in message and "Traceback" not in result.output
    assert len([line for line in result.output.splitlines() if line.startswith("[ERROR]")]) == 1, result.output
    return message


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.name, marks=() if case.name in IN_MAKE_TEST else every_case) for case in CASES],
)
def test_each_wrong_input_is_one_clear_line(site, tmp_path, case):
    inventory = dev_with(tmp_path / "dev", case.variables)
    message = assert_one_line(site.run("site.yml", inventory), site)
    assert case.variable in message
    assert (case.written or f"{inventory / 'hosts.yml'}:{line_of(inventory, case.variable)}") in message
    for text in case.says:
        assert text in message, message


def test_several_wrong_inputs_of_a_layer_come_in_one_line(site, tmp_path):
    inventory = dev_with(
        tmp_path / "dev",
        {
            "network_vpc_cidr": "10.0.0.0/40",
            "network_nat_gateway_mode": "none",
            "network_availability_zones": ["mars-1a", "b"],
        },
    )
    message = assert_one_line(site.run("site.yml", inventory), site)
    assert (
        "network_vpc_cidr" in message
        and "network_availability_zones[0]" in message
        and "network_availability_zones[1]" in message
    )


def test_missing_credentials(site):
    nothing = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    message = assert_one_line(site.run("site.yml", "dev", env=nothing), site)
    assert "No AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in message
    assert site.proxy.calls == []


def test_credentials_that_reach_real_aws_need_an_account_id(site):
    """The proxy stands for an AWS that is not on this machine: the run knows it as http://aws.test."""
    message = assert_one_line(site.run("site.yml", "dev", env=site.proxy.unmodified_environment()), site)
    account = site.emulator.account_id
    assert f"is empty, and the credentials reach the real account {account}" in message
    assert f'set shared_infrastructure_account_id: "{account}" in the inventory' in message
    assert "group_vars/all/deployment.yml:" in message


@pytest.mark.parametrize("playbook", ["unlock", "rotate_redis_auth_token"])
def test_every_playbook_that_writes_compares_the_account(site, tmp_path, playbook):
    inventory = dev_with(tmp_path / "dev", {"shared_infrastructure_account_id": '"999999999999"'})
    result = site.run(f"playbooks/{playbook}.yml", inventory, "-e", "lock_id=9b76d0d7-ed29-af14-64bb-53d296c60eb7")
    assert "use those of 999999999999" in assert_one_line(result, site)


def test_a_name_that_is_taken_is_refused_in_check_mode_too(site, tmp_path):
    inventory = dev_with(tmp_path / "dev", {"ecs_name": "taken-cluster"})
    assert "'taken-cluster'" in assert_one_line(site.run("site.yml", inventory, "--check", "--diff"), site)


def test_a_layer_alone_is_guarded_as_well(site, tmp_path):
    """By everything that is known to be wrong, also in a layer that does not run."""
    inventory = dev_with(tmp_path / "dev", {"kms_rotation_period_days": "30"})
    assert "kms_rotation_period_days is 30" in assert_one_line(site.run("playbooks/network.yml", inventory), site)


@pytest.mark.parametrize(
    ("inventory", "says"),
    [
        ("prdo", "Completely failed to parse inventory source"),
        (None, "holds 0 deployments in the group shared_infrastructure (none); exactly one is allowed"),
        (
            ["dev", "prod"],
            (
                "holds 2 deployments in the group shared_infrastructure (connectly-dev, connectly-prod); "
                "exactly one is allowed"
            ),
        ),
    ],
    ids=["mistyped", "none", "two"],
)
def test_the_inventory_must_hold_one_deployment(site, inventory, says):
    result = site.run("site.yml", inventory)
    assert result.rc != 0 and site.proxy.calls == []
    (line,) = [line for line in result.output.splitlines() if line.startswith("[ERROR]")]
    assert says in line


def test_an_empty_inventory(site, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "hosts.yml").write_text("all: {}\n")
    assert "holds 0 deployments in the group shared_infrastructure" in assert_one_line(
        site.run("site.yml", folder), site
    )


def test_a_limit_to_no_host_is_no_success(site):
    """`--limit` with a name that does not exist leaves nothing to do, which must not look like a success."""
    result = site.run("site.yml", "dev", "--limit", "connectly-prod")
    assert result.rc != 0 and site.proxy.calls == []


def test_names_of_a_layer_that_is_not_built_are_not_looked_up(site, tmp_path):
    layers = {"shared_infrastructure_layers": ["kms", "network", "storage", "data"]}
    inventory = dev_with(tmp_path / "dev", {**layers, "ecs_name": "taken-cluster"})
    site.run("playbooks/guard.yml", inventory).assert_ok()
    assert site.proxy.count("s3", "GetBucketTagging") and not site.proxy.count("ecs")


def test_the_guard_itself_never_writes(site):
    site.run("playbooks/guard.yml", "dev").assert_ok()
    assert site.proxy.calls and not site.writes()
