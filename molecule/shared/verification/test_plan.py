"""What check mode announced is what there is: run with every scenario's own tests."""

from __future__ import annotations

import os

# Planned, and in the reading a part of what carries their tags, or of the bucket that holds them.
PARTS = {
    "default_security_group",
    "kms_alias",
    "route",
    "route_table_association",
    "security_group_rule",
    "terraform_state",
}
# Read for the comparisons of scenarios alone (account.py).
READ_ONLY = {"cache_endpoint", "secret_versions"}


def test_check_on_the_empty_account_named_everything(plan, account):
    actions = plan("empty")
    assert {action["action"] for action in actions} == {"create"}
    announced = sorted(f"{action['type']} {action['key']}" for action in actions if action["type"] not in PARTS)
    present = sorted(
        name
        for name, data in account.items()
        if name.partition(" ")[0] not in READ_ONLY and not is_made_by_aws(name, data)
    )
    # Side effects leave what the product keeps (vars/main.yml: scenario_kept); the first verify comes before them.
    kept = os.environ["SCENARIO_KEPT"].split(",")
    assert [name for name in announced if name not in present] == []
    assert [name for name in present if name not in announced and name not in kept] == []
    assert len(present) == len(set(present))


def test_check_on_the_converged_account_found_nothing_to_do(plan):
    assert [action for action in plan("converged") if action["action"] != "report"] == []


def is_made_by_aws(name: str, data: dict) -> bool:
    """The secret of a database's master password comes with the database, and its tags with it."""
    return name.startswith("secretsmanager_secret ") and data.get("OwningService") == "rds"
