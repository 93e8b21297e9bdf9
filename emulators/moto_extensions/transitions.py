"""States that take time: an object is creating, modifying or deleting for so many seconds, as on AWS."""

from __future__ import annotations

import os
import time
from typing import Any


class Transition:
    """The state of one object. Kept on the object itself, so that a reset of moto forgets it."""

    def __init__(self, variable: str):
        self.state = ""
        self.until = 0.0
        self._variable = variable

    @property
    def seconds(self) -> float:
        return float(os.environ.get(self._variable, "0") or 0)

    def begin(self, state: str) -> None:
        """Enter a state; it is over after the seconds of the environment."""
        self.state, self.until = state, time.monotonic() + self.seconds

    @property
    def current(self) -> str:
        """The state that is under way, or nothing."""
        return self.state if self.state and time.monotonic() < self.until else ""

    @property
    def deleted(self) -> bool:
        return self.state == "deleting" and time.monotonic() >= self.until


def transition_of(item: Any, variable: str) -> Transition:
    """The transition of an object; a new object is creating."""
    if "_transition" not in item.__dict__:
        item.__dict__["_transition"] = Transition(variable)
        item.__dict__["_transition"].begin("creating")
    return item.__dict__["_transition"]


def timed_status(
    cls: type, attribute: str, variable: str, final: str = "available", creating: str = "creating"
) -> None:
    """Make an attribute of a moto class tell the transition that is under way, and what was set once none is."""
    stored = f"_final_{attribute}"

    def read(self: Any) -> str:
        current = transition_of(self, variable).current
        return (creating if current == "creating" else current) or self.__dict__.get(stored, final)

    def write(self: Any, value: str) -> None:
        transition_of(self, variable)
        self.__dict__[stored] = value

    setattr(cls, attribute, property(read, write))
