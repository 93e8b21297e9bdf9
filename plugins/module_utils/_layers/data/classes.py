# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The instance classes of RDS and the node types of ElastiCache that AWS documents, by family and size. Pure.

From the RDS user guide, "DB instance classes" (PostgreSQL, MySQL, MariaDB), and the ElastiCache user guide, "Supported
node types". What AWS adds later is added here; which of them a region offers, AWS itself says.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

BURST = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
GRAVITON = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
LARGE_GRAVITON = (*GRAVITON, "24xlarge", "48xlarge")
INTEL = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")

DATABASE_CLASSES: Mapping[str, tuple[str, ...]] = {
    "t3": BURST,
    "t4g": BURST,
    **dict.fromkeys(("m6g", "m6gd", "m7g", "r6g", "r6gd", "r7g"), GRAVITON),
    **dict.fromkeys(("m8g", "m8gd", "r8g", "r8gd"), LARGE_GRAVITON),
    **dict.fromkeys(("m5", "m5d", "r5", "r5b", "r5d"), INTEL),
    **dict.fromkeys(("m6i", "m6id", "m6idn", "m6in", "r6i", "r6id", "r6idn", "r6in"), (*INTEL, "32xlarge")),
    **dict.fromkeys(("m7i", "r7i"), (*INTEL, "48xlarge")),
    "x2g": GRAVITON,
    "x2idn": ("16xlarge", "24xlarge", "32xlarge"),
    "x2iedn": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge", "32xlarge"),
    "z1d": ("large", "xlarge", "2xlarge", "3xlarge", "6xlarge", "12xlarge"),
}

NODE_TYPES: Mapping[str, tuple[str, ...]] = {
    "t3": ("micro", "small", "medium"),
    "t4g": ("micro", "small", "medium"),
    **dict.fromkeys(("m5", "r5"), ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge")),
    **dict.fromkeys(("m6g", "m7g", "r6g", "r7g"), GRAVITON),
    "r6gd": GRAVITON[1:],
    "c7gn": GRAVITON,
}


def unknown(prefix: str, families: Mapping[str, tuple[str, ...]], value: str) -> str:
    """What is allowed where db.<family>.<size> (or cache.) is no documented class, or nothing."""
    parts = value.split(".")
    form = f"{prefix}.<family>.<size>"
    if len(parts) != 3 or parts[0] != prefix:
        return f"the form is {form}, {prefix}.t4g.small for example"
    if parts[1] not in families:
        near = difflib.get_close_matches(parts[1], families, n=3, cutoff=0.4)
        return f"there is no family {parts[1]}; allowed are {', '.join(near or sorted(families))}"
    if parts[2] not in families[parts[1]]:
        return f"{prefix}.{parts[1]} has the sizes {', '.join(families[parts[1]])}"
    return ""
