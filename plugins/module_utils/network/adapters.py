# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapters of the network set, put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.adapter import Adapter
from ..engine.clients import Clients
from ..engine.identity import Scope
from ..iam.role import RoleAdapter
from ..logs.log_group import LogGroupAdapter
from .default_security_group import DefaultSecurityGroupAdapter
from .elastic_ip import ElasticIpAdapter
from .flow_log import FlowLogAdapter
from .internet_gateway import InternetGatewayAdapter
from .names import flow_logs_role_name, log_group_name
from .nat_gateway import NatGatewayAdapter
from .route import RouteAdapter
from .route_table import RouteTableAdapter
from .route_table_association import RouteTableAssociationAdapter
from .security_group import SecurityGroupAdapter
from .security_group_rule import SecurityGroupRuleAdapter
from .subnet import SubnetAdapter
from .vpc import VpcAdapter
from .vpc_endpoint import VpcEndpointAdapter


def adapters(clients: Clients, scope: Scope, params: Mapping[str, Any]) -> list[Adapter]:
    tables = RouteTableAdapter(clients, scope, routes_exclusive=params["routes_exclusive"])
    groups = SecurityGroupAdapter(clients, scope)
    return [
        VpcAdapter(clients, scope),
        SubnetAdapter(clients, scope),
        InternetGatewayAdapter(clients, scope),
        ElasticIpAdapter(clients, scope, retain=params["retain_nat_addresses"]),
        NatGatewayAdapter(clients, scope),
        tables,
        RouteAdapter(clients, scope, exclusive=params["routes_exclusive"]),
        RouteTableAssociationAdapter(clients, scope, tables),
        groups,
        DefaultSecurityGroupAdapter(clients, scope, groups),
        SecurityGroupRuleAdapter(clients, scope, exclusive=params["security_group_rules_exclusive"]),
        VpcEndpointAdapter(clients, scope),
        LogGroupAdapter(clients, scope, names=[log_group_name(params["name"])]),
        RoleAdapter(clients, scope, names=[flow_logs_role_name(params["name"], clients.region)]),
        FlowLogAdapter(clients, scope),
    ]
