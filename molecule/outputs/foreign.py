"""Does what another team might: a parameter of its own below our prefix."""

from __future__ import annotations

import os

import boto3

ssm = boto3.client("ssm", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])
ssm.put_parameter(Name="/molecule-outputs/test/foreign", Value="theirs", Type="String")
