"""Where a value was written, down to the entry of a list."""

from __future__ import annotations

import textwrap

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils import _origins
from ansible_collections.connectly.shared_infrastructure.plugins.plugin_utils._origins import (
    origin,
    place_of,
    with_places,
)

pytestmark = pytest.mark.skipif(_origins.Origin is None, reason="ansible-core remembers places since 2.19")

HOSTS = """
    network_name: acme
    network_tiers:
      - key: public
        type: public
      - key: private
        type: privat
        index: 1
        public: off
        subnets:
          - zone: a
    network_computed: "{{ [network_name] }}"
    network_days: 7
    network_enabled: no
    network_empty:
"""


@pytest.fixture
def inventory(tmp_path):
    path = tmp_path / "inventory" / "hosts.yml"
    path.parent.mkdir()
    path.write_text(textwrap.dedent(HOSTS).lstrip())
    return path


@pytest.fixture
def variables(inventory):
    return {**DataLoader().load_from_file(str(inventory)), "ansible_inventory_sources": [str(inventory)]}


@pytest.mark.parametrize(
    ("name", "path", "place"),
    [
        ("network_name", "", "1:15"),
        ("network_tiers", "", "3:3"),
        ("network_tiers", "[0]", "3:5"),
        ("network_tiers", "[1].type", "6:11"),
        ("network_tiers", "[1].index", "7:12"),
        ("network_tiers", "[1].public", "8:5"),  # a boolean does not remember its place, but its key does
        ("network_tiers", "[1].subnets[0].zone", "10:15"),
        ("network_tiers", "[1].subnets[0].cidr", "10:9"),  # what is missing: the entry that lacks it
        ("network_tiers", "[1].nothing[3].at_all", "5:5"),
        ("network_tiers", "[7].key", "3:3"),
        ("network_computed", "[0]", "11:19"),  # what a template makes: the template
        ("network_days", "", "12:15"),
        ("network_enabled", "", "13:1"),
        ("network_empty", "", "14:1"),
    ],
)
def test_the_place_of_a_value(inventory, variables, name, path, place):
    assert origin(name, path, variables, DataLoader()) == f"{inventory}:{place}"


def test_what_was_written_nowhere_has_no_place(variables):
    assert origin("network_vpc_cidr", "", variables, DataLoader()) == ""
    assert origin("set_by_a_task", "[0]", {**variables, "set_by_a_task": [1]}, DataLoader()) == ""


def test_a_boolean_is_looked_for_in_group_vars_as_well(inventory, variables):
    group = inventory.parent / "group_vars" / "all.yml"
    group.parent.mkdir()
    group.write_text("# first line\nkms_rotates: yes\n")
    other = inventory.parent / "elsewhere" / "x.yml"
    other.parent.mkdir()
    other.write_text("kms_other: yes\n")
    known = {**variables, "kms_rotates": True, "kms_other": True}
    assert origin("kms_rotates", "", known, DataLoader()) == f"{group}:2:1"
    assert origin("kms_rotates", "", {**known, "kms_rotates": False}, DataLoader()) == "", (
        "another value was set elsewhere"
    )
    assert origin("kms_other", "", known, DataLoader()) == "", "Ansible does not read that file"


def test_a_file_that_is_not_yaml_is_passed_over(inventory, variables):
    (inventory.parent / "group_vars").mkdir()
    (inventory.parent / "group_vars" / "all.yml").write_text("a: [\n")
    assert origin("kms_rotates", "", {**variables, "kms_rotates": True}, DataLoader()) == ""


def test_places_below_the_working_directory_are_relative(inventory, variables, monkeypatch):
    monkeypatch.chdir(inventory.parent.parent)
    assert origin("network_name", "", variables, DataLoader()) == "inventory/hosts.yml:1:15"
    monkeypatch.chdir(inventory.parent)
    assert place_of(variables["network_name"]) == "hosts.yml:1:15"


def test_places_of_findings_that_a_module_made(inventory, variables):
    text = "network_name is taken | no variable here | network_missing and network_tiers"
    assert with_places(text, variables, DataLoader()) == (
        f"network_name (set in {inventory}:1:15) is taken | no variable here | "
        f"network_missing and network_tiers (set in {inventory}:3:3)"
    )
