#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: network
version_added: 0.1.0
short_description: Manage the network of a deployment
description:
  - Manages the VPC of a deployment as one set, with subnets, internet and NAT gateways and their addresses, route
    tables, endpoints, flow logs, and security groups with their rules. The default security group is always emptied.
  - Everything is found by its identity tags, so that a run that was killed leaves no second VPC, gateway or address.
  - Nothing is ever replaced. What AWS cannot change in place (the CIDR of the VPC, the zone of a subnet) is refused
    before anything is done. A NAT gateway that failed is the exception.
  - Rules, routes and tags that others put on the set's resources are reported and left alone. A deletion that would
    destroy them, or that AWS would stop because something is in use, is refused and says what is in the way.
  - A default route to one of the set's gateways is taken for the set's own, and so is an untagged rule without a
    description that lets everything out, since AWS puts that one into every new group.
options:
  name:
    description:
      - The prefix of C(Name) tags and of the names of security groups, C(connectly-dev) for example.
      - It cannot change later, since AWS cannot rename security groups.
    type: str
    required: true
  vpc_cidr:
    description:
      - The CIDR of the VPC, C(/16) to C(/28). AWS cannot change it later, so a change is refused.
      - Required unless O(state=absent).
    type: str
  availability_zones:
    description:
      - The names of the zones, C(ap-northeast-2a) for example. Every tier has one subnet in each.
      - Zones can be added at any time, and touch nothing of the others.
      - Required unless O(state=absent).
    type: list
    elements: str
  tiers:
    description:
      - The tiers of subnets.
      - The tiers with the keys C(public), C(private) and C(database) are published as outputs; others can be had from
        C(resources).
    type: list
    elements: dict
    suboptions:
      key:
        description: The name of the tier, C(public), C(private), C(database) or any other.
        type: str
        required: true
      type:
        description:
          - V(public) has a route to the internet gateway, V(private) to a NAT gateway (where O(nat_gateway_mode) gives
            one), V(isolated) has no default route.
          - A V(private) tier has a route table for each zone whatever the NAT mode is, so that a change of the mode
            replaces routes and nothing else. The other types have one for the tier.
        type: str
        required: true
        choices:
          - public
          - private
          - isolated
      subnets:
        description: The CIDR for each zone of O(availability_zones). Without it they are computed from
          O(tiers[].prefix_length) and O(tiers[].index).
        type: list
        elements: dict
        suboptions:
          availability_zone:
            description: The zone.
            type: str
            required: true
          cidr:
            description: The CIDR of the subnet, inside the VPC's.
            type: str
            required: true
      prefix_length:
        description:
          - The prefix length of computed CIDRs, 22 for C(/22).
          - The VPC is cut into blocks of eight subnets of this length. The tier has the block with the number
            O(tiers[].index), and the zone's letter (a to h) is the place in the block. So a further zone or tier moves
            no other subnet.
        type: int
      index:
        description: 'The number of the tier''s block, from 0. It belongs to the tier: never renumber the others.'
        type: int
      map_public_ip_on_launch:
        description: Whether instances in a V(public) tier get a public address unless they ask for none. Load balancers
          and NAT gateways do not need it.
        type: bool
        default: false
      tags:
        description: Further tags of the subnets, C(kubernetes.io/role/elb) for the discovery by EKS and load balancers
          for example.
        type: dict
  nat_gateway_mode:
    description:
      - V(single) has one NAT gateway, in the zone whose name sorts first whatever the order here, V(per_az) one in
        each.
      - A change from one to the other keeps the first zone's gateway and its address.
    type: str
    choices:
      - none
      - single
      - per_az
    default: single
  retain_nat_addresses:
    description: Keep the addresses of NAT gateways that are no longer declared, for the day on which they come back.
      AWS charges for them; O(state=absent) releases them.
    type: bool
    default: false
  s3_gateway_endpoint_enabled:
    description: Whether S3 is reached through a gateway endpoint, which is free and saves NAT traffic. Route tables of
      V(isolated) tiers are left out.
    type: bool
    default: true
  gateway_endpoints:
    description: Further services with a gateway endpoint, V(dynamodb) or V(s3express).
    type: list
    elements: str
    default: []
  interface_endpoints:
    description: Services with an interface endpoint, by the part of their name after the region, V(ecr.api) for
      example.
    type: list
    elements: str
    default: []
  interface_endpoint_tier:
    description: The tier in whose subnets the interface endpoints are.
    type: str
    default: private
  interface_endpoint_security_group_ids:
    description: The security groups of the interface endpoints. Without any they get one of their own,
      C(vpc_endpoints), that lets HTTPS in from the VPC.
    type: list
    elements: str
    default: []
  interface_endpoint_private_dns_enabled:
    description: Whether the service's usual name leads to the interface endpoint inside the VPC.
    type: bool
    default: true
  flow_logs_enabled:
    description: Whether the VPC's traffic is logged, to an encrypted log group. When it is turned off, the log group
      and what it holds are kept.
    type: bool
    default: false
  flow_logs_retention_days:
    description: For how many days flow logs are kept. CloudWatch Logs allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180,
      365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653.
    type: int
    default: 30
  flow_logs_traffic_type:
    description: Which traffic is logged.
    type: str
    choices:
      - ALL
      - ACCEPT
      - REJECT
    default: ALL
  flow_logs_kms_key_arn:
    description: The ARN of the KMS key that encrypts the log group. Required with O(flow_logs_enabled=true). Its policy
      must allow CloudWatch Logs.
    type: str
  flow_logs_role_arn:
    description: The ARN of an existing role with which flow logs are delivered. Without it the set has one of its own.
    type: str
  flow_logs_role_permissions_boundary_arn:
    description:
      - The ARN of the managed policy that bounds the set's own role of flow logs. Without it the boundary is left as it
        is.
      - The policies that come with the collection demand
        V(arn:aws:iam::<account>:policy/shared-infrastructure-flow-logs-boundary).
    type: str
  security_groups:
    description:
      - The security groups and their rules.
      - The groups with the keys C(alb), C(ecs_tasks), C(rds) and C(elasticache) are published as outputs.
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: The key of the group. Its name is O(name), a dash, and the key with dashes.
        type: str
        required: true
      description:
        description: What the group is for. AWS cannot change it later, so a change is refused.
        type: str
      tags:
        description: Further tags of the group.
        type: dict
      rules:
        description:
          - The rules. The identity of a rule is its group, direction, protocol, ports and source; its description
            changes in place.
          - The egress rule that AWS puts into a new group is removed unless it is declared (protocol V(all) to
            C(0.0.0.0/0)).
        type: list
        elements: dict
        default: []
        suboptions:
          direction:
            description: Whether the rule lets traffic in or out.
            type: str
            choices:
              - ingress
              - egress
            default: ingress
          protocol:
            description: C(tcp), C(udp), C(icmp), C(icmpv6), C(all), or the number of a protocol in quotes.
            type: str
            default: tcp
          port:
            description: The port.
            type: int
          from_port:
            description: The first port, or the ICMP type.
            type: int
          to_port:
            description: The last port, or the ICMP code.
            type: int
          cidr_ipv4:
            description: 'An IPv4 network as the source (for egress: the destination). A rule has exactly one source.'
            type: str
          cidr_ipv6:
            description: An IPv6 network as the source.
            type: str
          prefix_list_id:
            description: The id of a prefix list as the source.
            type: str
          security_group:
            description: The key of a group of this set as the source.
            type: str
          security_group_id:
            description: The id of another security group as the source.
            type: str
          tier:
            description: 'The key of a tier as the source: one rule for each of its subnets'' CIDRs.'
            type: str
          self:
            description: The group itself as the source.
            type: bool
          description:
            description: What the rule is for.
            type: str
  security_group_rules_exclusive:
    description: Remove rules that others put into our security groups. Without it they are reported and left alone.
    type: bool
    default: false
  routes_exclusive:
    description: Remove routes that others put into our route tables. Without it they are reported and left alone.
    type: bool
    default: false
