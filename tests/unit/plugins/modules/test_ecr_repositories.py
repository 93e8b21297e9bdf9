"""The story of a deployment's repositories: planned, made, found again, changed, refused, repaired and deleted, read
through plain boto3.
"""

from __future__ import annotations

import hashlib
import json

import pytest
from support.faults import Fault, answer_error, drop_answer, match
from support.module import ModuleFailed, run_module
from support.playbook import PlaybookRun
from support.proxy import RecordingProxy

KEY_ARN = "arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
API, WEB = {"name": "api"}, {"name": "web", "key": "site", "tags": {"Team": "web"}}
OPTIONS = {
    "deployment": "acme-prod",
    "prefix": "prod/",
    "tags": {"Team": "platform", "Project": "acme"},
    "repositories": [API, WEB],
}


@pytest.fixture
def account(emulator):
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        emulator.proxy = proxy
        emulator.ecr = emulator.client("ecr")
        yield emulator


def run(account, check=False, **options):
    return run_module("ecr_repositories", {**OPTIONS, **options}, account.proxy.endpoint_url, check=check)


def repositories(account):
    return {entry["repositoryName"]: entry for entry in account.ecr.describe_repositories()["repositories"]}


def tags(account, name):
    arn = repositories(account)[name]["repositoryArn"]
    return {tag["Key"]: tag["Value"] for tag in account.ecr.list_tags_for_resource(resourceArn=arn)["tags"]}


def lifecycle(account, name):
    rules = json.loads(account.ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
    return [(rule["rulePriority"], rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) for rule in rules]


def statements(account, name):
    return {
        item["Sid"]: item
        for item in json.loads(account.ecr.get_repository_policy(repositoryName=name)["policyText"])["Statement"]
    }


def push(account, name):
    layer = {
        "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "size": 1,
        "digest": "sha256:" + hashlib.sha256(b"x").hexdigest(),
    }
    media_type = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": {**layer, "mediaType": "application/vnd.docker.container.image.v1+json"},
        "layers": [layer],
    }
    account.ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="1")


def test_story(account):
    planned = run(account, check=True)
    assert planned["changed"] and account.proxy.writes() == [] and repositories(account) == {}

    made = run(account)
    uris = {name: entry["repositoryUri"] for name, entry in repositories(account).items()}
    assert made["outputs"] == {"ecr_repository_urls": {"api": uris["prod/api"], "site": uris["prod/web"]}}
    assert uris["prod/api"].endswith(".dkr.ecr.ap-northeast-2.amazonaws.com/prod/api")
    assert [(item["action"], item["key"]) for item in made["actions"]] == [
        (item["action"], item["key"]) for item in planned["actions"]
    ]

    account.proxy.clear()
    assert not run(account)["changed"] and account.proxy.writes() == []
    assert len(account.proxy.calls) == 1 + 3 * 2, (
        "a converged run: one list, and tags and two policies for each repository"
    )
    assert not run(account, check=True)["changed"]

    change = {
        "image_tag_mutability": "MUTABLE",
        "scan_on_push": False,
        "keep_newest": 10,
        "pull_account_ids": ["210987654321"],
    }
    account.proxy.clear()
    changed = run(account, **change)
    assert {item["key"]: set(item["after"]) for item in changed["actions"]} == {
        key: {"image_tag_mutability", "scan_on_push", "lifecycle_rules", "policy"} for key in ("api", "site")
    }
    assert len(account.proxy.writes()) == 8
    assert repositories(account)["prod/api"]["imageTagMutability"] == "MUTABLE" and lifecycle(account, "prod/api")[
        1
    ] == (2, "any", 10)
    assert not run(account, **change)["changed"]

    run(account, untagged_days=0, keep_newest=0)
    for call in (account.ecr.get_lifecycle_policy, account.ecr.get_repository_policy):
        with pytest.raises(account.ecr.exceptions.ClientError, match="PolicyNotFoundException"):
            call(repositoryName="prod/api")
    assert not run(account, untagged_days=0, keep_newest=0)["changed"]

    push(account, "prod/api")
    with pytest.raises(ModuleFailed, match=r"ecr_repository api \(prod/api\): the repository holds 1 images"):
        run(account, state="absent")
    assert len(repositories(account)) == 2
    account.ecr.batch_delete_image(repositoryName="prod/api", imageIds=[{"imageTag": "1"}])
    assert run(account, state="absent")["changed"] and repositories(account) == {}
    assert not run(account, state="absent")["changed"]


