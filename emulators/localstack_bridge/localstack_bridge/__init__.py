"""LocalStack providers for services that its open edition lacks, served by the moto backends in the same process.

One process and one set of moto backends: RDS sees the subnets that were made through LocalStack's EC2. Each service named in
pyproject.toml's entry points gets a provider whose every operation goes to moto, except those in OVERRIDES.
"""

from __future__ import annotations

from types import SimpleNamespace

from localstack.services.plugins import Service, aws_provider

SERVICES = (
    "apigatewayv2",
    "application-autoscaling",
    "backup",
    "budgets",
    "cloudtrail",
    "ecr",
    "ecs",
    "eks",
    "elasticache",
    "elbv2",
    "rds",
    "servicediscovery",
    "wafv2",
)


def moto_provider(api: str, name: str = "default"):
    """A provider plugin for one service; its imports are lazy, since it runs on the first request to the service."""

    def create() -> Service:
        from localstack.aws.skeleton import Skeleton
        from localstack.aws.spec import load_service
        from localstack.services.moto import dispatch_to_moto

        share_kms_keys()
        model = load_service(api)

        def to_moto(context, _request):
            return dispatch_to_moto(context)

        operations = {operation: OVERRIDES.get((api, operation), to_moto) for operation in model.operation_names}
        return Service(api, skeleton=Skeleton(model, operations))

    return aws_provider(api=api, name=name)(create)


def share_kms_keys() -> None:
    """Let moto's services (RDS master secrets, say) resolve the keys of LocalStack's own KMS."""
    from localstack.services.kms.models import kms_stores
    from moto.kms.models import KmsBackend

    original = KmsBackend.describe_key
    if getattr(original, "reads_localstack", False):
        return

    def describe_key(self, key_id):
        found = kms_stores[self.account_id][self.region_name].keys.get(key_id.split("/")[-1])
        if found:
            return SimpleNamespace(id=found.metadata["KeyId"], arn=found.metadata["Arn"])
        return original(self, key_id)

    describe_key.reads_localstack = True
    KmsBackend.describe_key = describe_key


def modify_replication_group(context, request):
    """ModifyReplicationGroup: moto has it from 5.2 on, LocalStack's moto-ext 5.1.54 does not."""
    from localstack.aws.api import CommonServiceException
    from moto.elasticache.models import elasticache_backends

    attributes = {
        "ReplicationGroupDescription": "description",
        "CacheNodeType": "cache_node_type",
        "EngineVersion": "engine_version",
        "SnapshotRetentionLimit": "snapshot_retention_limit",
        "SnapshotWindow": "snapshot_window",
    }
    identifier = request["ReplicationGroupId"]
    group = elasticache_backends[context.account_id][context.region].replication_groups.get(identifier)
    if group is None:
        raise CommonServiceException(
            "ReplicationGroupNotFoundFault", f"Replication group {identifier} not found.", status_code=404, sender_fault=True
        )
    for member, attribute in attributes.items():
        if member in request:
            setattr(group, attribute, request[member])
    described = call_moto_as(context, "DescribeReplicationGroups", {"ReplicationGroupId": identifier})
    return {"ReplicationGroup": described["ReplicationGroups"][0]}


def call_moto_as(context, action: str, parameters: dict):
    """Another operation of the same service, as the same caller."""
    from localstack.aws.forwarder import create_aws_request_context
    from localstack.services.moto import call_moto

    own_context = create_aws_request_context(
        service_name=context.service.service_name, action=action, parameters=parameters, region=context.region
    )
    headers = context.request.headers.copy()  # they carry the signature and the account id
    headers.update(own_context.request.headers)
    own_context.request.headers = headers
    return call_moto(own_context)


OVERRIDES = {("elasticache", "ModifyReplicationGroup"): modify_replication_group}

# The entry points look these names up.
for service in SERVICES:
    globals()[service.replace("-", "_")] = moto_provider(service)
# moto's tables instead of LocalStack's, which download a Java program (PROVIDER_OVERRIDE_DYNAMODB=moto).
dynamodb_moto = moto_provider("dynamodb", "moto")
