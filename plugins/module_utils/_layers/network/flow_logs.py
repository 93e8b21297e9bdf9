# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What VPC flow logs consist of: the log group, the role that writes to it, and the flow log itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.policies import document
from ..._engine.model import Reference, Resource
from .names import FLOW_LOGS, MAIN, flow_logs_role_name, log_group_name


def flow_log_resources(params: Mapping[str, Any], tags: Mapping[str, str]) -> list[Resource]:
    name = log_group_name(params)
    group = {
        "log_group_name": name,
        "retention_in_days": params["flow_logs_retention_days"],
        "kms_key_arn": params["flow_logs_kms_key_arn"],
    }
    result = [Resource("log_group", FLOW_LOGS, group, {**tags, "Name": name})]
    role_arn: Any = params["flow_logs_role_arn"]
    if not role_arn:
        role_arn = Reference("iam_role", FLOW_LOGS, "arn")
        result.append(_role(params, tags))
    traffic = params["flow_logs_traffic_type"]
    flow_log = {
        "resource_id": Reference("vpc", MAIN),
        "traffic_type": traffic,
        "log_group_name": Reference("log_group", FLOW_LOGS),
        "deliver_logs_permission_arn": role_arn,
    }
    return [*result, Resource("flow_log", f"vpc/{traffic.lower()}", flow_log, {**tags, "Name": params["name"]})]


def _role(params: Mapping[str, Any], tags: Mapping[str, str]) -> Resource:
    name = flow_logs_role_name(params)
    streams = [Reference("log_group", FLOW_LOGS, "arn"), Reference("log_group", FLOW_LOGS, "streams_arn")]
    properties: dict[str, Any] = {
        "role_name": name,
        "description": f"Writes the VPC flow logs of {params['name']}",
        "assume_role_policy": document(
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                # Against the confused deputy: only for flow logs of this account.
                "Condition": {"StringEquals": {"aws:SourceAccount": Reference("vpc", MAIN, "owner_id")}},
            }
        ),
        "inline_policies": {
            "flow-logs": document(
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    "Resource": streams,
                },
                # AWS knows no narrower resource for this action.
                {"Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": "*"},
            )
        },
    }
    if params.get("flow_logs_role_permissions_boundary_arn"):
        properties["permissions_boundary_arn"] = params["flow_logs_role_permissions_boundary_arn"]
    return Resource("iam_role", FLOW_LOGS, properties, {**tags, "Name": name})
