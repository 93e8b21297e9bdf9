# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading a published set: through the manifest a complete one, without it the parameters as they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..contract.model import CONTRACT, Contract
from ..contract.values import decode, encode
from .compatibility import newer_writer
from .entries import MANIFEST, clean_prefix
from .manifest import Manifest, ManifestDamaged, Outputs, parse, part_paths
from .reading import Stored, read_parameters

ATTEMPTS = 3
PAUSE_SECONDS = 0.5
NAMES_PER_CALL = 10

AUTO, ALWAYS, NEVER = "auto", "true", "false"
"""What a reader asks of the manifest: use it where there is one, insist on it, or leave it aside."""


class PublishedError(Exception):
    """What is published cannot be read as a set; the text is one clear line."""


@dataclass
class Published:
    """A set as readers get it. parts holds the outputs by layer; information is the manifest's, empty without one.

    differing names the outputs whose parameter is not as the manifest has it: a publisher is at work or was killed.
    """

    parts: dict[str, Outputs]
    information: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Stored] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)

    @property
    def outputs(self) -> dict[str, Any]:
        """The typed values by output name."""
        return {name: item["value"] for outputs in self.parts.values() for name, item in outputs.items()}

    @property
    def types(self) -> dict[str, str]:
        return {name: item["type"] for outputs in self.parts.values() for name, item in outputs.items()}

    @property
    def layers(self) -> dict[str, dict[str, Any]]:
        """The typed values by layer."""
        return {layer: {name: item["value"] for name, item in outputs.items()} for layer, outputs in self.parts.items()}


def read_everything(
    ssm: Any,
    prefix: str,
    require_manifest: str = AUTO,
    *,
    decrypt: bool = False,
    contract: Contract = CONTRACT,
    sleep: Callable[[float], Any] = time.sleep,
) -> Published:
    """All parameters below a prefix, ten a call, and the set that they are. Raises PublishedError."""
    prefix = clean_prefix(prefix)
    for attempt in range(1, ATTEMPTS + 1):
        stored = read_parameters(ssm, prefix, decrypt)
        last = attempt == ATTEMPTS
        if require_manifest == NEVER or MANIFEST not in stored:
            _insist(require_manifest, prefix)
            return Published(from_parameters(stored, contract), {}, stored)
        try:
            manifest = parse({path: item.text for path, item in stored.items()})
        except ManifestDamaged as error:
            if last:
                raise _damaged(prefix, stored[MANIFEST].text, error) from error
        else:
            differing = differences(manifest, stored, contract)
            if last or not differing:
                return Published(dict(manifest.parts), dict(manifest.information), stored, differing)
        sleep(PAUSE_SECONDS)  # pages are not read at one moment: a publisher may be at work
    raise AssertionError("unreachable")


def read_set(
    ssm: Any,
    prefix: str,
    require_manifest: str = AUTO,
    *,
    contract: Contract = CONTRACT,
    sleep: Callable[[float], Any] = time.sleep,
) -> Published:
    """The set alone: one call where there is a manifest, otherwise the pages of all parameters.

    Raises PublishedError.
    """
    prefix = clean_prefix(prefix)
    if require_manifest == NEVER:
        return read_everything(ssm, prefix, NEVER, contract=contract)
    for attempt in range(1, ATTEMPTS + 1):
        head = _texts(ssm, prefix, [MANIFEST])
        if not head:
            return read_everything(ssm, prefix, require_manifest, contract=contract, sleep=sleep)
        try:
            manifest = parse({**head, **_texts(ssm, prefix, part_paths(head[MANIFEST]))})
            return Published(dict(manifest.parts), dict(manifest.information))
        except ManifestDamaged as error:
            if attempt == ATTEMPTS:
                raise _damaged(prefix, head[MANIFEST], error) from error
        sleep(PAUSE_SECONDS)
    raise AssertionError("unreachable")


def from_parameters(stored: dict[str, Stored], contract: Contract) -> dict[str, Outputs]:
    """The outputs by layer as the parameters have them."""
    parts: dict[str, Outputs] = {}
    for output in contract.outputs.values():
        item = stored.get(output.path)
        if item is None:
            continue
        try:
            value = decode(output.type, item.text)
        except ValueError as error:
            raise PublishedError(
                f"{item.name} does not hold a {output.type}, which output {output.name} is: {error}"
            ) from error
        parts.setdefault(output.layer, {})[output.name] = {"type": output.type, "value": value}
    return parts


def differences(manifest: Manifest, stored: dict[str, Stored], contract: Contract) -> list[str]:
    """The outputs whose parameter is not as the manifest has it, and those that only one of the two has."""
    expected = {
        name: encode(item["type"], item["value"]) for name, item in manifest.outputs.items() if name in contract.outputs
    }
    found = {output.name: stored[output.path].text for output in contract.outputs.values() if output.path in stored}
    return sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))


def environments_with(ssm: Any, prefix: str, path: str) -> list[str]:
    """The prefixes beside this one below which a path is published; pages hold all below their common parent."""
    parent = clean_prefix(prefix).rpartition("/")[0]
    if not parent:
        return []
    names = (stored.name for stored in read_parameters(ssm, parent).values())
    return sorted(
        name[: -len(path) - 1]
        for name in names
        if name.endswith(f"/{path}") and name != f"{clean_prefix(prefix)}/{path}"
    )


def _insist(require_manifest: str, prefix: str) -> None:
    if require_manifest == ALWAYS:
        raise PublishedError(
            f"there is no complete set under {prefix}: {prefix}/{MANIFEST} does not exist; "
            "publish with the manifest first"
        )


def _damaged(prefix: str, text: str, error: ManifestDamaged) -> PublishedError:
    newer = newer_writer(prefix, text)
    reason = newer or f"{prefix}/{MANIFEST} is damaged ({error}); publish again to repair it"
    return PublishedError(f"{reason}, or read with require_manifest false")


def _texts(ssm: Any, prefix: str, paths: Iterable[str]) -> dict[str, str]:
    """The texts of parameters by path; those that do not exist are left out."""
    names = [f"{prefix}/{path}" for path in paths]
    found = {}
    for start in range(0, len(names), NAMES_PER_CALL):
        for item in ssm.get_parameters(Names=names[start : start + NAMES_PER_CALL])["Parameters"]:
            found[item["Name"][len(prefix) + 1 :]] = item["Value"]
    return found
