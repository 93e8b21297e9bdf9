# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a publisher refuses before AWS is asked: what the contract forbids, and SSM's limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..._engine.model import has_placeholder
from ..._inputs.problems import Problem, duplicates, tag_problems
from ..contract.model import CONTRACT, Contract, did_you_mean
from ..contract.values import value_problem
from .entries import (
    ADVANCED_BYTES,
    HIDDEN,
    MANIFEST,
    MANIFEST_LAYER,
    SECURE,
    Entry,
    clean_prefix,
    declared_layers,
    entries,
)

PATH = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
LAYER = re.compile(r"[a-z][a-z0-9_-]{0,99}")
MAXIMUM_LEVELS = 15
MAXIMUM_NAME = 1011
PATH_ALLOWED = "a path has letters, digits, . - _ and single slashes between its levels"


def problems(
    params: Mapping[str, Any], contract: Contract = CONTRACT, outputs_option: str = "outputs"
) -> list[Problem]:
    """Everything wrong with a publisher's options; outputs_option is the caller's name for the outputs."""
    if params["state"] == "absent":
        params = {**params, "outputs": {}, "parameters": []}
    found = [
        *prefix_problems(params["prefix"]),
        *_output_problems(params, contract, outputs_option),
        *_parameter_problems(params, contract),
        *_layer_problems(params, contract, outputs_option),
        *_allow_problems(params, contract),
        *tag_problems(params["tags"], reserved_prefix=params["identity_tag_prefix"]),
    ]
    commit = params.get("source_commit") or ""
    if len(commit) > 200 or "{{" in commit:
        found.append(Problem("source_commit", commit, "a text of at most 200 characters without {{ is allowed"))
    if not found:
        for entry in entries(params, contract):
            found.extend(_limit_problems(params["prefix"], entry, _option(params, entry, outputs_option)))
    return found


def placeholder_problems(params: Mapping[str, Any], outputs_option: str = "outputs") -> list[Problem]:
    """Ids that are not known yet. Check mode plans with them; nobody may ever publish them."""
    allowed = "it is known only after the layer that creates it has been applied, and is not published before"
    found = [
        Problem(f"{outputs_option}.{name}", value, allowed)
        for name, value in params["outputs"].items()
        if has_placeholder(value)
    ]
    for number, item in enumerate(params["parameters"]):
        if has_placeholder(item.get("value")):
            found.append(Problem(f"parameters[{number}].value", item["value"], allowed))
    return found


def prefix_problems(prefix: str) -> Iterator[Problem]:
    if not prefix.startswith("/") or not PATH.fullmatch(clean_prefix(prefix)[1:]):
        yield Problem("prefix", prefix, "a prefix begins with a slash; " + PATH_ALLOWED)
    elif prefix[1:].lower().startswith(("aws", "ssm")):
        yield Problem("prefix", prefix, "names that begin with aws or ssm belong to AWS")


def _output_problems(params: Mapping[str, Any], contract: Contract, option: str) -> Iterator[Problem]:
    for name, value in params["outputs"].items():
        output = contract.outputs.get(name)
        if output is None:
            yield Problem(
                f"{option}.{name}", value, did_you_mean(str(name), contract.outputs), "is not in the contract"
            )
        elif not (isinstance(value, str) and has_placeholder(value)):
            allowed = value_problem(output.type, value)
            if allowed:
                yield Problem(f"{option}.{name}", value, allowed)


def _parameter_problems(params: Mapping[str, Any], contract: Contract) -> Iterator[Problem]:
    yield from duplicates(params["parameters"], "parameters", "path")
    for number, item in enumerate(params["parameters"]):
        path, here = item["path"], f"parameters[{number}]"
        if not PATH.fullmatch(path):
            yield Problem(f"{here}.path", path, f"{PATH_ALLOWED}, and is below the prefix")
        elif path in contract.by_path:
            yield Problem(
                f"{here}.path",
                path,
                f"it is the path of output {contract.by_path[path].name}, which is published through outputs",
            )
        elif path == MANIFEST or path.startswith(f"{MANIFEST}/"):
            yield Problem(f"{here}.path", path, "the manifest stands there")
        yield from _parameter_value_problems(item, here)


