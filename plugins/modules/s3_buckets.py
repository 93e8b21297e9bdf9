#!/usr/bin/python
# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: s3_buckets
version_added: 0.1.0
short_description: Manage the S3 buckets of a deployment
description:
  - Manages all buckets of a deployment with encryption, bucket policy, public access block, ownership, versioning,
    lifecycle, CORS and tags.
  - Buckets are found by their identity tags. A wanted name that exists without them is refused, and so is one in
    another region or account.
  - AWS tags a bucket in the call that creates it, for which the caller needs C(s3:TagResource) and
    C(s3:PutBucketOwnershipControls) beside C(s3:CreateBucket). With S3 implementations that ignore those tags, a bucket
    that a killed run left untagged is taken up by the next run when it is empty, younger than a day, and holds
    ownership controls and no other configuration; any other untagged bucket is refused.
  - Policy statements, lifecycle rules and CORS rules that others added are reported and kept. Ours are recognised by
    their prefix, C(SharedInfrastructure) in a Sid and C(shared-infrastructure-) in a rule's ID.
  - A bucket that is no longer declared is reported and kept. With O(state=absent) empty buckets are deleted and others
    are refused.
options:
  buckets:
    description: The buckets.
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description:
          - The stable name of the bucket within the deployment.
          - C(logs), C(alb_logs), C(backup) and C(storage) are known to the outputs contract; others are free.
        type: str
        required: true
      name:
        description: The bucket's name, worldwide unique. A bucket cannot be renamed.
        type: str
        required: true
      purpose:
        description:
          - What the bucket is for; it gives the bucket policy and some defaults.
          - V(logs) lets AWS deliver logs (C(delivery.logs.amazonaws.com), flow logs for example) of this account.
          - V(alb_logs) lets load balancers deliver access logs, through the service principal and, in the regions that
            still have one, AWS's own load-balancing account. Such a bucket is always encrypted with SSE-S3, since AWS
            delivers to no other.
          - V(backup) is versioned unless O(buckets[].versioning) says otherwise.
        type: str
        choices: [general, logs, alb_logs, backup]
        default: general
      encryption:
        description: The default encryption. The default is V(aws:kms), and V(AES256) with
          O(buckets[].purpose=alb_logs).
        type: str
        choices: ["aws:kms", AES256]
      kms_key_arn:
        description: The key of this bucket, in place of O(kms_key_arn).
        type: str
      bucket_key_enabled:
        description: Whether S3 uses a bucket key, which makes fewer KMS requests. Without effect with V(AES256).
        type: bool
        default: true
      versioning:
        description: Whether S3 keeps old versions. The default is V(false), and V(true) with
          O(buckets[].purpose=backup).
        type: bool
      retention_days:
        description:
          - After how many days objects expire; not set, they are kept.
          - In a versioned bucket old versions expire after as many days, unless O(buckets[].noncurrent_retention_days)
            says otherwise.
        type: int
      noncurrent_retention_days:
        description: After how many days old versions expire.
        type: int
      abort_incomplete_multipart_upload_days:
        description: After how many days incomplete uploads are dropped; V(0) keeps them.
        type: int
        default: 7
      lifecycle_rules:
        description: Further lifecycle rules.
        type: list
        elements: dict
        default: []
        suboptions:
          id:
            description: The name of the rule. It is stored with the prefix C(shared-infrastructure-).
            type: str
            required: true
          prefix:
            description: The objects to which the rule applies, all by default.
            type: str
            default: ""
          expiration_days:
            description: After how many days objects expire.
            type: int
          noncurrent_expiration_days:
            description: After how many days old versions expire.
            type: int
          abort_incomplete_multipart_upload_days:
            description: After how many days incomplete uploads are dropped.
            type: int
          transitions:
            description: Moves of objects to other storage classes, in the order of their days.
            type: list
            elements: dict
            default: []
            suboptions: &transition
              days:
                description: After how many days.
                type: int
                required: true
              storage_class:
                description: The storage class to which they move.
                type: str
                choices: [STANDARD_IA, INTELLIGENT_TIERING, ONEZONE_IA, GLACIER_IR, GLACIER, DEEP_ARCHIVE]
                required: true
          noncurrent_transitions:
            description: Moves of old versions to other storage classes, in the order of their days.
            type: list
            elements: dict
            default: []
            suboptions: *transition
      cors_rules:
        description: Which web origins may use the bucket from browsers.
        type: list
        elements: dict
        default: []
        suboptions:
          id:
            description: The name of the rule. It is stored with the prefix C(shared-infrastructure-).
            type: str
            required: true
          allowed_methods:
            description: The HTTP methods.
            type: list
            elements: str
            choices: [GET, PUT, POST, DELETE, HEAD]
            required: true
          allowed_origins:
            description: The origins, C(https://example.com) or V(*).
            type: list
            elements: str
            required: true
          allowed_headers:
            description: The request headers that a preflight request may name.
            type: list
            elements: str
            default: []
          expose_headers:
            description: The response headers that scripts may read.
            type: list
            elements: str
            default: []
          max_age_seconds:
            description: For how many seconds a browser may keep the answer to a preflight request.
            type: int
      tls_only:
        description: Whether the bucket policy refuses requests without TLS.
        type: bool
        default: true
      deny_other_keys:
        description:
          - Whether the bucket policy refuses uploads whose headers ask for another key, another encryption or a key of
            the caller's own.
          - Uploads without encryption headers get the bucket's key. Without effect with V(AES256).
        type: bool
        default: true
      policy_statements:
        description:
          - Further statements of the bucket policy, each with C(Sid), C(Effect), C(Principal), C(Action) and
            C(Resource).
          - The Sid is stored with the prefix C(SharedInfrastructure).
        type: list
        elements: dict
        default: []
      object_ownership:
        description: Who owns the objects. V(BucketOwnerEnforced) switches ACLs off.
        type: str
        choices: [BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter]
        default: BucketOwnerEnforced
      public_access_block:
        description: S3's own protection against public buckets.
        type: dict
        suboptions:
          block_public_acls:
            description: Refuse ACLs that make something public.
            type: bool
            default: true
          ignore_public_acls:
            description: Ignore ACLs that make something public.
            type: bool
            default: true
          block_public_policy:
            description: Refuse bucket policies that make the bucket public.
            type: bool
            default: true
          restrict_public_buckets:
            description: Let only this account and AWS services use a bucket with a public policy.
            type: bool
            default: true
      tags:
        description: Tags of this bucket beside O(tags).
        type: dict
        default: {}
  kms_key_arn:
    description: The ARN of the key with which buckets are encrypted. Needed unless every bucket is V(AES256) or names
      its own.
    type: str
  account_id:
    description: The account that the buckets belong to, for the bucket policies. By default STS is asked.
    type: str
  policy_exclusive:
    description: Whether bucket policies are exclusively ours, so that statements of others are removed.
    type: bool
    default: false
  lifecycle_exclusive:
    description: Whether the lifecycle rules are exclusively ours, so that rules of others are removed.
    type: bool
    default: false
  cors_exclusive:
    description: Whether the CORS rules are exclusively ours, so that rules of others are removed.
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
- name: Log and backup buckets
  connectly.shared_infrastructure.s3_buckets:
    deployment: connectly-prod
    kms_key_arn: arn:aws:kms:ap-northeast-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    buckets:
      - key: logs
        name: connectly-shared-prod-logs
        purpose: logs
        retention_days: 365
      - key: alb_logs
        name: connectly-shared-prod-alb-logs
        purpose: alb_logs
        retention_days: 365
      - key: backup
        name: connectly-shared-prod-backup
        purpose: backup
        noncurrent_retention_days: 365
        lifecycle_rules:
          - id: archive
            transitions:
              - {days: 30, storage_class: STANDARD_IA}
              - {days: 90, storage_class: GLACIER}

- name: A bucket that a web site uploads to
  connectly.shared_infrastructure.s3_buckets:
    deployment: wealist-prod
    buckets:
      - key: storage
        name: wealist-prod-storage
        encryption: AES256
        versioning: true
        abort_incomplete_multipart_upload_days: 7
        cors_rules:
          - id: web
            allowed_methods: [GET, PUT, POST]
            allowed_origins: ["https://wealist.co.kr"]
            allowed_headers: ["*"]
            expose_headers: [ETag]
            max_age_seconds: 3000
"""

RETURN = r"""
# BEGIN rendered by make render from the contract and roles/storage/meta/options.yml
outputs:
  description: The part of the outputs contract that this layer publishes. What the deployment does not have is left
    out.
  returned: success
  type: dict
  contains:
    logs_bucket_id:
      description: The name of the application-log bucket.
      type: str
      sample: connectly-shared-dev-logs
    logs_bucket_arn:
      description: The ARN of the application-log bucket.
      type: str
      sample: arn:aws:s3:::connectly-shared-dev-logs
    alb_logs_bucket_id:
      description: The name of the bucket for load-balancer access logs.
      type: str
      sample: connectly-shared-dev-alb-logs
    backup_bucket_id:
      description: The name of the backup bucket.
      type: str
      sample: connectly-shared-prod-backup
    backup_bucket_arn:
      description: The ARN of the backup bucket.
      type: str
      sample: arn:aws:s3:::connectly-shared-prod-backup
    s3_bucket_name:
      description: The name of the application's storage bucket.
      type: str
      sample: wealist-prod-storage
# END rendered
"""

from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._layers.storage import (
    adapters,
    arguments,
    checks,
    desired,
    outputs,
)
from ansible_collections.connectly.shared_infrastructure.plugins.module_utils._module.layer_module import run_layer


def main() -> None:
    run_layer("storage", arguments, checks, desired, adapters, outputs)


if __name__ == "__main__":
    main()
