# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rooms of a layer: the files that every _layers/<layer>/ has, and what each of them offers.

A layer's module hands them to run_layer. params are the options of the module, with the region that holds for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

if TYPE_CHECKING:  # names are computed on the controller too, which needs no botocore for that
    from .._aws.clients import Clients
    from .._engine.adapter import Adapter
    from .._engine.identity import Scope
    from .._engine.model import Resource
    from .._engine.plan import Plan
    from .._inputs.problems import Problem


class Account(Protocol):
    """Where a layer is built. To read one of these may ask AWS, so only what needs it does."""

    @property
    def partition(self) -> str: ...

    @property
    def account_id(self) -> str: ...


class WantedNames(TypedDict):
    """Names of one type that must be free or the deployment's own before the first write."""

    type: str
    variable: str
    """The option that gave the names."""
    names: Sequence[str]
    """As AWS has them."""


class Arguments(Protocol):
    """arguments.py: the module's options, as its documentation describes them."""

    ARGUMENTS: dict[str, dict[str, Any]]
    SETTINGS: dict[str, Any]
    """What the argument spec has besides: required_if and the like."""


class Checks(Protocol):
    """checks.py: what is refused before AWS is asked anything; pure."""

    def problems(self, params: Mapping[str, Any]) -> Iterator[Problem]: ...


class Names(Protocol):
    """names.py: each name in AWS, computed in this place only; pure."""

    def wanted(self, params: Mapping[str, Any]) -> list[WantedNames]: ...


class Desired(Protocol):
    """desired.py: what state=present wants; pure."""

    def resources(self, params: Mapping[str, Any], tags: Mapping[str, str], account: Account) -> list[Resource]: ...


class Outputs(Protocol):
    """outputs.py: the layer's part of the contract, from a finished plan; pure."""

    def outputs(self, plan: Plan) -> dict[str, Any]: ...


class Adapters(Protocol):
    """adapters.py: the layer's types of resources, of any service."""

    def adapters(self, clients: Clients, scope: Scope, params: Mapping[str, Any]) -> list[Adapter]: ...
