"""Disturbances that the proxy can put on calls: which calls (match), what happens (action), how often (times).

Fault("ec2:CreateVpc", drop_answer())                                    # executed, but the client never hears of it
Fault(match("ssm", "Put*", where=lambda c: c.params["Name"].endswith("/id")), throttle(), times=2)
Fault("writes", call(run.kill, when="after"), times=1, skip=4)           # the 5th write
"""

from __future__ import annotations

import asyncio
import fnmatch
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from support.answers import Answer, error_answer
from support.calls import Call

Predicate = Callable[[Call], bool]


# Services whose throttling is neither the query protocol's nor the JSON protocols' usual (code, HTTP status).
THROTTLING = {"ec2": ("RequestLimitExceeded", 503), "s3": ("SlowDown", 503)}


class Drop:
    """The outcome "close the connection without an answer"."""


Outcome = Drop | Answer | None  # None: go on
Stage = Callable[[Call], Awaitable[Outcome]]


@dataclass(frozen=True)
class Action:
    """What a fault does before the call is forwarded and after the upstream has answered."""

    name: str
    before: Stage | None = None
    after: Stage | None = None


def match(
    service: str = "*", operation: str = "*", write: bool | None = None, where: Predicate | None = None
) -> Predicate:
    """A predicate over calls; `*` and `?` are wildcards, `where` looks at the whole call (its `params`, say)."""

    def matches(call: Call) -> bool:
        return (
            fnmatch.fnmatchcase(call.service, service)
            and fnmatch.fnmatchcase(call.operation, operation)
            and write in (None, call.write)
            and (where is None or bool(where(call)))
        )

    return matches


def as_predicate(wanted: str | Predicate) -> Predicate:
    """`"ec2:Create*"`, `"writes"`, `"reads"`, `"all"`, or a predicate as it is."""
    if callable(wanted):
        return wanted
    if wanted in ("writes", "reads", "all"):
        return match(write={"writes": True, "reads": False, "all": None}[wanted])
    service, colon, operation = wanted.partition(":")
    if not colon:
        raise ValueError(
            f"match {wanted!r}: expected 'service:Operation', 'writes', 'reads', 'all' or a function of a call"
        )
    return match(service, operation)


class Fault:
    """Applies `action` to the matching calls number skip+1 ... skip+times; `times=None` means all of them."""

    def __init__(self, match: str | Predicate, action: Action, times: int | None = 1, skip: int = 0) -> None:
        self.predicate = as_predicate(match)
        self.action = action
        self.times = times
        self.skip = skip
        self.seen = 0

    @property
    def hits(self) -> int:
        """How many calls it was applied to so far."""
        reached = max(0, self.seen - self.skip)
        return reached if self.times is None else min(reached, self.times)

    def claims(self, call: Call) -> bool:
        """True when it applies to this call, which is counted; the proxy asks once per call, in order of arrival."""
        if not self.predicate(call):
            return False
        self.seen += 1
        position = self.seen - self.skip
        return position > 0 and (self.times is None or position <= self.times)


def _outcome(outcome: Outcome) -> Stage:
    async def stage(_call: Call) -> Outcome:
        return outcome

    return stage


def drop_request() -> Action:
    """The call never reaches the upstream; the connection is closed."""
    return Action("drop_request", before=_outcome(Drop()))


def drop_answer() -> Action:
    """The upstream executes the call, the connection is closed without the answer."""
    return Action("drop_answer", after=_outcome(Drop()))


def answer_error(code: str, status: int = 400, message: str = "injected by the test", executed: bool = False) -> Action:
    """Answers an AWS error in the call's own protocol; `executed=True` lets the upstream carry it out first."""

    async def stage(call: Call) -> Outcome:
        return error_answer(call, code, status, message)

    name = f"answer_error({code})"
    return Action(name, after=stage) if executed else Action(name, before=stage)


def answer_elsewhere(region: str, status: int = 301) -> Action:
    """What S3 answers to a HeadBucket in another region than the bucket's, or to one that it refuses: no body, and the
    region in a header.

    S3 API reference, HeadBucket: the header x-amz-bucket-region comes with the statuses 301, 400 and 403 as well.
    """

    async def stage(_call: Call) -> Outcome:
        return Answer(status, b"", {"x-amz-bucket-region": region})

    return Action(f"answer_elsewhere({region})", before=stage)


def throttle() -> Action:
    """The throttling error of the service, not executed."""

    async def stage(call: Call) -> Outcome:
        default = ("Throttling", 400) if call.protocol == "query" else ("ThrottlingException", 400)
        code, status = THROTTLING.get(call.service, default)
        return error_answer(call, code, status, "Rate exceeded")

    return Action("throttle", before=stage)


def server_error(executed: bool = False) -> Action:
    """HTTP 500; with `executed=True` the upstream has carried the call out nevertheless."""
    return answer_error("InternalError", 500, "An internal error has occurred", executed)


def delay(seconds: float, when: str = "before") -> Action:
    """Holds the call back, or its answer (`when="after"`)."""

    async def stage(_call: Call) -> Outcome:
        await asyncio.sleep(seconds)
        return None

    return Action(f"delay({seconds})", **{_stage_name(when): stage})


def call(callback: Callable[[Call], object] | Callable[[], object], when: str = "before", drop: bool = False) -> Action:
    """Runs `callback()` or `callback(call)` in a thread while the call is held; `drop=True` then closes the connection.

    With `when="before", drop=True` the upstream never sees the call, with `when="after", drop=True` it has executed it.
    """
    takes_call = _takes_argument(callback)

    async def stage(call: Call) -> Outcome:
        await asyncio.get_running_loop().run_in_executor(None, callback, *([call] if takes_call else []))
        return Drop() if drop else None

    return Action(f"call({when})", **{_stage_name(when): stage})


def _takes_argument(callback: Callable) -> bool:
    """True when the callback wants the call."""
    parameters = inspect.signature(callback).parameters.values()
    return any(
        p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL) and p.default is p.empty
        for p in parameters
    )


def _stage_name(when: str) -> str:
    if when not in ("before", "after"):
        raise ValueError(f"when={when!r}: expected 'before' or 'after'")
    return when


def answer_with(answer: Answer | Callable[[Call], Answer], executed: bool = False) -> Action:
    """Gives this very answer: what AWS says in a moment that an emulator does not have.

    `executed=True` lets the upstream carry it out first.
    """

    async def stage(call: Call) -> Outcome:
        return answer(call) if callable(answer) else answer

    return Action("answer_with", after=stage) if executed else Action("answer_with", before=stage)
