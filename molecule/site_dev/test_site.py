"""The whole of a deployment, read back from the account and compared with what it must hold (deployments.py)."""

from __future__ import annotations

import hashlib
import json

import pytest
from deployments import DEPLOYMENTS, REGION

KEY_ARN = "<kms_key:main arn>"


@pytest.fixture(scope="session")
def wanted(deployment):
    return DEPLOYMENTS[deployment]


def zone(letter: str) -> str:
    return f"{REGION}{letter}"


def places(wanted, tier: str) -> list[str]:
    """The subnets of a tier as they are mentioned, ordered by zone."""
    return [f"<subnet:{tier}/{zone(letter)}>" for letter in sorted(wanted.subnets[tier])]


# --- the whole ---


def test_nothing_is_there_twice(account):
    assert [name for name in account if " #" in name] == []


def test_everything_carries_the_organisations_tags(account, wanted):
    required = {"Organization": wanted.organization, "Environment": wanted.environment, "ManagedBy": "ansible"}
    for name, data in account.items():
        if data.get("OwningService"):
            continue
        tags = data["tags"]
        assert required.items() <= tags.items(), name
        assert {"Project", "Team", "CostCenter", "connectly:layer", "connectly:key"} <= tags.keys(), name


# --- network ---


def test_vpc(of_type, wanted):
    (vpc,) = of_type("vpc").values()
    assert vpc["cidrs"] == [wanted.cidr]
    assert vpc["enableDnsSupport"]
    assert vpc["enableDnsHostnames"]


def test_subnets(of_type, wanted):
    found = {
        key: (data["CidrBlock"], data["AvailabilityZone"], data["VpcId"]) for key, data in of_type("subnet").items()
    }
    assert found == {
        f"{tier}/{zone(letter)}": (cidr, zone(letter), "<vpc:main>")
        for tier, subnets in wanted.subnets.items()
        for letter, cidr in subnets.items()
    }


def test_subnets_give_no_public_addresses(of_type):
    assert [key for key, data in of_type("subnet").items() if data["MapPublicIpOnLaunch"]] == []


def test_subnet_tags_for_discovery(of_type, wanted):
    for key, data in of_type("subnet").items():
        found = {name: value for name, value in data["tags"].items() if name.startswith("kubernetes.io/")}
        assert found == wanted.subnet_tags.get(key.partition("/")[0], {}), key


def test_nat_gateways(of_type, wanted):
    gateways = {
        key: (data["SubnetId"], data["State"], data["addresses"]) for key, data in of_type("nat_gateway").items()
    }
    assert gateways == {
        zone(letter): (f"<subnet:public/{zone(letter)}>", "available", [f"<elastic_ip:{zone(letter)}>"])
        for letter in wanted.nat_zones
    }


def test_no_address_is_paid_for_and_unused(of_type, wanted):
    assert {key: data["in use"] for key, data in of_type("elastic_ip").items()} == {
        zone(letter): True for letter in wanted.nat_zones
    }


def table_of(of_type, subnet: str) -> dict:
    (table,) = (data for data in of_type("route_table").values() if subnet in data["associations"])
    return table


def test_public_subnets_reach_the_internet(of_type, wanted):
    for subnet in places(wanted, "public"):
        assert table_of(of_type, subnet)["default_routes"] == ["<internet_gateway:main>"]
    assert of_type("internet_gateway")["main"]["vpcs"] == ["<vpc:main>"]


def test_private_subnets_go_through_the_nat_gateway_of_their_zone(of_type, wanted):
    for letter in wanted.subnets["private"]:
        gateway = letter if letter in wanted.nat_zones else wanted.nat_zones[0]
        assert table_of(of_type, f"<subnet:private/{zone(letter)}>")["default_routes"] == [
            f"<nat_gateway:{zone(gateway)}>"
        ]


