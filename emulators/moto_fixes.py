"""What moto 5.2 gets wrong and our roles depend on, put right inside moto: apply() before its server starts.

Run as a program, it is moto's server with these fixes: python emulators/moto_fixes.py -H 127.0.0.1 -p 4566
"""

from __future__ import annotations

import functools

import moto_extensions


def apply() -> None:
    """Changes moto's classes in this process; a second call changes nothing more."""
    _deny_only_without_condition()
    _tags_at_bucket_creation()
    _expected_bucket_owner()
    moto_extensions.apply()  # operations of RDS and ElastiCache that moto lacks


def _deny_only_without_condition() -> None:
    """moto takes a Deny with a condition that it does not know (all but StringEquals) for one without: a TLS-only
    bucket refuses every GetObject.
    """
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult

    original = IAMPolicyStatement.is_action_permitted
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def is_action_permitted(self, *arguments, **options):
        if self._statement.get("Effect") == "Deny" and self._statement.get("Condition"):
            return PermissionResult.NEUTRAL
        return original(self, *arguments, **options)

    IAMPolicyStatement.is_action_permitted = is_action_permitted


def _tags_at_bucket_creation() -> None:
    """moto ignores the Tags of CreateBucket (S3 API reference, CreateBucketConfiguration), so that a kill right
    after it leaves an untagged bucket.
    """
    import xmltodict
    from moto.s3.responses import S3Response

    original = S3Response._bucket_response_put
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def bucket_response_put(self, request, bucket_name, querystring):
        answer = original(self, request, bucket_name, querystring)
        if not querystring and self.body:
            configuration = xmltodict.parse(self.body, force_list=("Tag",)).get("CreateBucketConfiguration") or {}
            tags = (configuration.get("Tags") or {}).get("Tag", [])
            if tags:
                self.backend.put_bucket_tagging(bucket_name, {tag["Key"]: tag.get("Value") or "" for tag in tags})
        return answer

    S3Response._bucket_response_put = bucket_response_put


def _expected_bucket_owner() -> None:
    """moto ignores x-amz-expected-bucket-owner; S3 answers 403 where the bucket is another account's (user guide,
    "Verifying bucket ownership").
    """
    from moto.s3.models import s3_backends
    from moto.s3.responses import S3Response

    def checked(original):
        @functools.wraps(original)
        def response(self, request, full_url):
            expected = request.headers.get("x-amz-expected-bucket-owner")
            _partition, owner = s3_backends.bucket_accounts.get(
                self.parse_bucket_name_from_url(request, full_url), ("", expected)
            )
            if owner != expected and expected:
                return (
                    403,
                    {"Content-Type": "application/xml"},
                    "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
                )
            return original(self, request, full_url)

        return response

    for name in ("_bucket_response", "_key_response"):
        original = getattr(S3Response, name)
        if not hasattr(original, "__wrapped__"):
            setattr(S3Response, name, checked(original))


if __name__ == "__main__":
    from moto.server import main

    apply()
    main()
