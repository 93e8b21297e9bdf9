"""No secret anywhere: runs at -vvvv with a log file, a fact cache and the diff on, searched for the tokens and the
password.
"""

from __future__ import annotations

import json

import pytest
import yaml
from support.emulator import Emulator
from support.playbook import run_playbook

CACHE = "acme-prod-redis"


@pytest.fixture(scope="module")
def emulator():
    with Emulator.start_own() as running:
        yield running


def playbook(folder, emulator):
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"ap-northeast-2{zone}")[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="data", Description="data", VpcId=vpc)["GroupId"]
    variables = {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "data_deployment": "acme-prod",
        "data_name": "acme-prod",
        "data_subnet_ids": subnets,
        "data_rds_enabled": True,
        "data_rds_security_group_ids": [group],
        "data_redis_enabled": True,
        "data_redis_security_group_ids": [group],
    }
    rotation = {"deployment": "acme-prod", "replication_group_id": CACHE}
    tasks = [
        {"ansible.builtin.import_role": {"name": "connectly.shared_infrastructure.data"}},
        {"connectly.shared_infrastructure.elasticache_auth_token_rotation": rotation, "register": "rotated"},
        {"ansible.builtin.debug": {"var": "rotated"}},
        {"ansible.builtin.set_fact": {"everything": "{{ __data_result }}", "cacheable": True}},
    ]
    path = folder / "play.yml"
    path.write_text(
        yaml.safe_dump(
            [{"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}]
        )
    )
    return path


def secrets(emulator):
    """Every version of every secret: two tokens and the password."""
    client = emulator.client("secretsmanager")
    for entry in client.list_secrets()["SecretList"]:
        for version in client.describe_secret(SecretId=entry["ARN"])["VersionIdsToStages"]:
            value = client.get_secret_value(SecretId=entry["ARN"], VersionId=version)["SecretString"]
            yield json.loads(value)["password"] if value.startswith("{") else value


def test_no_secret_in_output_log_or_fact_cache(emulator, tmp_path):
    path = playbook(tmp_path, emulator)
    settings = {
        "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache"),
    }
    result = run_playbook(path, None, "-vvvv", "--diff", env={**emulator.environment(), **settings})
    assert result.rc == 0, result.explain()
    values = list(secrets(emulator))
    assert sorted(map(len, values))[1:] == [64, 64]
    texts = {"stdout": result.stdout, "stderr": result.stderr, "log": (tmp_path / "log").read_text()}
    texts.update({item.name: item.read_text() for item in (tmp_path / "cache").iterdir()})
    assert len(texts) == 4 and all(CACHE in texts[name] for name in ("stdout", "log"))
    assert [(name, len(value)) for name, text in texts.items() for value in values if value in text] == []