extends_documentation_fragment:
  - connectly.shared_infrastructure.set
  - connectly.shared_infrastructure.guarded
  - connectly.shared_infrastructure.layer
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - Connectly Platform Infrastructure (@connectly)
"""

EXAMPLES = r"""
- name: Two zones, computed CIDRs, one NAT gateway
  connectly.shared_infrastructure.network:
    deployment: connectly-dev
    name: connectly-dev
    vpc_cidr: 10.0.0.0/16
    availability_zones: [ap-northeast-2a, ap-northeast-2b]
    tiers:
      - {key: public, type: public, prefix_length: 22, index: 0}
      - {key: private, type: private, prefix_length: 22, index: 1}
    security_groups:
      - key: alb
        description: Load balancers
        rules:
          - {port: 443, cidr_ipv4: 0.0.0.0/0, description: HTTPS from anywhere}
          - {direction: egress, protocol: all, cidr_ipv4: 0.0.0.0/0}
      - key: ecs_tasks
        description: ECS tasks
        rules:
          - {from_port: 0, to_port: 65535, security_group: alb}
  register: network

- name: An isolated database tier with explicit CIDRs and flow logs
  connectly.shared_infrastructure.network:
    deployment: example-prod
    name: example-prod
    vpc_cidr: 10.1.0.0/16
    availability_zones: [ap-northeast-2a, ap-northeast-2b]
    nat_gateway_mode: per_az
    flow_logs_enabled: true
    flow_logs_retention_days: 365
    flow_logs_kms_key_arn: "{{ kms_outputs.kms_key_arn }}"
    tiers:
      - {key: public, type: public, prefix_length: 22, index: 0}
      - {key: private, type: private, prefix_length: 22, index: 1, tags: {kubernetes.io/role/internal-elb: "1"}}
      - key: database
        type: isolated
        subnets:
          - {availability_zone: ap-northeast-2a, cidr: 10.1.201.0/24}
          - {availability_zone: ap-northeast-2b, cidr: 10.1.202.0/24}
    security_groups:
      - key: rds
        description: Databases
        rules:
          - {port: 5432, tier: private}

