"""A recording, fault-injecting HTTP proxy in front of an AWS emulator, run by a thread of the test process.

    with RecordingProxy(emulator.endpoint_url) as proxy:
        proxy.add(Fault("ec2:CreateVpc", drop_answer()))
        boto3.client("ec2", endpoint_url=proxy.endpoint_url, ...)
        assert proxy.count("ec2", "CreateVpc") == 1

Bodies, Host and signature headers pass unchanged; one call is one request. Only plain HTTP on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future

import aiohttp
import yarl
from aiohttp import web
from multidict import CIMultiDict

from support.answers import Answer, error_code
from support.calls import Call, identify
from support.faults import Drop, Fault, Predicate, as_predicate
from support.faults import call as call_action

# Headers that belong to one connection (RFC 9110, 7.6.1), and the length, which follows from the body.
_CONNECTION_HEADERS = (
    "Connection",
    "Keep-Alive",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Expect",
)
START_SECONDS = 10
# Hosts that exist only through us (RFC 6761 reserves .test).
AWS_HOST = "aws.test"
S3_HOST = "s3.aws.test"


class RecordingProxy:
    """Forwards to `upstream` (http://host:port), records every call, applies faults.

    A context manager; or start() and stop().
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream.rstrip("/")
        self.endpoint_url = ""
        self.errors: list[BaseException] = []  # raised by callbacks or by the proxy itself; stop() raises the first
        self._calls: list[Call] = []
        self._faults: list[Fault] = []
        self._seq = 0
        self._under_way = 0
        self._changed = threading.Condition()  # guards the four above
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="aws-proxy", daemon=True)

    # --- life ---

    def start(self) -> RecordingProxy:
        """Listens on a free port of 127.0.0.1; `endpoint_url` is valid when it returns."""
        self._thread.start()
        self._on_loop(self._open()).result(START_SECONDS)
        return self

    def stop(self) -> None:
        """Ends all connections and the thread; raises what a callback raised."""
        self._on_loop(self._close()).result(START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        self._loop.close()
        if self.errors:
            raise self.errors[0]

    def __enter__(self) -> RecordingProxy:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def unmodified_environment(self) -> dict[str, str]:
        """For a program that cannot be told to use path style (a consumer's Terraform as it stands): we are its HTTP
        proxy.

        Add it to `emulator.environment()`. S3 hosts such as dev-connectly.s3.aws.test then need no name service.
        """
        urls = {"AWS_ENDPOINT_URL": f"http://{AWS_HOST}", "AWS_ENDPOINT_URL_S3": f"http://{S3_HOST}"}
        return {
            **urls,
            "HTTP_PROXY": self.endpoint_url,
            "http_proxy": self.endpoint_url,
            "NO_PROXY": "",
            "no_proxy": "",
        }

    # --- what was seen ---

    @property
    def calls(self) -> list[Call]:
        """All calls since the start or the last clear(), in order of arrival."""
        with self._changed:
            return list(self._calls)

    def select(self, wanted: str | Predicate) -> list[Call]:
        """The calls that match `"ec2:Create*"`, `"reads"` or a predicate."""
        predicate = as_predicate(wanted)
        return [call for call in self.calls if predicate(call)]

    def writes(self) -> list[Call]:
        """The calls that may have changed the account (also those that failed)."""
        return self.select("writes")

    def count(self, service: str = "*", operation: str = "*") -> int:
        """How many calls matched; `*` and `?` are wildcards."""
        return len(self.select(f"{service}:{operation}"))

    def clear(self) -> None:
        """Forgets the recorded calls and counts from 1 again; faults stay."""
        with self._changed:
            self._calls.clear()
            self._seq = 0

    def wait_idle(self, timeout: float = 30) -> None:
        """Returns when no call is under way: after a kill, when the last executed write is in the account."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._under_way == 0, timeout):
                raise TimeoutError(
                    f"{self._under_way} calls still under way after {timeout} s: "
                    f"{[str(c) for c in self._calls if c.elapsed is None]}"
                )

    # --- disturbances ---

    def add(self, *faults: Fault) -> Fault:
        """Puts faults in force, several at a time may touch one call; returns the last."""
        with self._changed:
            self._faults.extend(faults)
        return faults[-1]

    def on_write(self, n: int, callback: Callable, when: str = "after", drop: bool = True) -> Fault:
        """Runs `callback` at the n-th write from now (1 is the next): before it reaches the upstream or after it was
        executed.

        With `drop` the client gets no answer, which is what a process killed at that point leaves behind.
        """
        return self.add(Fault("writes", call_action(callback, when, drop), times=1, skip=n - 1))

    def remove_faults(self) -> None:
        """Lifts all faults."""
        with self._changed:
            self._faults.clear()

    # --- the server ---

    def _on_loop(self, coroutine) -> Future:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    async def _open(self) -> None:
        # One connection per call: a kept one could be closed under us, and a silent retry would execute a write twice.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        self._client = aiohttp.ClientSession(
            connector=connector, auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None)
        )
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.endpoint_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._client.close()

    def _record(self, request: web.Request, body: bytes) -> tuple[Call, list[Fault]]:
        """Numbers the call and decides which faults it gets, in one step, so that the n-th call is the n-th."""
        with self._changed:
            self._seq += 1
            call = identify(self._seq, request.method, origin_form(request.raw_path), request.headers, body)
            faults = [fault for fault in self._faults if fault.claims(call)]
            call.faults = [fault.action.name for fault in faults]
            self._calls.append(call)
            self._under_way += 1
        return call, faults

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.content.read()
        call, faults = self._record(request, body)
        begin = time.monotonic()
        try:
            outcome = await self._outcome(request, body, call, faults)
        except Exception as error:
            self.errors.append(error)
            outcome = Drop()
        finally:
            with self._changed:
                call.elapsed = time.monotonic() - begin
                self._under_way -= 1
                self._changed.notify_all()
        if isinstance(outcome, Drop):
            if request.transport:
                request.transport.abort()
            return web.Response(status=500)  # nobody is left to read it
        return outcome

    async def _outcome(
        self, request: web.Request, body: bytes, call: Call, faults: Iterable[Fault]
    ) -> web.StreamResponse | Drop:
        outcome = await self._stages(call, [fault.action.before for fault in faults])
        if outcome is None:
            forwarded = await self._forward(request, body, call)
            outcome = await self._stages(call, [fault.action.after for fault in faults]) or forwarded
        if isinstance(outcome, Drop):
            return outcome
        call.status = outcome.status
        call.error = error_code(outcome.status, outcome.headers, outcome.body)
        return web.Response(status=outcome.status, body=outcome.body, headers=outcome.headers)

    @staticmethod
    async def _stages(call: Call, stages: Iterable) -> Drop | Answer | None:
        for stage in stages:
            outcome = await stage(call) if stage else None
            if outcome is not None:
                return outcome
        return None

    async def _forward(self, request: web.Request, body: bytes, call: Call) -> Answer:
        """Sends the call on, byte for byte, and gives the upstream's answer."""
        url = yarl.URL(self.upstream + origin_form(request.raw_path), encoded=True)
        headers = _end_to_end(request.headers)
        if request.raw_path.startswith("http://"):
            # The made-up host means nothing to the upstream.
            headers.popall("Host", None)
        skip = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
        async with self._client.request(
            request.method, url, data=body or None, headers=headers, allow_redirects=False, skip_auto_headers=skip
        ) as response:
            call.executed = True
            return Answer(response.status, await response.read(), _end_to_end(response.headers))


def origin_form(target: str) -> str:
    """A request target as a path: what clients send to an HTTP proxy is a whole URL, and in S3's the host may name
    the bucket.
    """
    if not target.startswith("http://"):
        return target
    host, _, path = target.removeprefix("http://").partition("/")
    bucket = (
        host.partition(":")[0].removesuffix(S3_HOST).rstrip(".") if host.partition(":")[0].endswith(S3_HOST) else ""
    )
    return f"/{bucket}/{path}" if bucket else f"/{path}"


def _end_to_end(headers) -> CIMultiDict:
    """The headers that are meant for the other end."""
    kept = CIMultiDict(headers)
    for name in _CONNECTION_HEADERS:
        kept.popall(name, None)
    return kept
