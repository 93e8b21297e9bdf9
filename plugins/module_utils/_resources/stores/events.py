# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The last events that RDS or ElastiCache recorded for a resource."""

from __future__ import annotations

from typing import Any

DURATION_MINUTES = 24 * 60
MESSAGES = 5


def last_messages(client: Any, source_type: str, identifier: str) -> str:
    """The messages in their order, in one text; empty where AWS recorded nothing."""
    answer = client.describe_events(SourceType=source_type, SourceIdentifier=identifier, Duration=DURATION_MINUTES)
    events = sorted(answer.get("Events", []), key=lambda event: str(event.get("Date", "")))
    return "; ".join(event["Message"] for event in events[-MESSAGES:])