def _parameter_value_problems(item: Mapping[str, Any], here: str) -> Iterator[Problem]:
    value, secret, kind = item.get("value"), item.get("secret_value"), item["type"]
    if kind == SECURE:
        if value is not None:
            yield Problem(
                f"{here}.value",
                HIDDEN,
                "the value of a SecureString is given as secret_value, which Ansible keeps out of its logs",
            )
        elif not secret:
            yield Problem(f"{here}.secret_value", HIDDEN, "it is empty, and SSM takes no empty value")
        return
    if secret is not None:
        yield Problem(f"{here}.secret_value", HIDDEN, f"only a SecureString has one, and type is {kind}")
    if item.get("kms_key_id"):
        yield Problem(f"{here}.kms_key_id", item["kms_key_id"], f"only a SecureString has a key, and type is {kind}")
    if kind == "StringList":
        items = value.split(",") if isinstance(value, str) else value
        allowed = value_problem("list", items)
    else:
        allowed = value_problem("string", value)
    if allowed:
        yield Problem(
            f"{here}.value",
            value,
            allowed.replace("; leave out an output whose resource does not exist", ", and SSM takes no empty value"),
        )


def _layer_problems(params: Mapping[str, Any], contract: Contract, option: str) -> Iterator[Problem]:
    layers = declared_layers(params, contract)
    for number, layer in enumerate(params.get("layers") or ()):
        if layer == MANIFEST_LAYER or not LAYER.fullmatch(layer):
            yield Problem(
                f"layers[{number}]",
                layer,
                f"a layer has small letters, digits, - and _, and {MANIFEST_LAYER} is the manifest's",
            )
    for name in params["outputs"]:
        if name in contract.outputs and contract.outputs[name].layer not in layers:
            yield Problem(
                f"{option}.{name}",
                contract.outputs[name].layer,
                f"layers declares only {', '.join(layers) or 'nothing'}",
                "is of another layer",
            )
    for number, item in enumerate(params["parameters"]):
        if item["layer"] == MANIFEST_LAYER or item["layer"] not in layers or not LAYER.fullmatch(item["layer"]):
            yield Problem(
                f"parameters[{number}].layer",
                item["layer"],
                f"allowed are the layers of this call: {', '.join(layers)}",
            )


def _allow_problems(params: Mapping[str, Any], contract: Contract) -> Iterator[Problem]:
    known = [*contract.outputs, *(item["path"] for item in params["parameters"])]
    for number, name in enumerate(params["allow_changes"]):
        if name not in known:
            yield Problem(f"allow_changes[{number}]", name, did_you_mean(name, known), "is no output of the contract")


def _option(params: Mapping[str, Any], entry: Entry, outputs_option: str) -> str:
    if entry.name:
        return f"{outputs_option}.{entry.name}"
    number = [item["path"] for item in params["parameters"]].index(entry.path)
    return f"parameters[{number}]"


def _limit_problems(prefix: str, entry: Entry, option: str) -> Iterator[Problem]:
    name = f"{clean_prefix(prefix)}/{entry.path}"
    if name.count("/") > MAXIMUM_LEVELS:
        yield Problem(option, name, f"SSM allows {MAXIMUM_LEVELS} levels")
    if len(name) > MAXIMUM_NAME:
        yield Problem(option, name, f"SSM allows names of {MAXIMUM_NAME} characters, and this one has {len(name)}")
    size = len(entry.text.encode())
    if size > ADVANCED_BYTES:
        yield Problem(option, "", f"SSM allows {ADVANCED_BYTES} bytes", f"has {size} bytes")
    if "{{" in entry.text:
        yield Problem(option, "", "SSM takes it for a reference to another parameter", "holds {{")
