# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ECR's own terms, for the options and the calls that have them."""

from __future__ import annotations

AES256, KMS = "AES256", "KMS"
"""The encryption types."""
