# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the backend of a state is, and whose: one HeadBucket tells.

The lock table is in the bucket's region, as Terraform has one region for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, Protocol

from ..._aws.clients import Clients
from ..._aws.errors import AWS_ERRORS, ClientError
from ..._engine.model import Refused

BACKEND_ARGUMENTS: dict[str, dict[str, Any]] = {
    "bucket_owner": {"type": "str"},
    "backend_region": {"type": "str"},
    "found_backend": {
        "type": "dict",
        "options": {
            "bucket": {"type": "str", "required": True},
            "region": {"type": "str", "required": True},
            "owner": {"type": "str", "required": True},
            "account": {"type": "str", "required": True},
        },
    },
}
"""Documented in the fragment connectly.shared_infrastructure.state_backend."""

OPTIONS = {"bucket": "bucket", "owner": "bucket_owner", "region": "backend_region"}
"""How the modules that use a backend name what they are told of it, for messages."""


class Module(Protocol):
    """What is needed of an AnsibleAWSModule here."""

    params: Mapping[str, Any]
    region: str | None

    def client(self, service: str, **settings: Any) -> Any: ...
    def fail_json(self, msg: str, **result: Any) -> NoReturn: ...


@dataclass(frozen=True)
class Backend:
    """A state bucket and its region, the account that owns it, and the caller's, which owns the lock table."""

    bucket: str
    region: str
    owner: str
    account: str

    @property
    def is_callers(self) -> bool:
        return self.owner == self.account

    def facts(self) -> dict[str, Any]:
        return asdict(self)

    def clients(self, module: Module) -> Clients:
        """Clients for the backend's region.

        Every call to S3 says whose bucket it means, and every error of S3 which bucket it is about.
        """

        def make(service: str, config: Any) -> Any:
            client = module.client(service, config=config, region=self.region)
            if service == "s3":
                client.meta.events.register("before-parameter-build.s3", self._expect_owner)
                client.meta.events.register("after-call.s3", self._name_bucket)
            return client

        return Clients(make, region=self.region, account_id=self.account)

    def _expect_owner(self, params: dict[str, Any], model: Any, **_others: Any) -> None:
        if "ExpectedBucketOwner" in model.input_shape.members:
            params["ExpectedBucketOwner"] = self.owner

    def _name_bucket(self, parsed: dict[str, Any], **_others: Any) -> None:
        if error := parsed.get("Error"):
            error["Message"] = (
                f"{error.get('Message', '')} (state bucket {self.bucket} of account {self.owner} in {self.region})"
            )


def located(module: Module, clients: Clients, **failure: Any) -> Backend:
    """The backend that a module's options name.

    What the guard found is not asked again. Ends the module where it cannot be used.
    """
    params = module.params
    bucket, owner, region = params["bucket"], params["bucket_owner"] or "", params["backend_region"] or ""
    found = Backend(**params["found_backend"]) if params["found_backend"] else None
    if found and found.bucket == bucket and owner in ("", found.owner) and region in ("", found.region):
        return found
    try:
        return find(module, clients.account_id, bucket, owner, region)
    except Refused as error:
        module.fail_json(msg=f"Nothing was changed: {error}", changed=False, **failure)
    except AWS_ERRORS as error:
        module.fail_json(msg=f"Failed to find the state bucket {bucket}: {error}", changed=False, **failure)


def find(
    module: Module, account: str, bucket: str, owner: str = "", region: str = "", names: Mapping[str, str] | None = None
) -> Backend:
    """Ask S3, in the module's region where none is given; botocore follows it to another one. An empty owner is the
    caller's account.

    Raises Refused for a bucket of another account or region, and for one that may not be read; names are the variables
    to name then.
    """
    names = names or OPTIONS
    asked, owner = region or module.region or "", owner or account
    s3 = Clients(lambda service, config: module.client(service, config=config, region=asked or None)).get("s3")
    subject = f"{names['bucket']} is {bucket!r}, which"
    status, there = _head(s3, bucket, owner)
    if status == 404:
        if owner != account:
            raise Refused(
                f"{subject} does not exist; the credentials of account {account} cannot make it in account {owner}, "
                "so its owner has to"
            )
        return Backend(bucket, asked, owner, account)
    if status != 200:
        raise Refused(f"{subject} {_why_not(s3, bucket, owner, status, there, names)}")
    if region and there not in ("", region):
        raise Refused(
            f"{names['region']} is {region!r}, but the state bucket {bucket!r} is in {there}; set {there}, "
            "or leave it out, which finds the region"
        )
    return Backend(bucket, there or asked, owner, account)


def _head(s3: Any, bucket: str, owner: str = "") -> tuple[int, str]:
    """The HTTP status of HeadBucket, and the region of the bucket, which S3 names in its refusals too."""
    try:
        answer = s3.head_bucket(Bucket=bucket, **({"ExpectedBucketOwner": owner} if owner else {}))
    except ClientError as error:
        answer = error.response
        if not (_region(answer) or answer["ResponseMetadata"]["HTTPStatusCode"] in (403, 404)):
            raise
    return answer["ResponseMetadata"]["HTTPStatusCode"], _region(answer)


def _region(answer: Mapping[str, Any]) -> str:
    return answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")


def _why_not(s3: Any, bucket: str, owner: str, status: int, there: str, names: Mapping[str, str]) -> str:
    if status != 403:
        return f"is in {there} and cannot be reached from here (HTTP status {status}); set {names['region']} to {there}"
    place = f" (it is in {there})" if there else ""
    ways = f"set {names['owner']} to the account that is meant to hold the state, or choose another name"
    # S3 answers 403 to both; asked without the owner, it shows a bucket of others that may be read.
    if _head(s3, bucket)[0] == 200:
        return f"belongs to another account than {owner}{place}; {ways}"
    return (
        f"belongs to another account than {owner}, or may not be read with these credentials (s3:ListBucket){place}; "
        f"allow it, {ways}"
    )
