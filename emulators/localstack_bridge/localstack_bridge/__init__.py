"""LocalStack providers for services that its open edition lacks, served by the moto backends in the same process.

One process and one set of moto backends: RDS sees the subnets that were made through LocalStack's EC2. Each service
named in pyproject.toml's entry points gets a provider whose every operation goes to moto.
"""

from __future__ import annotations

from functools import cache
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
        extend_moto()
        model = load_service(api)

        def to_moto(context, _request):
            return dispatch_to_moto(context)

        return Service(api, skeleton=Skeleton(model, dict.fromkeys(model.operation_names, to_moto)))

    return aws_provider(api=api, name=name)(create)


@cache
def extend_moto() -> None:
    """Add what moto lacks, for the bridged services only:

    LocalStack's own patches of the others break on patched functions.
    """
    from moto_extensions import elasticache, rds  # from emulators/, which scripts/emulator.py puts on the path

    elasticache.apply()
    rds.apply()


@cache
def share_kms_keys() -> None:
    """Let moto's services (RDS master secrets, say) resolve the keys of LocalStack's own KMS."""
    from localstack.services.kms.models import kms_stores
    from moto.kms.models import KmsBackend

    original = KmsBackend.describe_key

    def describe_key(self, key_id):
        found = kms_stores[self.account_id][self.region_name].keys.get(key_id.split("/")[-1])
        if found:
            return SimpleNamespace(id=found.metadata["KeyId"], arn=found.metadata["Arn"])
        return original(self, key_id)

    KmsBackend.describe_key = describe_key


# The entry points look these names up.
for service in SERVICES:
    globals()[service.replace("-", "_")] = moto_provider(service)
# moto's tables instead of LocalStack's, which download a Java program (PROVIDER_OVERRIDE_DYNAMODB=moto).
dynamodb_moto = moto_provider("dynamodb", "moto")
