# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How names and ids look that AWS takes, where several layers take them. Emulators take more. Pure."""

from __future__ import annotations

import re

BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""Of what a bucket's name consists; S3 has more rules (is_bucket_name)."""
RESERVED_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")

TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
"""DynamoDB's."""

SECURITY_GROUP_ID = re.compile(r"sg-[0-9a-f]{8,17}")


def is_bucket_name(name: str) -> bool:
    """Whether S3 may have a bucket of this name (S3 user guide, "General purpose bucket naming rules")."""
    return bool(BUCKET_NAME.fullmatch(name)) and not (
        ".." in name or IP_ADDRESS.fullmatch(name) or name.startswith(RESERVED_BUCKET_PREFIXES)
    )