- name: Delete it all
  connectly.shared_infrastructure.network:
    deployment: example-prod
    name: example-prod
    state: absent
"""

RETURN = r"""
# BEGIN rendered by make render from the contract and roles/network/meta/options.yml
outputs:
  description: The part of the outputs contract that this layer publishes. What the deployment does not have is left
    out.
  returned: success
  type: dict
  contains:
    vpc_id:
      description: The VPC's id.
      type: str
      sample: vpc-0123456789abcdef0
    vpc_cidr:
      description: The VPC's IPv4 CIDR block.
      type: str
      sample: 10.0.0.0/16
    public_subnet_ids:
      description: Ids of the public subnets, ordered by availability zone.
      type: list
      elements: str
    private_subnet_ids:
      description: Ids of the private subnets, ordered by availability zone.
      type: list
      elements: str
    database_subnet_ids:
      description: Ids of the isolated database subnets, ordered by availability zone; only where there is a database
        tier.
      type: list
      elements: str
    internet_gateway_id:
      description: The internet gateway's id.
      type: str
    nat_gateway_ids:
      description: Ids of the NAT gateways, ordered by availability zone.
      type: list
      elements: str
    nat_public_ips:
      description: Public addresses from which the private subnets reach the internet; they are in partners' allow
        lists.
      type: list
      elements: str
    alb_security_group_id:
      description: The security group of load balancers.
      type: str
    ecs_tasks_security_group_id:
      description: The security group of ECS tasks.
      type: str
    rds_security_group_id:
      description: The security group of relational databases.
      type: str
    elasticache_security_group_id:
      description: The security group of caches.
      type: str
# END rendered
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.network import (
    adapters,
    arguments,
    checks,
    desired,
    outputs,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.layer_module import run_layer


def main() -> None:
    run_layer("network", arguments, checks, desired, adapters, outputs)


if __name__ == "__main__":
    main()
