# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""botocore's exceptions in one place, and what the error codes in them mean."""

from __future__ import annotations

try:
    import botocore.exceptions
    import botocore.parsers

    ClientError = botocore.exceptions.ClientError
    ConnectionClosedError = botocore.exceptions.ConnectionClosedError
    EndpointConnectionError = botocore.exceptions.EndpointConnectionError
    HTTPClientError = botocore.exceptions.HTTPClientError
    NoCredentialsError = botocore.exceptions.NoCredentialsError
    ResponseParserError = botocore.parsers.ResponseParserError
    AWS_ERRORS: tuple[type[Exception], ...] = (ClientError, botocore.exceptions.BotoCoreError, ResponseParserError)
except ImportError:  # AnsibleAWSModule reports the missing library
    ClientError = ConnectionClosedError = EndpointConnectionError = HTTPClientError = Exception
    NoCredentialsError = ResponseParserError = Exception
    AWS_ERRORS = (Exception,)
"""Everything that a call of a boto3 client raises. A proxy in between may answer what is no AWS answer at all."""

THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "SlowDown",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "TransactionInProgressException",
}
"""Error codes with which AWS says that it did not carry the request out (from botocore's own retry tables)."""


def error_code(error: Exception) -> str:
    """The AWS error code of a ClientError, or an empty text."""
    response = getattr(error, "response", None) or {}  # botocore sets it to None where no answer came
    return response.get("Error", {}).get("Code", "")


def is_not_found(error: Exception) -> bool:
    """Whether AWS says that the resource does not exist (InvalidVpcID.NotFound, NoSuchBucket, 404 ...)."""
    code = error_code(error)
    # ServiceLinkedRoleNotFoundFault says nothing of the resource that the call is about.
    return code == "404" or (
        "ServiceLinkedRole" not in code
        and any(word in code for word in ("NotFound", "NoSuch", "NonExistent", "DoesNotExist"))
    )


def is_access_denied(error: Exception) -> bool:
    """Whether AWS says that these credentials may not do this (AccessDenied, AccessDeniedException, 403)."""
    code = error_code(error)
    return code == "403" or "AccessDenied" in code