def test_database_subnets_have_no_way_out(of_type, wanted):
    for subnet in places(wanted, "database") if "database" in wanted.subnets else []:
        routes = table_of(of_type, subnet)["routes"]
        assert [(route.get("DestinationCidrBlock"), route.get("GatewayId")) for route in routes] == [
            (wanted.cidr, "local")
        ]


def test_no_route_leads_nowhere(of_type):
    assert [
        route for table in of_type("route_table").values() for route in table["routes"] if route["State"] != "active"
    ] == []


def test_the_main_route_table_is_unused(whole_account):
    assert [route["GatewayId"] for route in whole_account["route_table main of <vpc:main>"]["routes"]] == ["local"]


def test_s3_endpoint(of_type, wanted):
    (endpoint,) = of_type("vpc_endpoint").values()
    assert (endpoint["VpcEndpointType"], endpoint["ServiceName"], endpoint["VpcId"]) == (
        "Gateway",
        f"com.amazonaws.{REGION}.s3",
        "<vpc:main>",
    )
    private = [f"<route_table:private/{zone(letter)}>" for letter in wanted.subnets["private"]]
    assert sorted(endpoint["RouteTableIds"]) == sorted([*private, "<route_table:public>"])


def test_flow_logs(of_type, wanted):
    found = of_type("flow_log")
    if wanted.flow_logs_days is None:
        assert found == {}
        return
    (log,) = found.values()
    assert (log["ResourceId"], log["TrafficType"], log["FlowLogStatus"]) == ("<vpc:main>", "ALL", "ACTIVE")
    group = of_type("log_group")["flow_logs"]
    assert (group["retentionInDays"], group["kmsKeyId"]) == (wanted.flow_logs_days, KEY_ARN)
    role = of_type("iam_role")["flow_logs"]
    assert role["trust"]["Statement"][0]["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    allowed = [action for statement in role["inline"]["flow-logs"]["Statement"] for action in statement["Action"]]
    assert "logs:PutLogEvents" in allowed
    assert "*" not in "".join(allowed)


def ingress(group: dict) -> list[tuple]:
    """(protocol, first port, last port, source)."""
    return sorted(
        (rule["IpProtocol"], rule.get("FromPort", 0), rule["ToPort"], rule.get("CidrIpv4") or rule.get("GroupId"))
        for rule in group["rules"]
        if not rule.get("IsEgress")
    )


def test_security_groups(of_type, wanted):
    groups = of_type("security_group")
    assert groups.keys() == wanted.rules.keys()
    for key, group in groups.items():
        expected = {
            (*rule[:3], rule[3] if "/" in rule[3] else f"<security_group:{rule[3]}>") for rule in wanted.rules[key]
        }
        assert ingress(group) == sorted(expected), key
        out = [(rule["IpProtocol"], rule.get("CidrIpv4")) for rule in group["rules"] if rule.get("IsEgress")]
        assert out == ([("-1", "0.0.0.0/0")] if key in wanted.egress_groups else []), key
        assert group["VpcId"] == "<vpc:main>"


def test_default_security_group_is_empty(whole_account):
    assert whole_account["security_group default of <vpc:main>"]["rules"] == []


# --- kms ---


def test_key(whole_account, of_type, client, wanted):
    (key,) = of_type("kms_key").values()
    assert key["KeyState"] == "Enabled"
    assert key["rotation"]["KeyRotationEnabled"]
    # moto accepts a period and never reports it.
    assert key["rotation"].get("RotationPeriodInDays", 365) == 365
    assert whole_account[f"kms_alias alias/{wanted.key_alias}"]["target"] == "<kms_key:main>"


def test_key_policy(of_type, account_id, wanted):
    statements = {statement["Sid"]: statement for statement in of_type("kms_key")["main"]["policy"]["Statement"]}
    root = statements["SharedInfrastructureAccount"]
    assert (root["Effect"], root["Principal"], root["Action"]) == (
        "Allow",
        {"AWS": f"arn:aws:iam::{account_id}:root"},
        "kms:*",
    )
    services = [f"{name}.{REGION}.amazonaws.com" for name in wanted.key_services]
    for sid in ("SharedInfrastructureViaServices", "SharedInfrastructureServiceGrants"):
        equals = statements[sid]["Condition"]["StringEquals"]
        assert (sorted(equals["kms:ViaService"]), equals["kms:CallerAccount"]) == (services, account_id)
    logs = statements["SharedInfrastructureCloudWatchLogs"]
    assert logs["Principal"] == {"Service": f"logs.{REGION}.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{REGION}:{account_id}:*"}
    }
    for sid, statement in statements.items():
        # Whoever may use the key without being named must come through a service or from this account.
        assert sid == "SharedInfrastructureAccount" or statement["Condition"], sid


