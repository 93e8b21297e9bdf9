# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The VPC's flow log.

AWS cannot change one, so its traffic type is part of its key: the new one starts before the old one ends.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ..._aws.errors import ClientError, error_code
from ..._aws.retrying import retried
from ..._engine.model import ApplyFailed, Existing, Resource
from .base import Ec2Adapter

ROLE_SECONDS = 120.0
"""For so long a new IAM role may be unknown to the service that is to assume it."""


class FlowLogAdapter(Ec2Adapter):
    type = "flow_log"
    after = ("log_group", "iam_role")  # it writes to the one as the other
    operation, result, id_field, tag_type = "describe_flow_logs", "FlowLogs", "FlowLogId", "vpc-flow-log"
    filter_argument = "Filter"
    id_pattern = "fl-{}"
    stands_in = ("vpc", "resource_id")
    delete_command = "ec2 delete-flow-logs --flow-log-ids {id}"
    fixed = dict.fromkeys(
        ("resource_id", "traffic_type", "log_group_name", "deliver_logs_permission_arn"),
        "AWS cannot change a flow log; turn flow logs off, run, and turn them on again",
    )

    def properties(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "resource_id": item["ResourceId"],
            "traffic_type": item["TrafficType"],
            "log_group_name": item.get("LogGroupName"),
            "deliver_logs_permission_arn": item.get("DeliverLogsPermissionArn"),
        }

    def attributes(self, item: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "deliver_logs_status": item.get("DeliverLogsStatus"),
            "deliver_logs_error": item.get("DeliverLogsErrorMessage"),
        }

    def create(self, wanted: Resource, tags: dict[str, str]) -> Existing:
        properties = wanted.properties
        token = str(uuid.uuid4())

        def call(client: Any) -> Existing:
            answer = client.create_flow_logs(
                ResourceIds=[properties["resource_id"]],
                ResourceType="VPC",
                TrafficType=properties["traffic_type"],
                LogDestinationType="cloud-watch-logs",
                LogGroupName=properties["log_group_name"],
                DeliverLogsPermissionArn=properties["deliver_logs_permission_arn"],
                ClientToken=token,
                TagSpecifications=self.tag_specifications(tags),
            )
            for item in answer.get("Unsuccessful", ()):
                raise ApplyFailed(
                    f"Failed to create flow_log {wanted.key}: {item['Error'].get('Message', item['Error'])}"
                )
            return Existing(self.type, wanted.key, answer["FlowLogIds"][0], dict(properties), tags=tags)

        return retried(lambda: self.create_exactly_one(wanted.key, call), _role_unknown, ROLE_SECONDS)

    def delete(self, existing: Existing) -> None:
        for item in self.ec2.delete_flow_logs(FlowLogIds=[existing.id]).get("Unsuccessful", ()):
            error = item.get("Error", {})
            if "NotFound" not in error.get("Code", ""):
                raise ApplyFailed(
                    f"Failed to delete flow_log {existing.key} ({existing.id}): {error.get('Message', error)}"
                )


def _role_unknown(error: Exception) -> bool:
    return isinstance(error, ClientError) and error_code(error) == "InvalidParameter" and "assume" in str(error)
