"""One AWS call as the proxy sees it: which service and operation, what parameters, what became of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from support import rest_operations
from support.access import is_write

# The names in signatures that differ from the names of boto3 clients.
CLIENT_NAMES = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "states": "stepfunctions",
}

HIDDEN = "(hidden)"
_SECRET = re.compile(
    r"(password|secretstring|secretbinary|authtoken|plaintext|ciphertextblob|privatekey|secretaccesskey|sessiontoken|security-token|signature|credential)$",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
_CBOR_PATH = re.compile(r"/service/[^/]+/operation/([^/]+)$")


@dataclass
class Call:
    """A recorded call.

    `params`: form or JSON parameters (query and path labels for REST), secrets hidden; sizes in bytes, times in
    seconds.
    """

    seq: int
    service: str
    operation: str
    write: bool
    params: dict[str, Any]
    method: str
    path: str
    protocol: str  # ec2, query, json, cbor, rest-xml, rest-json
    region: str = ""  # for which it was signed
    expected_owner: str = ""  # the account that owns the bucket, as the caller has it
    request_bytes: int = 0
    status: int | None = None  # what the client was answered; None while under way or when the connection was dropped
    executed: bool = False  # the upstream has carried it out (whatever it answered)
    error: str | None = None  # the AWS error code of the answer
    faults: list[str] = field(default_factory=list)  # the faults that touched this call
    elapsed: float | None = None

    @property
    def name(self) -> str:
        """`service:Operation`, the form in which tests name calls."""
        return f"{self.service}:{self.operation}"

    def __str__(self) -> str:
        outcome = self.status if self.status is not None else ("dropped" if self.elapsed is not None else "under way")
        text = json.dumps(self.params, default=str)
        faults = f" faults={self.faults}" if self.faults else ""
        return (
            f"#{self.seq} {self.name} -> {outcome} {self.error or ''}{faults} "
            f"{text if len(text) < 300 else text[:300] + '...'}"
        )


def hide_secrets(value: Any, key: str = "") -> Any:
    """A copy without secrets: by name, and the value of an SSM SecureString."""
    if isinstance(value, dict):
        hidden = {name: hide_secrets(item, name) for name, item in value.items()}
        if value.get("Type") == "SecureString" and "Value" in value:
            hidden["Value"] = HIDDEN
        return hidden
    if isinstance(value, list):
        return [hide_secrets(item, key) for item in value]
    # A switch such as ManageMasterUserPassword=true is no secret.
    if isinstance(value, str) and value not in ("true", "false") and _SECRET.search(key):
        return HIDDEN
    return value


def signed_for(headers: Mapping[str, str], query: Mapping[str, str]) -> tuple[str, str]:
    """The boto3 client name and the region out of the SigV4 credential scope (header or presigned URL); "unsigned"
    without one.
    """
    scope = headers.get("Authorization", "") or f"Credential={query.get('X-Amz-Credential', '')}"
    match = _CREDENTIAL.search(scope)
    if not match:
        return "unsigned", ""
    region, service = match.groups()
    return CLIENT_NAMES.get(service, service), region


def _json_object(body: bytes) -> dict:
    """The JSON object in a body; empty when it is none."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _rest(
    service: str, method: str, path: str, query: dict, headers: Mapping[str, str], body: bytes
) -> tuple[str, dict, str]:
    """(operation, params, protocol) of a REST call. The bodies of S3 objects are not kept."""
    lower = {name.lower(): value for name, value in headers.items()}
    named = rest_operations.identify(service, method, path, query, lower)
    operation, labels = named if named else (f"{method} {path}", {})
    is_json = "json" in lower.get("content-type", "")
    params = {**query, **labels, **(_json_object(body) if is_json and service != "s3" else {})}
    return operation, params, "rest-xml" if service in ("s3", "route53", "cloudfront") else "rest-json"


def identify(seq: int, method: str, raw_path: str, headers: Mapping[str, str], body: bytes) -> Call:
    """Names the call from what went over the wire. `headers` must look up names whatever their case."""
    path, _, query_text = raw_path.partition("?")
    query = dict(parse_qsl(query_text, keep_blank_values=True))
    service, region = signed_for(headers, query)
    content_type = headers.get("Content-Type", "")
    form = (
        dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if content_type.startswith("application/x-www-form-urlencoded")
        else {}
    )
    cbor = _CBOR_PATH.search(path)
    if headers.get("X-Amz-Target"):
        operation, params, protocol = headers["X-Amz-Target"].rpartition(".")[2], _json_object(body), "json"
    elif "Action" in form or ("Action" in query and service != "s3"):
        params = {**query, **form}
        operation = params.pop("Action")
        params.pop("Version", None)
        protocol = "ec2" if service == "ec2" else "query"
    elif cbor:
        operation, params, protocol = cbor.group(1), {}, "cbor"
    else:
        operation, params, protocol = _rest(service, method, path, query, headers, body)
    return Call(
        seq=seq,
        service=service,
        operation=operation,
        write=is_write(service, operation),
        params=hide_secrets(params),
        method=method,
        path=path,
        protocol=protocol,
        region=region,
        expected_owner=headers.get("x-amz-expected-bucket-owner", ""),
        request_bytes=len(body),
    )
