"""Does what another team might: a rule, a route and a tag of its own."""

from __future__ import annotations

import os

import boto3

ec2 = boto3.client("ec2", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])
ours = {"Name": "tag:connectly:deployment", "Values": ["molecule-network"]}


def keyed(key: str) -> list[dict]:
    return [ours, {"Name": "tag:connectly:key", "Values": [key]}]


group = ec2.describe_security_groups(Filters=keyed("rds"))["SecurityGroups"][0]["GroupId"]
permission = {
    "IpProtocol": "tcp",
    "FromPort": 8080,
    "ToPort": 8080,
    "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "foreign"}],
}
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
table = ec2.describe_route_tables(Filters=keyed("private/ap-northeast-2a"))["RouteTables"][0]["RouteTableId"]
gateway = ec2.describe_nat_gateways(Filters=keyed("ap-northeast-2a"))["NatGateways"][0]["NatGatewayId"]
ec2.create_route(RouteTableId=table, DestinationCidrBlock="198.51.100.0/24", NatGatewayId=gateway)
subnet = ec2.describe_subnets(Filters=keyed("private/ap-northeast-2a"))["Subnets"][0]["SubnetId"]
ec2.create_tags(Resources=[subnet], Tags=[{"Key": "kubernetes.io/cluster/other", "Value": "shared"}])
