"""Reads EC2 networking."""

from __future__ import annotations

from collections.abc import Iterator

from support.snapshot.items import Item, paged, pick, policy, tag_dict


def _name(tags: dict[str, str], *alternatives: str) -> str:
    """The Name tag, or what else tells it apart."""
    return tags.get("Name") or " ".join(alternatives)


def read_vpcs(client) -> Iterator[Item]:
    """VPCs with their DNS attributes, and the subnets and internet gateways."""
    ec2 = client("ec2")
    for vpc in paged(ec2, "describe_vpcs", "Vpcs"):
        tags = tag_dict(vpc.get("Tags"))
        data = pick(vpc, "CidrBlock", "InstanceTenancy", "IsDefault", "State")
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
            data[attribute] = answer[attribute[0].upper() + attribute[1:]]["Value"]
        data["cidrs"] = [block["CidrBlock"] for block in vpc.get("CidrBlockAssociationSet", [])]
        yield Item(
            "vpc", "default" if vpc.get("IsDefault") else _name(tags, vpc["CidrBlock"]), data, tags, {vpc["VpcId"]: ""}
        )
    for subnet in paged(ec2, "describe_subnets", "Subnets"):
        tags = tag_dict(subnet.get("Tags"))
        data = pick(
            subnet,
            "CidrBlock",
            "AvailabilityZone",
            "VpcId",
            "State",
            "MapPublicIpOnLaunch",
            "AssignIpv6AddressOnCreation",
        )
        name = _name(tags, subnet["CidrBlock"], "in", subnet["VpcId"])
        yield Item("subnet", name, data, tags, {subnet["SubnetId"]: ""}, subnet["VpcId"])
    for gateway in paged(ec2, "describe_internet_gateways", "InternetGateways"):
        tags = tag_dict(gateway.get("Tags"))
        vpcs = [attachment["VpcId"] for attachment in gateway.get("Attachments", [])]
        yield Item(
            "internet_gateway",
            _name(tags, "of", *vpcs),
            {"vpcs": vpcs},
            tags,
            {gateway["InternetGatewayId"]: ""},
            *vpcs[:1],
        )


def read_nat_gateways(client) -> Iterator[Item]:
    """Elastic IPs and NAT gateways; deleted gateways, which AWS shows for an hour, are left out."""
    ec2 = client("ec2")
    for address in ec2.describe_addresses()["Addresses"]:
        tags = tag_dict(address.get("Tags"))
        ids = {address["AllocationId"]: "", address["PublicIp"]: " ip"}
        yield Item(
            "elastic_ip",
            _name(tags, "unnamed"),
            {"Domain": address["Domain"], "in use": bool(address.get("AssociationId"))},
            tags,
            ids,
        )
    for gateway in paged(ec2, "describe_nat_gateways", "NatGateways"):
        if gateway["State"] in ("deleted", "deleting"):
            continue
        tags = tag_dict(gateway.get("Tags"))
        data = pick(gateway, "SubnetId", "VpcId", "State", "ConnectivityType")
        data["addresses"] = [address.get("AllocationId") for address in gateway.get("NatGatewayAddresses", [])]
        name = _name(tags, "in", gateway["SubnetId"])
        yield Item("nat_gateway", name, data, tags, {gateway["NatGatewayId"]: ""}, gateway["VpcId"])


def _route(route: dict) -> dict:
    """Destination, target, state and origin of a route."""
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId", "State", "Origin")
    targets = (
        "GatewayId",
        "NatGatewayId",
        "VpcPeeringConnectionId",
        "TransitGatewayId",
        "NetworkInterfaceId",
        "EgressOnlyInternetGatewayId",
    )
    return pick(route, *names, *targets)


def read_route_tables(client) -> Iterator[Item]:
    """Route tables with routes and associations, and the VPC endpoints that write routes into them."""
    ec2 = client("ec2")
    for prefixes in paged(ec2, "describe_prefix_lists", "PrefixLists"):
        # AWS's own lists, which gateway endpoints put into routes; emulators give them a new id each time.
        yield Item("prefix_list", prefixes["PrefixListName"], None, ids={prefixes["PrefixListId"]: ""})
    for table in paged(ec2, "describe_route_tables", "RouteTables"):
        tags = tag_dict(table.get("Tags"))
        links = table.get("Associations", [])
        data = {
            "VpcId": table["VpcId"],
            "routes": [_route(route) for route in table["Routes"]],
            "associations": [
                "main" if link.get("Main") else link.get("SubnetId") or link.get("GatewayId") for link in links
            ],
        }
        name = _name(tags, "main" if "main" in data["associations"] else "unnamed", "of", table["VpcId"])
        yield Item("route_table", name, data, tags, {table["RouteTableId"]: ""}, table["VpcId"])


def _rule(rule: dict) -> dict:
    """A security-group rule by what identifies it, with its description and tags."""
    data = pick(
        rule, "IsEgress", "IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "PrefixListId", "Description"
    )
    return {**data, **pick(rule.get("ReferencedGroupInfo") or {}, "GroupId"), "tags": tag_dict(rule.get("Tags"))}


def read_security_groups(client) -> Iterator[Item]:
    """Security groups with all their rules."""
    ec2 = client("ec2")
    rules: dict[str, list[dict]] = {}
    for rule in paged(ec2, "describe_security_group_rules", "SecurityGroupRules"):
        rules.setdefault(rule["GroupId"], []).append(_rule(rule))
    for group in paged(ec2, "describe_security_groups", "SecurityGroups"):
        data = {**pick(group, "GroupName", "Description", "VpcId"), "rules": rules.get(group["GroupId"], [])}
        name = f"{group['GroupName']} of {group.get('VpcId')}"
        yield Item(
            "security_group", name, data, tag_dict(group.get("Tags")), {group["GroupId"]: ""}, group.get("VpcId")
        )


def read_endpoints(client) -> Iterator[Item]:
    """VPC endpoints and flow logs."""
    ec2 = client("ec2")
    for endpoint in paged(ec2, "describe_vpc_endpoints", "VpcEndpoints"):
        if endpoint["State"].lower() in ("deleted", "deleting"):
            continue
        tags = tag_dict(endpoint.get("Tags"))
        data = pick(
            endpoint,
            "VpcEndpointType",
            "VpcId",
            "ServiceName",
            "State",
            "RouteTableIds",
            "SubnetIds",
            "PrivateDnsEnabled",
        )
        data["groups"] = [group["GroupId"] for group in endpoint.get("Groups", [])]
        data["policy"] = policy(endpoint.get("PolicyDocument"))
        name = _name(tags, endpoint["ServiceName"], "in", endpoint["VpcId"])
        yield Item("vpc_endpoint", name, data, tags, {endpoint["VpcEndpointId"]: ""}, endpoint["VpcId"])
    names = (
        "ResourceId",
        "TrafficType",
        "LogDestinationType",
        "LogDestination",
        "LogGroupName",
        "LogFormat",
        "MaxAggregationInterval",
    )
    for log in paged(ec2, "describe_flow_logs", "FlowLogs"):
        tags = tag_dict(log.get("Tags"))
        data = pick(log, *names, "DeliverLogsPermissionArn", "FlowLogStatus")
        yield Item(
            "flow_log", _name(tags, "of", log["ResourceId"]), data, tags, {log["FlowLogId"]: ""}, log["ResourceId"]
        )