# --- storage ---


@pytest.fixture(scope="session")
def buckets(of_type):
    return of_type("s3_bucket")


def test_buckets(client, buckets, wanted):
    assert buckets.keys() == wanted.buckets.keys()
    names = {entry["Name"] for entry in client("s3").list_buckets()["Buckets"]}
    assert {bucket.name for bucket in wanted.buckets.values()} <= names
    assert {key: data["tags"]["Name"] for key, data in buckets.items()} == {
        key: bucket.name for key, bucket in wanted.buckets.items()
    }


def test_bucket_encryption(buckets, wanted):
    for key, bucket in wanted.buckets.items():
        (rule,) = buckets[key]["encryption"]["Rules"]
        default = rule["ApplyServerSideEncryptionByDefault"]
        assert default["SSEAlgorithm"] == bucket.encryption, key
        assert default.get("KMSMasterKeyID") == (KEY_ARN if bucket.encryption == "aws:kms" else None), key
        assert rule.get("BucketKeyEnabled", False) == (bucket.encryption == "aws:kms"), key


def test_buckets_are_not_public(buckets):
    for key, data in buckets.items():
        assert set(data["public_access_block"].values()) == {True}, key
        assert len(data["public_access_block"]) == 4, key
        assert data["ownership"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], key


def test_bucket_policies(buckets, wanted, account_id):
    for key, bucket in wanted.buckets.items():
        statements = {
            statement["Sid"].removeprefix("SharedInfrastructure"): statement
            for statement in buckets[key]["policy"]["Statement"]
        }
        tls = statements["TlsOnly"]
        assert (tls["Effect"], tls["Principal"], tls["Action"]) == ("Deny", "*", "s3:*"), key
        assert sorted(tls["Resource"]) == [f"arn:aws:s3:::{bucket.name}", f"arn:aws:s3:::{bucket.name}/*"]
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, key
        allowed = [statement for statement in statements.values() if statement["Effect"] == "Allow"]
        assert {
            principal for item in allowed for name, principal in item["Principal"].items() if name == "Service"
        } == ({bucket.delivery} - {""}), key
        for statement in allowed:
            if statement["Action"] == "s3:PutObject":
                assert all(f"/AWSLogs/{account_id}/" in resource for resource in statement["Resource"]), key
            else:
                assert statement["Action"] == ["s3:GetBucketAcl", "s3:ListBucket"], key
        elb_accounts = {item["Principal"]["AWS"] for item in allowed if "AWS" in item["Principal"]}
        assert elb_accounts == ({"arn:aws:iam::600734575887:root"} if key == "alb_logs" else set()), key
        if bucket.encryption == "aws:kms":
            other = statements["DenyOtherKeys"]
            assert (other["Effect"], other["Action"]) == ("Deny", "s3:PutObject"), key
            assert other["Condition"]["StringNotEquals"] == {
                "s3:x-amz-server-side-encryption-aws-kms-key-id": KEY_ARN
            }, key


def test_bucket_versioning(buckets, wanted):
    assert {key: data["versioning"] == "Enabled" for key, data in buckets.items()} == {
        key: bucket.versioned for key, bucket in wanted.buckets.items()
    }


