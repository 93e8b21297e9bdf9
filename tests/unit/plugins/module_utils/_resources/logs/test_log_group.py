"""The log group adapter against moto: what it makes, changes, refuses and deletes, read back through plain boto3."""

from __future__ import annotations

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import Existing, Resource
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.logs.log_group import (
    LogGroupAdapter,
)
from support.faults import Fault, drop_answer

KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SCOPE = Scope("acme", "ecs")


def adapter(account, **options):
    clients = Clients(
        lambda service, config: account.client(service, account.proxy.endpoint_url, config=config), account.region
    )
    return LogGroupAdapter(clients, SCOPE, **options)


def wanted(retention=30, key=None, name="/acme/exec"):
    return Resource(
        "log_group",
        "exec",
        {"log_group_name": name, "retention_in_days": retention, "kms_key_arn": key},
        {"Team": "platform"},
    )


def plan(account, *resources, remove=False, **options):
    one = adapter(account, **options)
    return one, make_plan([one], resources, {"log_group": one.observe(resources, {})}, remove=remove)


def create(account, resource):
    one = adapter(account)
    return one.create(resource, {**resource.tags, **SCOPE.tags(resource.key)})


def read(account):
    (group,) = account.client("logs").describe_log_groups()["logGroups"]
    return group


def test_create_and_find_again(account):
    account.client("logs").create_log_group(logGroupName="/acme/exec-other")  # the same prefix
    made = create(account, wanted(retention=365, key=KEY))
    group = next(
        group
        for group in account.client("logs").describe_log_groups()["logGroups"]
        if group["logGroupName"] == "/acme/exec"
    )
    assert (group["retentionInDays"], group["kmsKeyId"]) == (365, KEY)
    assert made.attributes == {"arn": group["arn"].removesuffix(":*"), "streams_arn": group["arn"]}
    tags = account.client("logs").list_tags_for_resource(resourceArn=made.attributes["arn"])["tags"]
    assert tags == {"Team": "platform", **SCOPE.tags("exec")}
    assert plan(account, wanted(retention=365, key=KEY))[1].actions == []


def test_a_lost_answer(account):
    fault = account.proxy.add(Fault("logs:CreateLogGroup", drop_answer(), times=1))
    create(account, wanted())
    assert fault.hits == 1 and read(account)["retentionInDays"] == 30


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (wanted(30), wanted(90), {"retention_in_days": 90}),
        (wanted(30), wanted(None), {"retention_in_days": None}),
    ],
)
def test_update_in_place(account, before, after, changed):
    create(account, before)
    one, made = plan(account, after)
    (action,) = made.changes
    assert (action.kind, action.after) == ("update", changed)
    one.update(after, action.existing, action.differences)
    assert plan(account, after)[1].actions == []


@pytest.mark.parametrize(
    ("before", "after", "call"),
    [
        (None, KEY, ("associate_kms_key", {"logGroupName": "/acme/exec", "kmsKeyId": KEY})),
        (KEY, None, ("disassociate_kms_key", {"logGroupName": "/acme/exec"})),
    ],
)
def test_the_key_changes_in_place(before, after, call):
    """Against a stand-in for the client: moto has neither call."""
    calls = []

    class Client:
        def __getattr__(self, name):
            return lambda **arguments: calls.append((name, arguments))

    one = LogGroupAdapter(Clients(lambda service, config: Client()), SCOPE)
    existing = Existing("log_group", "exec", "/acme/exec", dict(wanted(key=before).properties), SCOPE.tags("exec"))
    one.update(wanted(key=after), existing, one.differences(wanted(key=after), existing))
    assert calls == [call] and existing.properties["kms_key_arn"] == after


def test_a_name_that_is_taken_is_refused(account):
    account.client("logs").create_log_group(logGroupName="/acme/exec", tags=Scope("wealist", "ecs").tags("exec"))
    (action,) = plan(account, wanted())[1].actions
    assert action.kind == "refuse" and "it belongs to deployment wealist, layer ecs; not taken over" in action.reason
    assert plan(account, names=["/acme/exec"])[1].actions == [], "what is not wanted and not ours is nobody's business"


def test_an_undeclared_group_is_kept_and_an_absent_one_deleted(account):
    create(account, wanted())
    (kept,) = plan(account, names=["/acme/exec"])[1].actions
    assert kept.kind == "report"
    one, made = plan(account, names=["/acme/exec"], remove=True)
    assert [action.kind for action in made.actions] == ["delete"]
    one.delete(Existing("log_group", "exec", "/acme/exec"))
    assert account.client("logs").describe_log_groups()["logGroups"] == []


def test_tags_are_added_and_others_kept(account):
    one = adapter(account)
    made = create(account, wanted())
    one.set_tags(made, {"Team": "other"})
    assert account.client("logs").list_tags_for_resource(resourceArn=made.attributes["arn"])["tags"] == {
        "Team": "other",
        **SCOPE.tags("exec"),
    }
