"""A newer version of the collection published last: this one refuses to write, whatever the entry, and reads on."""

from __future__ import annotations

import pytest
import yaml
from helpers.inventories import dev_with
from helpers.site import empty_site, messages
from support.manifests import rewrite_manifest
from support.playbook import ROOT

PREFIX, BUCKET = "/connectly-shared/dev", "dev-connectly"
MANIFEST = f"{PREFIX}/manifest"
NEWER = "99.0.0"
VARIABLES = {
    "shared_infrastructure_layers": ["kms", "network", "data"],
    "shared_infrastructure_state_bucket": BUCKET,
    "shared_infrastructure_state_key": "connectly-shared/dev/terraform.tfstate",
    "data_redis_enabled": True,
}
ENTRIES = {
    "the site": ("site.yml",),
    "a layer alone": ("playbooks/network.yml",),
    "publishing": ("playbooks/publish.yml",),
    "a rotation": ("playbooks/rotate_redis_auth_token.yml",),
    "an unlock": ("playbooks/unlock.yml", "-e", "lock_id=9b76d0d7-ed29-af14-64bb-53d296c60eb7"),
}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return dev_with(tmp_path_factory.mktemp("inventories") / "dev", VARIABLES)


@pytest.fixture(scope="module")
def site(emulator, inventory):
    """A deployment of which the key is built, and whose manifest a newer version wrote."""
    with empty_site(emulator) as running:
        running.run("playbooks/kms.yml", inventory).assert_ok()
        rewrite_manifest(running.client("ssm"), PREFIX, collection_version=NEWER)
        yield running


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_an_older_version_would_write_is_refused_in_one_line(site, inventory, entry):
    playbook, *arguments = ENTRIES[entry]
    refused = site.run(playbook, inventory, *arguments)
    assert refused.rc != 0, f"rc 0; written: {site.writes()}"
    (message,) = messages(refused)
    assert f"Nothing was changed: {MANIFEST} was written by version {NEWER}" in message
    assert f"upgrade to {NEWER} or newer" in message and "\n" not in message
    assert not site.writes(), "\n".join(site.writes())


def test_readers_are_undisturbed(site, inventory, tmp_path):
    key_id = site.client("ssm").get_parameter(Name=f"{PREFIX}/kms/key/id")["Parameter"]["Value"]
    shown = site.run("playbooks/show_outputs.yml", inventory, "-e", "name=kms_key_id").assert_ok()
    assert shown.stdout.strip() == key_id

    lookup = f"lookup('connectly.shared_infrastructure.output', 'kms_key_id', prefix='{PREFIX}')"
    reads = [
        {"connectly.shared_infrastructure.ssm_outputs_info": {"prefix": PREFIX}, "register": "found"},
        {"ansible.builtin.assert": {"that": [f"found.outputs.kms_key_id == {lookup}", "found.consistent"]}},
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": reads}
    (tmp_path / "read.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    site.run(tmp_path / "read.yml", None).assert_ok()


def test_an_upgrade_takes_over(site, inventory):
    """The version that writes is in the manifest afterwards, also where no output changes, and nothing else is new."""
    rewrite_manifest(site.client("ssm"), PREFIX, collection_version="0.0.1")
    upgraded = site.run("playbooks/publish.yml", inventory).assert_ok()
    changes = [action for action in upgraded.actions() if action["status"] == "done"]
    assert [(action["type"], list(action["after"])) for action in changes] == [("ssm_manifest", ["collection_version"])]


def test_every_guard_reads_the_manifest():
    """So that an entry that comes later cannot leave it out."""
    tasks = [
        (path.name, task["connectly.shared_infrastructure.deployment_guard"])
        for path in sorted((ROOT / "playbooks").rglob("*.yml"))
        for play in yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(play, dict)
        for task in play.get("tasks", [])
        if "connectly.shared_infrastructure.deployment_guard" in task
    ]
    assert len(tasks) >= 2
    assert [name for name, options in tasks if "ssm_prefix" not in options] == []