def test_bucket_lifecycle(buckets, wanted):
    for key, bucket in wanted.buckets.items():
        rules = [rule for rule in buckets[key]["lifecycle"] if rule["Status"] == "Enabled"]
        assert [
            rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
            for rule in rules
            if "AbortIncompleteMultipartUpload" in rule
        ] == [7], key
        days = [rule["Expiration"]["Days"] for rule in rules if "Days" in rule.get("Expiration", {})]
        assert days == ([bucket.retention] if bucket.retention else []), key
        if bucket.versioned and bucket.retention:
            assert [
                rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
                for rule in rules
                if "NoncurrentVersionExpiration" in rule
            ] == [bucket.retention]


def test_cors_of_the_application_bucket(buckets, wanted):
    if "storage" not in wanted.buckets:
        assert {key for key, data in buckets.items() if data["cors"]} == set()
        return
    (rule,) = buckets["storage"]["cors"]
    assert "https://wealist.co.kr" in rule["AllowedOrigins"]
    assert all(origin.endswith("wealist.co.kr") for origin in rule["AllowedOrigins"])
    assert {"GET", "PUT"} <= set(rule["AllowedMethods"])


# --- ecs ---


def test_cluster(of_type, client, wanted):
    found = of_type("ecs_cluster")
    if wanted.cluster is None:
        assert found == {}
        return
    (cluster,) = found.values()
    assert cluster["status"] == "ACTIVE"
    assert cluster["tags"]["Name"] == wanted.cluster["name"]
    assert sorted(cluster["capacityProviders"]) == ["FARGATE", "FARGATE_SPOT"]
    strategy = [
        (item["capacityProvider"], item.get("base", 0), item["weight"])
        for item in cluster["defaultCapacityProviderStrategy"]
    ]
    assert sorted(strategy) == sorted(wanted.cluster["strategy"])
    assert cluster["settings"] == [{"name": "containerInsights", "value": wanted.cluster["insights"]}]
    command = cluster["configuration"]["executeCommandConfiguration"]
    assert (command["kmsKeyId"], command["logConfiguration"]["cloudWatchEncryptionEnabled"]) == (KEY_ARN, True)
    assert of_type("log_group")["execute-command"]["kmsKeyId"] == KEY_ARN


# --- data ---


def test_subnet_groups(of_type, wanted):
    for kind in ("rds_subnet_group", "elasticache_subnet_group"):
        (group,) = of_type(kind).values()
        assert group["subnets"] == places(wanted, wanted.data_tier), kind
        assert group["tags"]["Name"] == wanted.data_name


def test_database(whole_account, of_type, wanted):
    found = of_type("rds_instance")
    if not wanted.has_stores:
        assert found == {}
        return
    (database,) = found.values()
    expected = {
        "DBInstanceIdentifier": "wealist-prod-postgres",
        "Engine": "postgres",
        "EngineVersion": "17.7",
        "DBInstanceClass": "db.t4g.small",
        "DBInstanceStatus": "available",
        "StorageType": "gp3",
        "AllocatedStorage": 20,
        "MaxAllocatedStorage": 100,
        "MultiAZ": False,
        "PubliclyAccessible": False,
        "StorageEncrypted": True,
        "KmsKeyId": KEY_ARN,
        "BackupRetentionPeriod": 7,
        "DeletionProtection": True,
        "subnet_group": "wealist-prod",
    }
    assert {name: database.get(name) for name in expected} == expected
    assert [group["VpcSecurityGroupId"] for group in database["VpcSecurityGroups"]] == ["<security_group:rds>"]
    assert database["MasterUserSecret"]["KmsKeyId"] == KEY_ARN
    (secret,) = (data for data in whole_account.values() if data.get("OwningService") == "rds")
    assert secret["KmsKeyId"] == KEY_ARN


