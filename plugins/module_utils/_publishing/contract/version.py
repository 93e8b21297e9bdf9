# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Versions that published sets carry.

A module has no galaxy.yml at hand, so the collection's version stands here too (a unit test compares).
"""

from __future__ import annotations

CONTRACT_VERSION = "1.0"
"""The second number rises when outputs are added, the first when one is removed or changes its type or path."""

COLLECTION_VERSION = "0.2.0-dev"
