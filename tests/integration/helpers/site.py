"""An account that the tests of one file share, with a recording proxy in front of it, and what of a plan it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.emulator import Emulator
from support.playbook import PlaybookRun, run_playbook
from support.proxy import RecordingProxy
from support.results import RunResult
from support.snapshot import Snapshot, snapshot


class Site:
    """An emulated account and the runs against it, which all go through the recording proxy."""

    def __init__(self, emulator: Emulator, proxy: RecordingProxy) -> None:
        self.emulator = emulator
        self.proxy = proxy

    def start(
        self,
        playbook: str | Path,
        inventory: Any,
        *arguments: str,
        env: Mapping[str, str | None] | None = None,
        **options: Any,
    ) -> PlaybookRun:
        """A run that is not started yet; env and options as PlaybookRun has them."""
        return PlaybookRun(
            playbook,
            inventory,
            *arguments,
            env={**self.emulator.environment(self.proxy.endpoint_url), **(env or {})},
            **options,
        )

    def run(
        self,
        playbook: str | Path,
        inventory: Any,
        *arguments: str,
        env: Mapping[str, str | None] | None = None,
        **options: Any,
    ) -> RunResult:
        """Runs to the end. The proxy's record begins with this run."""
        self.proxy.clear()
        return run_playbook(
            playbook,
            inventory,
            *arguments,
            env={**self.emulator.environment(self.proxy.endpoint_url), **(env or {})},
            **options,
        )

    def writes(self) -> list[str]:
        """The writes of the last run, as lines for an assertion's message."""
        return [str(call) for call in self.proxy.writes()]

    def snapshot(self, deployment: str | None = None) -> Snapshot:
        return snapshot(self.emulator, deployment)

    def client(self, service: str) -> Any:
        return self.emulator.client(service)


@contextmanager
def empty_site(emulator: Emulator) -> Iterator[Site]:
    """The emulator, emptied, behind a proxy: for a fixture of module scope."""
    emulator.reset()
    with RecordingProxy(emulator.endpoint_url) as proxy:
        yield Site(emulator, proxy)


def named(actions: Iterable[Mapping[str, Any]], *kinds: str) -> set[tuple[str, str]]:
    """(type, key) of what a plan creates, or of its actions of these kinds."""
    return {(action["type"], action["key"]) for action in actions if action["action"] in (kinds or ("create",))}


def messages(result: RunResult) -> list[str]:
    """What the failed tasks say."""
    return [str(task.result.get("msg")) for task in result.failed_tasks]


def held(taken: Snapshot, deployment: str) -> set[tuple[str, str]]:
    """(type, key) of everything that an account holds of one deployment, routes and rules included."""
    found = set(_of_lists(taken, deployment))
    for kind, entries in taken.items():
        for name, items in entries.items():
            owner, _, rest = name.partition("/")
            if owner == deployment:
                found.add((kind, rest.partition("/")[2]))
            elif kind == "kms_alias" and deployment in str(items):
                found.add((kind, items[0]["target"].rpartition("/")[2].rstrip(">")))
            elif (
                kind == "security_group"
                and name == f"default of <vpc:{deployment}/network/main>"
                and items[0]["rules"] == []
            ):
                found.add(("default_security_group", "default"))
    return found


def _of_lists(taken: Snapshot, deployment: str) -> Iterator[tuple[str, str]]:
    """What has no entry of its own: rules of groups, routes and associations of tables, states in buckets."""
    for items in taken.get("security_group", {}).values():
        for rule in items[0]["rules"]:
            if rule["tags"].get("connectly:deployment") == deployment:
                yield "security_group_rule", rule["tags"]["connectly:key"]
    for name, items in taken.get("route_table", {}).items():
        if not name.startswith(f"{deployment}/"):
            continue
        for route in items[0]["routes"]:
            # The VPC's own route and those of gateway endpoints come by themselves.
            if route["Origin"] == "CreateRoute" and "DestinationCidrBlock" in route:
                yield "route", f"{name.partition('/network/')[2]} {route['DestinationCidrBlock']}"
        for association in items[0]["associations"]:
            yield "route_table_association", association.partition("/network/")[2].rstrip(">")
    for name, items in taken.get("terraform_state_bucket", {}).items():
        if name.startswith(f"{deployment}/outputs/"):
            yield from (("terraform_state", key) for key in items[0]["objects"])
