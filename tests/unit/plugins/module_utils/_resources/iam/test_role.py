"""The IAM role adapter against moto: what it makes, changes, refuses and deletes, read back through plain boto3."""

from __future__ import annotations

import json

import pytest
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._aws.clients import Clients
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.identity import Scope
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.model import Resource
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._engine.plan import make_plan
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._resources.iam.role import RoleAdapter
from support.faults import Fault, drop_answer

SCOPE = Scope("acme", "network")


def trust(service="ecs"):
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy(action="logs:PutLogEvents"):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]}


def wanted(**properties):
    defaults = {
        "role_name": "acme-writer",
        "description": "writes",
        "assume_role_policy": trust(),
        "inline_policies": {"write": policy()},
    }
    return Resource("iam_role", "writer", {**defaults, **properties}, {"Team": "platform"})


def adapter(account, **options):
    clients = Clients(
        lambda service, config: account.client(service, account.proxy.endpoint_url, config=config), account.region
    )
    return RoleAdapter(clients, SCOPE, **options)


def plan(account, *resources, remove=False, **options):
    one = adapter(account, **options)
    return one, make_plan([one], resources, {"iam_role": one.observe(resources, {})}, remove=remove)


def create(account, resource=None):
    resource = resource or wanted()
    return adapter(account).create(resource, {**resource.tags, **SCOPE.tags(resource.key)})


def test_create_and_find_again(account):
    fault = account.proxy.add(Fault("iam:CreateRole", drop_answer(), times=1))
    made = create(account)
    assert fault.hits == 1
    iam = account.client("iam")
    role = iam.get_role(RoleName="acme-writer")["Role"]
    assert made.attributes == {"arn": role["Arn"]}
    assert (role["AssumeRolePolicyDocument"], role["Description"]) == (trust(), "writes")
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {"Team": "platform", **SCOPE.tags("writer")}
    assert iam.get_role_policy(RoleName="acme-writer", PolicyName="write")["PolicyDocument"] == policy()
    account.proxy.clear()
    assert plan(account, wanted())[1].actions == [] and len(account.proxy.calls) == 2


@pytest.mark.parametrize(
    "change",
    [{"description": "reads"}, {"assume_role_policy": trust("ec2")}, {"inline_policies": {"write": policy("logs:*")}}],
)
def test_update_in_place(account, change):
    create(account)
    one, made = plan(account, wanted(**change))
    (action,) = made.changes
    assert (action.kind, action.after) == ("update", change)
    one.update(wanted(**change), action.existing, action.differences)
    assert plan(account, wanted(**change))[1].actions == []


def test_a_policy_that_a_killed_run_did_not_write_follows(account):
    create(account)
    account.client("iam").delete_role_policy(RoleName="acme-writer", PolicyName="write")
    one, made = plan(account, wanted())
    (action,) = made.changes
    one.update(wanted(), action.existing, action.differences)
    assert plan(account, wanted())[1].actions == []


def test_policies_of_others_are_left_alone(account):
    create(account)
    account.client("iam").put_role_policy(
        RoleName="acme-writer", PolicyName="theirs", PolicyDocument=json.dumps(policy("s3:*"))
    )
    assert plan(account, wanted())[1].actions == []


def test_a_name_that_is_taken_is_refused(account):
    account.client("iam").create_role(RoleName="acme-writer", AssumeRolePolicyDocument=json.dumps(trust()))
    (action,) = plan(account, wanted())[1].actions
    assert action.kind == "refuse" and "acme-writer exists, but it carries no connectly:deployment tag" in action.reason
    assert plan(account, names=["acme-writer"])[1].actions == []


def test_delete_with_inline_policies_unless_others_attached_some(account):
    create(account)
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName="theirs", PolicyDocument=json.dumps(policy()))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="acme-writer", PolicyArn=arn)
    (action,) = plan(account, names=["acme-writer"])[1].actions
    assert action.kind == "refuse" and arn in action.reason
    iam.detach_role_policy(RoleName="acme-writer", PolicyArn=arn)
    one, made = plan(account, names=["acme-writer"])
    (action,) = made.actions
    assert action.kind == "delete"
    one.delete(action.existing)
    assert iam.list_roles()["Roles"] == []


BOUNDARY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}


@pytest.fixture
def boundary(account):
    return account.client("iam").create_policy(PolicyName="boundary", PolicyDocument=json.dumps(BOUNDARY))["Policy"][
        "Arn"
    ]


def boundary_of(account):
    return (
        account.client("iam")
        .get_role(RoleName="acme-writer")["Role"]
        .get("PermissionsBoundary", {})
        .get("PermissionsBoundaryArn")
    )


def test_a_role_is_made_inside_its_boundary(account, boundary):
    create(account, wanted(permissions_boundary_arn=boundary))
    assert boundary_of(account) == boundary
    assert account.proxy.count("iam", "PutRolePermissionsBoundary") == 0, (
        "a role must not exist without its boundary, not even for a moment"
    )
    assert plan(account, wanted(permissions_boundary_arn=boundary))[1].actions == []


def test_an_older_role_gets_its_boundary_before_anything_else(account, boundary):
    create(account)
    account.proxy.clear()
    changed = wanted(
        permissions_boundary_arn=boundary, description="new", inline_policies={"write": policy("logs:CreateLogStream")}
    )
    one, made = plan(account, changed)
    (action,) = made.actions
    one.update(changed, action.existing, action.differences)
    assert boundary_of(account) == boundary
    assert [call.operation for call in account.proxy.writes()] == [
        "PutRolePermissionsBoundary",
        "UpdateRole",
        "PutRolePolicy",
    ]


def test_a_boundary_that_others_set_stays(account, boundary):
    create(account)
    account.client("iam").put_role_permissions_boundary(RoleName="acme-writer", PermissionsBoundary=boundary)
    assert plan(account, wanted())[1].actions == []
