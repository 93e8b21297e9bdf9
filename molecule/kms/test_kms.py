"""The key as AWS has it."""

from __future__ import annotations


def statements(key: dict) -> dict[str, dict]:
    return {
        statement["Sid"].removeprefix("SharedInfrastructure"): statement for statement in key["policy"]["Statement"]
    }


def test_one_enabled_key_behind_the_alias(whole_account, of_type):
    (key,) = of_type("kms_key").values()
    assert (key["KeyState"], key["Description"]) == ("Enabled", "The key of the scenario")
    assert whole_account["kms_alias alias/molecule-kms"]["target"] == "<kms_key:main>"
    assert key["tags"]["Team"] == "molecule"


def test_rotation(of_type):
    rotation = of_type("kms_key")["main"]["rotation"]
    assert rotation["KeyRotationEnabled"]
    assert rotation.get("RotationPeriodInDays", 365) == 365  # moto does not report it


def test_policy_keeps_the_account_in(of_type, account_id):
    root = statements(of_type("kms_key")["main"])["Account"]
    assert (root["Effect"], root["Principal"], root["Action"]) == (
        "Allow",
        {"AWS": f"arn:aws:iam::{account_id}:root"},
        "kms:*",
    )


def test_policy_admits_the_services_and_no_others(of_type, account_id):
    found = statements(of_type("kms_key")["main"])
    assert found.keys() - {"Foreign"} == {"Account", "ViaServices", "ServiceGrants", "CloudWatchLogs"}
    for sid in ("ViaServices", "ServiceGrants"):
        assert found[sid]["Condition"]["StringEquals"] == {
            "kms:CallerAccount": account_id,
            "kms:ViaService": ["s3.ap-northeast-2.amazonaws.com"],
        }
    assert found["CloudWatchLogs"]["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:ap-northeast-2:{account_id}:*"},
    }


def test_a_statement_of_somebody_else_survived(of_type, plan):
    plan("converged")  # the side effects, which put it there, come before the second check
    assert statements(of_type("kms_key")["main"])["Foreign"]["Action"] == "kms:ListGrants"
