# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The adapters of the network layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._aws.clients import Clients
from ..._engine.adapter import Adapter
from ..._engine.identity import Scope
from ..._resources.ec2.default_security_group import DefaultSecurityGroupAdapter
from ..._resources.ec2.elastic_ip import ElasticIpAdapter
from ..._resources.ec2.flow_log import FlowLogAdapter
from ..._resources.ec2.internet_gateway import InternetGatewayAdapter
from ..._resources.ec2.nat_gateway import NatGatewayAdapter
from ..._resources.ec2.route import RouteAdapter
from ..._resources.ec2.route_table import RouteTableAdapter
from ..._resources.ec2.route_table_association import RouteTableAssociationAdapter
from ..._resources.ec2.security_group import SecurityGroupAdapter
from ..._resources.ec2.security_group_rule import SecurityGroupRuleAdapter
from ..._resources.ec2.subnet import SubnetAdapter
from ..._resources.ec2.vpc import VpcAdapter
from ..._resources.ec2.vpc_endpoint import VpcEndpointAdapter
from ..._resources.iam.role import RoleAdapter
from ..._resources.logs.log_group import LogGroupAdapter
from .names import flow_logs_role_name, log_group_name


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
        LogGroupAdapter(clients, scope, names=[log_group_name(params)]),
        RoleAdapter(clients, scope, names=[flow_logs_role_name(params)]),
        FlowLogAdapter(clients, scope),
    ]
