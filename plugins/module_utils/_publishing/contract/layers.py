# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The layers, in the order in which they are built. Nothing else lists them: `make render` renews what is made of this.

Each has a role and a package in _layers/ of the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Layer:
    """One layer of a deployment."""

    name: str
    title: str
    """As headings and plays name it."""
    module: str
    """The module that builds it."""
    takes: Mapping[str, str] = field(default_factory=dict)
    """Outputs of other layers by the option that they fill. An inventory may set each of these options otherwise."""
    default: bool = True
    """Whether a deployment that does not name its layers has this one."""


LAYERS: tuple[Layer, ...] = (
    Layer("kms", "KMS", "kms_key"),
    Layer("network", "Network", "network", takes={"flow_logs_kms_key_arn": "kms_key_arn"}),
    Layer("storage", "Storage", "s3_buckets", takes={"kms_key_arn": "kms_key_arn"}),
    Layer("registry", "Registry", "ecr_repositories", takes={"kms_key_arn": "kms_key_arn"}, default=False),
    Layer("ecs", "ECS", "ecs_cluster", takes={"kms_key_arn": "kms_key_arn"}),
    Layer(
        "data",
        "Data",
        "data_stores",
        takes={
            "kms_key_arn": "kms_key_arn",
            "subnet_ids": "database_subnet_ids",
            "rds_security_group_ids": "rds_security_group_id",
            "redis_security_group_ids": "elasticache_security_group_id",
        },
    ),
)

LAYER_NAMES = tuple(layer.name for layer in LAYERS)
DEFAULT_LAYERS = tuple(layer.name for layer in LAYERS if layer.default)
