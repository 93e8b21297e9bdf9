"""Names the operation of a REST call (S3, EKS, Route 53, ...) by matching it against botocore's service model."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

import botocore.exceptions
import botocore.loaders
from botocore.model import ServiceModel


@dataclass(frozen=True)
class Route:
    """One operation of a REST service as a pattern over method, path, query and headers."""

    operation: str
    method: str
    path: re.Pattern
    flags: tuple[tuple[str, str | None], ...]  # literal query parts; None: any value
    query: frozenset[str]  # query parameters that the operation requires
    headers: frozenset[str]  # headers that it requires, lower case
    deprecated: bool

    def matches(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> re.Match | None:
        """The path match (its groups are the labels), or None."""
        if method != self.method or not self.query <= query.keys() or not all(name in headers for name in self.headers):
            return None
        if not all(name in query and value in (None, query[name]) for name, value in self.flags):
            return None
        return self.path.match(path)

    @property
    def rank(self) -> tuple:
        """Sort key, most specific first; a deprecated twin comes last."""
        literals = len(re.sub(r"\(.*?\)", "", self.path.pattern))
        return (-len(self.flags) - len(self.query) - len(self.headers), -literals, self.deprecated, self.operation)


def _path_pattern(template: str) -> re.Pattern:
    """Turns `/{Bucket}/{Key+}` into a pattern; labels become groups, a `+` label may hold slashes."""
    pattern = ""
    for part in re.split(r"(\{[^}]+\})", template.rstrip("/")):
        if not part.startswith("{"):
            pattern += re.escape(part)
            continue
        label = re.sub(r"\W", "_", part.strip("{}+"))
        pattern += f"(?P<{label}>{'.+' if part.endswith('+}') else '[^/]+'})"
    return re.compile(pattern + "/?$")


@functools.cache
def routes(service: str) -> tuple[Route, ...]:
    """All operations of a REST service, most specific first; empty for a service that botocore does not know."""
    try:
        # A loader of our own: clients take the bucket out of the paths of the model that their loader keeps
        # (botocore/handlers.py).
        model = ServiceModel(botocore.loaders.create_loader().load_service_model(service, "service-2"), service)
    except botocore.exceptions.UnknownServiceError:
        return ()
    found = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        template, _, literal = operation.http["requestUri"].partition("?")
        shape = operation.input_shape
        required = [shape.members[member].serialization for member in shape.required_members] if shape else []
        found.append(
            Route(
                operation=name,
                method=operation.http["method"],
                path=_path_pattern(template),
                flags=tuple((key, value or None) for key, value in parse_qsl(literal, keep_blank_values=True)),
                query=frozenset(where["name"] for where in required if where.get("location") == "querystring"),
                headers=frozenset(where["name"].lower() for where in required if where.get("location") == "header"),
                deprecated=operation.deprecated,
            )
        )
    return tuple(sorted(found, key=lambda route: route.rank))


def identify(
    service: str, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[str, dict] | None:
    """(operation, labels of the path), or None when no operation of the service fits.

    `path` is still percent-encoded.
    """
    for route in routes(service):
        match = route.matches(method, path, query, headers)
        if match:
            return route.operation, {label: unquote(value) for label, value in match.groupdict().items()}
    return None
