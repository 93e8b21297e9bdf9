# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup and maintenance windows, in UTC as AWS takes them: their form, their length, and whether two overlap. Pure."""

from __future__ import annotations

import re

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
DAILY = re.compile(f"{CLOCK}-{CLOCK}")
WEEKLY = re.compile(f"({'|'.join(DAYS)}):{CLOCK}-({'|'.join(DAYS)}):{CLOCK}")


def daily(window: str) -> tuple[int, int] | None:
    """(start, length) in minutes of hh24:mi-hh24:mi, or None where it is none."""
    match = DAILY.fullmatch(window)
    if not match:
        return None
    first_hour, first_minute, last_hour, last_minute = map(int, match.groups())
    start = first_hour * 60 + first_minute
    return start, (last_hour * 60 + last_minute - start) % DAY_MINUTES


def weekly(window: str) -> tuple[int, int] | None:
    """(start since Monday, length) in minutes of ddd:hh24:mi-ddd:hh24:mi, or None where it is none."""
    match = WEEKLY.fullmatch(window.lower())
    if not match:
        return None
    first_day, first_hour, first_minute, last_day, last_hour, last_minute = match.groups()
    start = DAYS.index(first_day) * DAY_MINUTES + int(first_hour) * 60 + int(first_minute)
    end = DAYS.index(last_day) * DAY_MINUTES + int(last_hour) * 60 + int(last_minute)
    return start, (end - start) % WEEK_MINUTES


def overlap(daily_window: str, weekly_window: str) -> bool:
    """Whether a daily window meets a weekly one; windows of a wrong form meet nothing."""
    day, week = daily(daily_window), weekly(weekly_window)
    if day is None or week is None:
        return False
    return any(_meet((day[0] + number * DAY_MINUTES) % WEEK_MINUTES, day[1], *week) for number in range(7))


def _meet(first: int, first_length: int, second: int, second_length: int) -> bool:
    return (second - first) % WEEK_MINUTES < first_length or (first - second) % WEEK_MINUTES < second_length