def test_what_a_new_repository_looks_like(account):
    web = {
        **WEB,
        "image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION",
        "image_tag_mutability_exclusion_filters": ["latest", "dev-*"],
    }
    web.update(
        encryption_type="KMS", kms_key_arn=KEY_ARN, pull_account_ids=["210987654321", "123456789012"], untagged_days=3
    )
    options = {"repositories": [API, web]}
    run(account, **options)
    api, site = repositories(account)["prod/api"], repositories(account)["prod/web"]
    assert api["imageTagMutability"] == "IMMUTABLE" and api["imageScanningConfiguration"] == {"scanOnPush": True}
    assert api["encryptionConfiguration"] == {"encryptionType": "AES256"}
    assert lifecycle(account, "prod/api") == [(1, "untagged", 1), (2, "any", 50)]
    assert site["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": KEY_ARN}
    assert site["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert {item["filter"] for item in site["imageTagMutabilityExclusionFilters"]} == {"latest", "dev-*"}
    assert lifecycle(account, "prod/web") == [(1, "untagged", 3), (2, "any", 50)]
    pull = statements(account, "prod/web")["SharedInfrastructurePull"]
    assert pull["Principal"] == {"AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::210987654321:root"]}
    assert "ecr:BatchGetImage" in pull["Action"] and not any("Put" in action for action in pull["Action"])
    assert tags(account, "prod/web") == {
        "Name": "prod/web",
        "Team": "web",
        "Project": "acme",
        "connectly:deployment": "acme-prod",
        "connectly:layer": "registry",
        "connectly:key": "site",
    }
    assert not run(account, **options)["changed"]


FOREIGN_STATEMENT = {
    "Sid": "Other",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": ["ecr:DescribeImages"],
}


def foreign_rule(priority, **selection):
    return {
        "rulePriority": priority,
        "selection": {"countType": "imageCountMoreThan", "countNumber": 5, **selection},
        "action": {"type": "expire"},
    }


def put_lifecycle(account, *rules):
    account.ecr.put_lifecycle_policy(repositoryName="prod/api", lifecyclePolicyText=json.dumps({"rules": list(rules)}))


def test_what_others_added_is_reported_and_kept(account):
    run(account)
    account.ecr.set_repository_policy(
        repositoryName="prod/api", policyText=json.dumps({"Version": "2012-10-17", "Statement": [FOREIGN_STATEMENT]})
    )
    ours = json.loads(account.ecr.get_lifecycle_policy(repositoryName="prod/api")["lifecyclePolicyText"])["rules"]
    put_lifecycle(
        account,
        {**ours[0], "rulePriority": 3},
        foreign_rule(1, tagStatus="tagged", tagPrefixList=["pr"]),
        {**ours[1], "rulePriority": 9},
    )
    account.ecr.tag_resource(
        resourceArn=repositories(account)["prod/api"]["repositoryArn"], tags=[{"Key": "Foreign", "Value": "1"}]
    )
    result = run(account)
    assert not result["changed"], "the same rules with other priorities are no difference"
    assert [(item["action"], item["key"]) for item in result["actions"]] == [
        ("report", "prod/api: policy statement Other"),
        ("report", "prod/api: lifecycle rule 1"),
    ]
    run(account, untagged_days=2, pull_account_ids=["210987654321"], tags={"Team": "new"})
    assert lifecycle(account, "prod/api") == [(1, "tagged", 5), (2, "untagged", 2), (3, "any", 50)]
    assert set(statements(account, "prod/api")) == {"Other", "SharedInfrastructurePull"}
    assert tags(account, "prod/api")["Foreign"] == "1" and tags(account, "prod/api")["Team"] == "new"
    exclusive = {"policy_exclusive": True, "lifecycle_exclusive": True}
    assert run(account, **exclusive)["changed"]
    assert lifecycle(account, "prod/api") == [(1, "untagged", 1), (2, "any", 50)]
    with pytest.raises(account.ecr.exceptions.RepositoryPolicyNotFoundException):
        statements(account, "prod/api")
    assert not run(account, **exclusive)["changed"]


def test_a_rule_of_others_for_all_images_is_refused(account):
    run(account)
    put_lifecycle(account, foreign_rule(1, tagStatus="any"))
    refused(account, "somebody else's rule 1 is for all images")
    assert run(account, keep_newest=0)["changed"] and not run(account, keep_newest=0)["changed"]


def refused(account, message, **options):
    account.proxy.clear()
    with pytest.raises(ModuleFailed, match=message) as failure:
        run(account, **options)
    assert account.proxy.writes() == [] and not failure.value.result["changed"]