def test_cache(of_type, client, wanted):
    found = of_type("elasticache_replication_group")
    if not wanted.has_stores:
        assert found == {}
        return
    (cache,) = found.values()
    expected = {
        "ReplicationGroupId": "wealist-prod-redis",
        "Engine": "redis",
        "CacheNodeType": "cache.t4g.small",
        "Status": "available",
        "MemberClusters": ["wealist-prod-redis-001"],
        "ClusterEnabled": False,
        "AtRestEncryptionEnabled": True,
        "TransitEncryptionEnabled": True,
        "AuthTokenEnabled": True,
        "KmsKeyId": KEY_ARN,
    }
    assert {name: cache.get(name) for name in expected} == expected
    (node,) = client("elasticache").describe_cache_clusters(CacheClusterId="wealist-prod-redis-001")["CacheClusters"]
    assert node["EngineVersion"].startswith("7.1")


def test_redis_secret_is_the_bare_token(client, of_type, wanted):
    if not wanted.has_stores:
        assert of_type("secretsmanager_secret") == {}
        return
    assert of_type("secretsmanager_secret")["main"]["KmsKeyId"] == KEY_ARN
    # The assertions say nothing of the value, so that a failure shows none.
    token = client("secretsmanager").get_secret_value(SecretId="wealist-prod-redis-auth-token")["SecretString"]
    looks_right = 16 <= len(token) <= 128 and token[0] not in "{\"'" and token == token.strip()
    assert looks_right


# --- registry ---


def test_repositories(of_type, wanted, account_id):
    found = of_type("ecr_repository")
    assert {key: data["repositoryUri"] for key, data in found.items()} == {
        key: f"{account_id}.dkr.ecr.{REGION}.amazonaws.com/{name}" for key, name in wanted.repositories.items()
    }
    for key, repository in found.items():
        assert repository["imageTagMutability"] == "IMMUTABLE", key
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}, key
        rules = {rule["selection"]["tagStatus"]: rule["selection"] for rule in repository["lifecycle"]["rules"]}
        assert (rules["untagged"]["countType"], rules["untagged"]["countUnit"], rules["untagged"]["countNumber"]) == (
            "sinceImagePushed",
            "days",
            1,
        ), key
        assert (rules["any"]["countType"], rules["any"]["countNumber"]) == ("imageCountMoreThan", 50), key


# --- what is published ---


def expected_outputs(of_type, wanted, account_id: str) -> dict[str, str]:
    """{path: value}, ids as they are mentioned."""
    zones = [zone(letter) for letter in wanted.nat_zones]
    expected = {
        "vpc/id": "<vpc:main>",
        "vpc/cidr": wanted.cidr,
        "internet-gateway/id": "<internet_gateway:main>",
        "nat-gateways/ids": ",".join(f"<nat_gateway:{name}>" for name in zones),
        "nat-gateways/public-ips": ",".join(f"<elastic_ip:{name} ip>" for name in zones),
        "rds/subnet-group/name": wanted.data_name,
        "rds/subnet-group/id": wanted.data_name,
        "elasticache/subnet-group/name": wanted.data_name,
        "kms/key/id": "<kms_key:main>",
        "kms/key/arn": KEY_ARN,
    }
    expected.update({f"subnets/{tier}/ids": ",".join(places(wanted, tier)) for tier in wanted.subnets})
    expected.update({f"security-groups/{key.replace('_', '-')}/id": f"<security_group:{key}>" for key in wanted.rules})
    for key, path in (("logs", "s3/logs"), ("alb_logs", "s3/alb-logs"), ("backup", "s3/backup")):
        if key in wanted.buckets:
            expected[f"{path}/id"] = wanted.buckets[key].name
            if key != "alb_logs":
                expected[f"{path}/arn"] = f"arn:aws:s3:::{wanted.buckets[key].name}"
    if "storage" in wanted.buckets:
        expected["s3/storage/name"] = wanted.buckets["storage"].name
    if wanted.cluster:
        arn = f"arn:aws:ecs:{REGION}:{account_id}:cluster/{wanted.cluster['name']}"
        expected.update({"ecs/cluster/id": arn, "ecs/cluster/arn": arn, "ecs/cluster/name": wanted.cluster["name"]})
    if wanted.has_stores:
        expected["rds/endpoint"] = "<rds_instance:main host>:5432"
        expected["rds/master-user-secret/arn"] = "<secretsmanager_secret:rds!db-<uuid> arn>"
        expected["redis/endpoint"] = "<elasticache_replication_group:main host 1>"
        expected["redis/auth-token-secret/arn"] = "<secretsmanager_secret:main arn>"
    if wanted.repositories:
        urls = {key: f"{account_id}.dkr.ecr.{REGION}.amazonaws.com/{name}" for key, name in wanted.repositories.items()}
        expected["ecr/repository-urls"] = json.dumps(urls, sort_keys=True, separators=(",", ":"))
    return expected


