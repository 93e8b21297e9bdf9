# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of security groups and their rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..._aws.names import SECURITY_GROUP_ID
from ..._engine.model import has_placeholder
from ..._inputs.problems import Problem, duplicates, tag_problems
from ..._resources.ec2.rules import (
    ALL_PROTOCOLS,
    ICMP,
    SOURCES,
    WITH_PORTS,
    ports_of,
    protocol_of,
    sources_of,
)
from .desired import rule_resources
from .names import group_name

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
DESCRIPTION = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}")
DESCRIPTION_ALLOWED = "AWS allows 255 characters: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
PREFIX_LIST_ID = re.compile(r"pl-[0-9a-f]{8,17}")


def group_problems(params: Mapping[str, Any], expand_tiers: bool = True) -> Iterator[Problem]:
    """Problems of security_groups.

    expand_tiers: whether the tiers are right, so that rules from tiers can be compared.
    """
    groups = params["security_groups"]
    yield from duplicates(groups, "security_groups")
    keys = [group.get("key") for group in groups]
    names: dict[str, Any] = {}
    for number, group in enumerate(groups):
        path, key = f"security_groups[{number}]", group.get("key")
        if not KEY.fullmatch(str(key)):
            yield Problem(
                f"{path}.key", key, "a key has 1 to 40 lower-case letters, digits or _, and starts with a letter"
            )
            continue
        name = group_name(params, str(key))
        if len(name) > 255:
            yield Problem(f"{path}.key", key, f"the group would be named {name}, and AWS allows 255 characters")
        if names.setdefault(name, key) != key:
            yield Problem(f"{path}.key", key, f"the group {names[name]} has the same name, {name}")
        description = group.get("description")
        if description is not None and (not description or not DESCRIPTION.fullmatch(description)):
            yield Problem(f"{path}.description", description, f"{DESCRIPTION_ALLOWED}, at least one")
        yield from tag_problems(group.get("tags") or {}, f"{path}.tags", params["identity_tag_prefix"])
        yield from _rules_problems(params, group, path, keys, expand_tiers)


def _rules_problems(
    params: Mapping[str, Any], group: Mapping[str, Any], path: str, keys: Sequence[Any], expand: bool
) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for number, rule in enumerate(group.get("rules") or ()):
        here = f"{path}.rules[{number}]"
        wrong = list(rule_problems(params, rule, here, keys))
        yield from wrong
        if wrong or not (expand or "tier" not in sources_of(rule)):
            continue
        for resource in rule_resources(params, str(group["key"]), rule, {}):
            if resource.key in seen:
                yield Problem(
                    here,
                    resource.key,
                    f"{seen[resource.key]} is the same rule; each is declared once",
                    f"is {resource.key} again",
                )
            seen.setdefault(resource.key, here)


def rule_problems(
    params: Mapping[str, Any], rule: Mapping[str, Any], path: str, keys: Sequence[Any]
) -> Iterator[Problem]:
    description = rule.get("description") or ""
    if not DESCRIPTION.fullmatch(description):
        yield Problem(f"{path}.description", description, DESCRIPTION_ALLOWED)
    yield from _protocol_problems(rule, path)
    sources = sources_of(rule)
    if len(sources) != 1:
        given = f"has {', '.join(sources)}" if sources else "has no source"
        yield Problem(path, sources, f"a rule has exactly one of {', '.join(SOURCES)}", given)
        return
    yield from _source_problems(params, rule, path, keys, sources[0])


def _protocol_problems(rule: Mapping[str, Any], path: str) -> Iterator[Problem]:
    protocol = protocol_of(rule)
    if protocol not in (*WITH_PORTS, *ICMP, ALL_PROTOCOLS) and not (protocol.isdigit() and 0 <= int(protocol) <= 255):
        yield Problem(
            f"{path}.protocol",
            rule.get("protocol"),
            "allowed are tcp, udp, icmp, icmpv6, all (or -1), or a number from 0 to 255",
        )
        return
    given = [name for name in ("port", "from_port", "to_port") if rule.get(name) is not None]
    if protocol in WITH_PORTS:
        yield from _port_problems(rule, path, given)
    elif protocol in ICMP:
        if "port" in given:
            yield Problem(
                f"{path}.port",
                rule["port"],
                f"{protocol} has from_port (its type) and to_port (its code), or neither for all",
            )
        for name in given:
            if not -1 <= rule[name] <= 255:
                yield Problem(
                    f"{path}.{name}", rule[name], f"types and codes of {protocol} are 0 to 255, or -1 for all"
                )
        if rule.get("to_port") is not None and rule.get("from_port") is None:
            yield Problem(f"{path}.to_port", rule["to_port"], f"a code of {protocol} needs its type in from_port")
    else:
        for name in given:
            yield Problem(
                f"{path}.{name}", rule[name], f"ports are allowed with tcp and udp, not with {rule.get('protocol')}"
            )


def _port_problems(rule: Mapping[str, Any], path: str, given: Sequence[str]) -> Iterator[Problem]:
    if given not in (["port"], ["from_port", "to_port"]):
        what = f"has {', '.join(given)}" if given else "has no ports"
        yield Problem(
            path, given, "a tcp or udp rule has either port, or from_port and to_port (0 and 65535 for all)", what
        )
        return
    outside = [name for name in given if not 0 <= rule[name] <= 65535]
    for name in outside:
        yield Problem(f"{path}.{name}", rule[name], "ports are 0 to 65535")
    first, last = ports_of(rule)
    if not outside and first > last:
        yield Problem(f"{path}.from_port", first, f"it must not be above to_port, which is {last}")


def _source_problems(
    params: Mapping[str, Any], rule: Mapping[str, Any], path: str, keys: Sequence[Any], kind: str
) -> Iterator[Problem]:
    value, here = rule[kind], f"{path}.{kind}"
    if kind in ("cidr_ipv4", "cidr_ipv6"):
        yield from _cidr_problems(here, value, 4 if kind == "cidr_ipv4" else 6)
    elif kind == "security_group" and value not in keys:
        yield Problem(
            here,
            value,
            (
                f"allowed are the keys of O(security_groups): {', '.join(map(str, keys))}; "
                "other groups go by security_group_id"
            ),
        )
    elif kind == "security_group_id":
        yield from security_group_id_problems(here, [value])
    elif kind == "prefix_list_id" and not has_placeholder(value) and not PREFIX_LIST_ID.fullmatch(value):
        yield Problem(here, value, "the id of a prefix list is allowed, pl-0123456789abcdef0 for example")
    elif kind == "tier":
        tiers = [tier.get("key") for tier in params["tiers"]]
        if value not in tiers:
            yield Problem(here, value, f"allowed are the tiers {', '.join(map(str, tiers))}")


def _cidr_problems(path: str, value: Any, version: int) -> Iterator[Problem]:
    network = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network
    example = "10.0.0.0/16" if version == 4 else "2001:db8::/32"
    try:
        if "/" not in str(value):
            raise ValueError
        network(value)
    except ValueError:
        try:
            meant = network(value, strict=False)
        except ValueError:
            yield Problem(path, value, f"an IPv{version} network in CIDR notation is allowed, {example} for example")
        else:
            yield Problem(
                path, value, f"write {meant}: an IPv{version} network in CIDR notation, with no host bits set"
            )


def security_group_id_problems(path: str, values: Sequence[Any]) -> Iterator[Problem]:
    for value in values:
        if not has_placeholder(value) and not SECURITY_GROUP_ID.fullmatch(str(value)):
            yield Problem(path, value, "the id of a security group is allowed, sg-0123456789abcdef0 for example")
