# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The argument spec of the network module, as its documentation describes it."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "vpc_cidr": {"type": "str"},
    "availability_zones": {"type": "list", "elements": "str"},
    "tiers": {
        "type": "list",
        "elements": "dict",
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "type": {"type": "str", "required": True, "choices": ["public", "private", "isolated"]},
            "subnets": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "availability_zone": {"type": "str", "required": True},
                    "cidr": {"type": "str", "required": True},
                },
            },
            "prefix_length": {"type": "int"},
            "index": {"type": "int"},
            "map_public_ip_on_launch": {"type": "bool", "default": False},
            "tags": {"type": "dict"},
        },
    },
    "nat_gateway_mode": {"type": "str", "choices": ["none", "single", "per_az"], "default": "single"},
    "retain_nat_addresses": {"type": "bool", "default": False},
    "s3_gateway_endpoint_enabled": {"type": "bool", "default": True},
    "gateway_endpoints": {"type": "list", "elements": "str", "default": []},
    "interface_endpoints": {"type": "list", "elements": "str", "default": []},
    "interface_endpoint_tier": {"type": "str", "default": "private"},
    "interface_endpoint_security_group_ids": {"type": "list", "elements": "str", "default": []},
    "interface_endpoint_private_dns_enabled": {"type": "bool", "default": True},
    "flow_logs_enabled": {"type": "bool", "default": False},
    "flow_logs_retention_days": {"type": "int", "default": 30},
    "flow_logs_traffic_type": {"type": "str", "choices": ["ALL", "ACCEPT", "REJECT"], "default": "ALL"},
    "flow_logs_kms_key_arn": {"type": "str", "no_log": False},
    "flow_logs_role_arn": {"type": "str"},
    "flow_logs_role_permissions_boundary_arn": {"type": "str"},
    "security_groups": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "key": {"type": "str", "required": True, "no_log": False},
            "description": {"type": "str"},
            "tags": {"type": "dict"},
            "rules": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "direction": {"type": "str", "choices": ["ingress", "egress"], "default": "ingress"},
                    "protocol": {"type": "str", "default": "tcp"},
                    "port": {"type": "int"},
                    "from_port": {"type": "int"},
                    "to_port": {"type": "int"},
                    "cidr_ipv4": {"type": "str"},
                    "cidr_ipv6": {"type": "str"},
                    "prefix_list_id": {"type": "str"},
                    "security_group": {"type": "str"},
                    "security_group_id": {"type": "str"},
                    "tier": {"type": "str"},
                    "self": {"type": "bool"},
                    "description": {"type": "str"},
                },
            },
        },
    },
    "security_group_rules_exclusive": {"type": "bool", "default": False},
    "routes_exclusive": {"type": "bool", "default": False},
}
SETTINGS: dict[str, Any] = {"required_if": [("state", "present", ["vpc_cidr", "availability_zones", "tiers"])]}