def test_published_outputs_are_the_real_ids(of_type, wanted, account_id):
    found = {key: data["value"] for key, data in of_type("ssm_parameter").items()}
    assert found == expected_outputs(of_type, wanted, account_id)


def test_published_under_the_prefix(client, of_type, wanted):
    pages = client("ssm").get_paginator("get_parameters_by_path").paginate(Path=wanted.prefix, Recursive=True)
    found = {entry["Name"]: entry for page in pages for entry in page["Parameters"]}
    assert found.keys() == {f"{wanted.prefix}/{key}" for key in of_type("ssm_parameter") | of_type("ssm_manifest")}
    lists = {name.removeprefix(f"{wanted.prefix}/") for name, entry in found.items() if entry["Type"] == "StringList"}
    assert lists == {"nat-gateways/ids", "nat-gateways/public-ips", *(f"subnets/{tier}/ids" for tier in wanted.subnets)}
    subnets = client("ec2").describe_subnets(
        SubnetIds=found[f"{wanted.prefix}/subnets/private/ids"]["Value"].split(",")
    )["Subnets"]
    assert {subnet["VpcId"] for subnet in subnets} == {found[f"{wanted.prefix}/vpc/id"]["Value"]}


def test_terraform_state(client, of_type, wanted):
    body = client("s3").get_object(Bucket=wanted.state_bucket, Key=wanted.state_key)["Body"].read()
    state = json.loads(body)
    assert (state["version"], state["resources"]) == (4, [])
    parameters = client("ssm").get_paginator("get_parameters_by_path").paginate(Path=wanted.prefix, Recursive=True)
    published = {
        entry["Name"].removeprefix(f"{wanted.prefix}/"): entry["Value"]
        for page in parameters
        for entry in page["Parameters"]
    }
    outputs = state["outputs"]
    assert outputs["vpc_id"] == {"value": published["vpc/id"], "type": "string"}
    assert outputs["private_subnet_ids"]["value"] == published["subnets/private/ids"].split(",")
    assert outputs["private_subnet_ids"]["type"] == ["list", "string"]
    assert len(outputs) == len(published) - 1  # the manifest is no output
    digest = client("dynamodb").get_item(
        TableName=wanted.lock_table, Key={"LockID": {"S": f"{wanted.state_bucket}/{wanted.state_key}-md5"}}
    )["Item"]["Digest"]["S"]
    assert digest == hashlib.md5(body).hexdigest()
    lock = client("dynamodb").get_item(
        TableName=wanted.lock_table, Key={"LockID": {"S": f"{wanted.state_bucket}/{wanted.state_key}"}}
    )
    assert "Item" not in lock


def test_state_bucket_is_guarded(of_type, wanted):
    bucket = of_type("terraform_state_bucket")[wanted.state_bucket]
    assert bucket["versioning"] == "Enabled"
    assert set(bucket["public_access_block"].values()) == {True}
    assert bucket["encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] in (
        "AES256",
        "aws:kms",
    )