def test_what_ecr_cannot_change_is_refused(account):
    run(account)
    refused(account, "encryption is .* ECR sets the encryption once", encryption_type="KMS")
    refused(account, "a repository cannot be renamed", repositories=[{"name": "new", "key": "api"}, WEB])
    refused(
        account,
        "prod/api.: exists, but it is the repository api of this deployment",
        repositories=[{"name": "api", "key": "other"}],
    )


def test_kms_without_a_key_of_ours_is_converged(account):
    run(account, encryption_type="KMS")
    assert not run(account, encryption_type="KMS")["changed"]


def test_a_repository_of_somebody_else_is_refused(account):
    account.ecr.create_repository(repositoryName="prod/api")
    refused(account, "prod/api.: exists, but it carries no connectly:deployment tag; not taken over")


def test_two_deployments_do_not_see_each_other(account):
    run(account)
    assert run(account, deployment="acme-dev", prefix="dev/")["summary"] == {
        "create": 2,
        "update": 0,
        "delete": 0,
        "refuse": 0,
        "report": 0,
    }
    assert run(account, deployment="acme-dev", state="absent")["summary"]["delete"] == 2
    assert set(repositories(account)) == {"prod/api", "prod/web"}
    refused(account, "exists, but it belongs to deployment acme-prod, layer registry", deployment="acme-dev")


def test_an_undeclared_repository_is_reported_and_kept(account):
    run(account)
    result = run(account, repositories=[API])
    assert not result["changed"] and [(item["action"], item["key"]) for item in result["actions"]] == [
        ("report", "site")
    ]
    assert list(result["outputs"]["ecr_repository_urls"]) == ["api"]
    assert run(account, repositories=[])["outputs"] == {}


def test_a_repository_whose_tags_others_hide_is_not_ours(account):
    account.ecr.create_repository(repositoryName="theirs")
    hidden = match("ecr", "ListTagsForResource", where=lambda call: call.params["resourceArn"].endswith("/theirs"))
    account.proxy.add(Fault(hidden, answer_error("AccessDeniedException"), times=None))
    assert run(account)["changed"] and not run(account)["changed"]
    run(account, state="absent")
    assert set(repositories(account)) == {"theirs"}


def test_a_wanted_repository_whose_tags_others_hide_is_an_error(account):
    account.ecr.create_repository(repositoryName="prod/api")
    account.proxy.add(Fault("ecr:ListTagsForResource", answer_error("AccessDeniedException"), times=None))
    with pytest.raises(ModuleFailed, match="AccessDeniedException"):
        run(account)
    assert account.proxy.writes() == []


def test_a_lost_answer_makes_the_repository_ours(account):
    account.proxy.add(Fault(match("ecr", "CreateRepository"), drop_answer()))
    run(account)
    assert not run(account)["changed"]


def test_a_name_that_somebody_takes_meanwhile_fails_in_one_line(account):
    account.proxy.add(Fault(match("ecr", "CreateRepository"), answer_error("RepositoryAlreadyExistsException", 400)))
    with pytest.raises(ModuleFailed, match="prod/api: somebody else has made one of this name meanwhile") as failure:
        run(account)
    assert [item["status"] for item in failure.value.result["actions"]] == ["failed", "not_tried"]


PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  roles:
    - connectly.shared_infrastructure.registry
"""


def test_a_run_killed_right_after_a_repository_was_created_is_taken_up_by_the_next(account, tmp_path):
    playbook = tmp_path / "registry.yml"
    playbook.write_text(PLAYBOOK)
    variables = {f"registry_{name}": value for name, value in OPTIONS.items()}

    def playbook_run():
        return PlaybookRun(playbook, None, extra_vars=variables, env=account.environment(account.proxy.endpoint_url))

    killed = playbook_run()
    account.proxy.on_write(1, killed.kill)
    assert killed.start().wait().rc == -9
    account.proxy.wait_idle()
    assert set(repositories(account)) == {"prod/api"}
    result = playbook_run().start().wait().assert_ok()
    assert [(item["action"], item["key"]) for item in result.actions()] == [("update", "api"), ("create", "site")]
    assert lifecycle(account, "prod/api") == lifecycle(account, "prod/web") and not run(account)["changed"]


def test_bad_input_is_one_line_and_asks_nothing(account):
    with pytest.raises(
        ModuleFailed, match=r"repositories\[0\].name is 'prod/Api'; the prefix and the name together"
    ) as failure:
        run(account, repositories=[{"name": "Api"}])
    assert "\n" not in failure.value.result["msg"] and account.proxy.calls == []
