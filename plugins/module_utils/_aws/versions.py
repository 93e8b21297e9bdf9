# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which botocore is needed."""

from __future__ import annotations

BOTOCORE_AT_LEAST = "1.39.11"
"""The first botocore that knows all that we send: imageTagMutabilityExclusionFilters of ECR; 1.39.2 brought the tags
of CreateBucket.
"""
