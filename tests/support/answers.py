"""AWS error answers in each wire protocol, so that SDKs read an injected error as a real one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from support.calls import Call

REQUEST_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Answer:
    """What goes back to the client."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


_XML = {
    "ec2": (
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>{id}</RequestID></Response>"
    ),
    "query": (
        "<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>{id}</RequestId></ErrorResponse>"
    ),
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>",
}


def error_answer(call: Call, code: str, status: int, message: str) -> Answer:
    """The error `code` in the protocol that the call used; a HEAD answer has no body."""
    if call.protocol in ("json", "rest-json", "cbor"):
        # A CBOR client reads this header first, so a body in JSON does no harm.
        headers = {
            "x-amzn-errortype": code,
            "x-amzn-requestid": REQUEST_ID,
            "Content-Type": "application/x-amz-json-1.1",
        }
        body = json.dumps({"__type": code, "message": message})
    else:
        form = _XML["s3" if call.service == "s3" else "ec2" if call.protocol == "ec2" else "query"]
        kind = "Receiver" if status >= 500 else "Sender"
        body = '<?xml version="1.0" encoding="UTF-8"?>' + form.format(
            code=escape(code), message=escape(message), id=REQUEST_ID, kind=kind
        )
        headers = {"Content-Type": "text/xml"}
    return Answer(status, b"" if call.method == "HEAD" else body.encode(), headers)


def error_code(status: int, headers: dict, body: bytes) -> str | None:
    """The AWS error code of an answer; None when it is a success, "unknown" when it names none."""
    if status < 400:
        return None
    code = next((value for name, value in headers.items() if name.lower() == "x-amzn-errortype"), "")
    if not code:
        found = re.search(rb"<Code>([^<]+)</Code>|\"__type\"\s*:\s*\"([^\"]+)\"", body)
        code = (found.group(1) or found.group(2)).decode() if found else "unknown"
    return code.split(":")[0].rpartition("#")[2]
