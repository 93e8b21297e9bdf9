# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWS takes, where several layers need it. Emulators take more. Pure."""

from __future__ import annotations

import re

TAGS = 50
"""Tags that a resource may have (EC2 user guide, "Tag restrictions")."""
OWN_TAGS = 45
"""Those that are left to the caller beside the identity tags."""
TAG_KEY_LENGTH, TAG_VALUE_LENGTH = 128, 256
TAG_CHARACTERS = re.compile(r"[\w\s.:/=+\-@]*", re.UNICODE)

LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
)  # fmt: skip
"""What CloudWatch Logs accepts in PutRetentionPolicy."""
