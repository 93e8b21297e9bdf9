"""No secret anywhere: the Redis token and the database password are in Secrets Manager, and in nothing that a run
leaves or shows.
"""

from __future__ import annotations

import base64
import json
import urllib.parse

import pytest

# The layers that secrets could pass through; registry and storage know none.
LAYERS = {"shared_infrastructure_layers": ["kms", "network", "data"]}
ROTATE = [
    {
        "hosts": "shared_infrastructure",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Rotate",
                "connectly.shared_infrastructure.elasticache_auth_token_rotation": {
                    "deployment": "wealist-prod",
                    "replication_group_id": "wealist-prod-redis",
                    "region": "ap-northeast-2",
                },
                "register": "rotated",
            },
            {
                "name": "Keep what it returned as a fact",
                "ansible.builtin.set_fact": {"kept": "{{ rotated }}", "cacheable": True},
            },
        ],
    }
]


class Traces:
    """Everything that runs at the highest verbosity leave behind: outputs, task results, log file, fact cache."""

    def __init__(self, site, folder):
        self.site = site
        self.folder = folder
        self.environment = {
            "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
            "ANSIBLE_KEEP_REMOTE_FILES": "1",
            "ANSIBLE_LOCAL_TEMP": str(folder / "local"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "remote"),
            "ANSIBLE_DEBUG": "1",
        }
        self.runs = []

    def run(self, *arguments, **options):
        result = self.site.run(*arguments, "-vvvv", "--diff", env=self.environment, **options).assert_ok()
        self.runs.append(result)
        return result

    def texts(self) -> dict[str, str]:
        """{where: what stands there}."""
        found = {}
        for number, run in enumerate(self.runs):
            found[f"stdout of run {number}"] = run.stdout
            found[f"stderr of run {number}"] = run.stderr
            found[f"task results of run {number}"] = json.dumps([task.result for task in run.tasks], default=str)
        for path in self.folder.rglob("*"):
            if path.is_file():
                found[str(path)] = path.read_bytes().decode("utf-8", "replace")
        return found


@pytest.fixture(scope="module")
def traces(site, tmp_path_factory):
    """wealist's prod built, planned, run again, and its token rotated, all as talkative as can be."""
    folder = tmp_path_factory.mktemp("traces")
    (folder / "facts").mkdir()
    left = Traces(site, folder)
    left.run("site.yml", "wealist_prod", extra_vars=LAYERS)
    left.first = secrets_of(site)
    playbook = tmp_path_factory.mktemp("playbook") / "rotate.yml"
    playbook.write_text(json.dumps(ROTATE))
    left.run(playbook, "wealist_prod")
    left.run("site.yml", "wealist_prod", "--tags", "data", extra_vars=LAYERS)
    return left


def secrets_of(site) -> dict[str, str]:
    """{what: the secret itself}, read from Secrets Manager."""
    client = site.client("secretsmanager")
    found = {}
    for secret in client.list_secrets()["SecretList"]:
        value = client.get_secret_value(SecretId=secret["ARN"])["SecretString"]
        found[secret["Name"]] = json.loads(value)["password"] if value.startswith("{") else value
    return found


def spellings(secret: str) -> set[str]:
    """The secret as it is, and as JSON, URLs, forms and base64 would hold it."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        urllib.parse.quote_plus(secret),
        base64.b64encode(secret.encode()).decode(),
    }


def test_there_are_secrets_to_look_for(site, traces):
    before, now = traces.first, secrets_of(site)
    assert set(before) == set(now) and len(now) == 2
    # Nine characters are what moto gives a database.
    assert all(len(secret) >= 9 for secret in (*before.values(), *now.values()))
    assert now["wealist-prod-redis-auth-token"] != before["wealist-prod-redis-auth-token"], (
        "the rotation made no new token"
    )


def test_no_run_shows_or_keeps_a_secret(site, traces):
    texts = traces.texts()
    assert any("ansible.log" in name for name in texts) and any("/facts/" in name for name in texts)
    log = next(text for name, text in texts.items() if name.endswith("ansible.log"))
    assert "Databases and caches" in log
    leaks = [
        f"{what} in {where}"
        for secrets in (traces.first, secrets_of(site))
        for what, secret in secrets.items()
        for where, text in texts.items()
        if any(spelling in text for spelling in spellings(secret))
    ]
    assert not leaks


def test_nothing_that_is_published_holds_a_secret(site, traces):
    ssm, s3 = site.client("ssm"), site.client("s3")
    published = {}
    for page in ssm.get_paginator("describe_parameters").paginate():
        for entry in page["Parameters"]:
            published[entry["Name"]] = ssm.get_parameter(Name=entry["Name"], WithDecryption=True)["Parameter"][
                "Value"
            ] + str(entry)
    for bucket in s3.list_buckets()["Buckets"]:
        for version in s3.list_object_versions(Bucket=bucket["Name"]).get("Versions", []):
            body = (
                s3.get_object(Bucket=bucket["Name"], Key=version["Key"], VersionId=version["VersionId"])["Body"]
                .read()
                .decode()
            )
            published[f"s3://{bucket['Name']}/{version['Key']}"] = body
    assert "/wealist/prod/redis/auth-token-secret/arn" in published
    assert any(name.endswith("terraform.tfstate") for name in published)
    tags = json.dumps(site.snapshot(), default=str)
    for secrets in (traces.first, secrets_of(site)):
        for what, secret in secrets.items():
            for spelling in spellings(secret):
                assert not [name for name, text in published.items() if spelling in text], what
                assert spelling not in tags, what


def test_the_recorded_calls_hide_them_as_well(site, traces):
    """A guard for the tests themselves: what the proxy recorded may end up in a failure message."""
    recorded = "\n".join(str(call.params) for call in site.proxy.calls)
    assert not [what for what, secret in secrets_of(site).items() if secret in recorded]
