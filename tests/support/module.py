"""Runs a module of the collection in this process, as Ansible would, and returns its result.

result = run_module("kms_key", {"deployment": "acme-dev", "alias": "acme"}, emulator.endpoint_url, check=True)
assert result["changed"] and result["actions"][0]["type"] == "kms_key"
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Mapping
from typing import Any
from unittest import mock

import botocore.loaders
from ansible.module_utils.common import warnings

from support.emulator import REGION, SECRET_KEY

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core before 2.19

    def patch_module_args(arguments: dict[str, Any]) -> Any:
        return mock.patch(
            "ansible.module_utils.basic._ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
        )


MODULES = "ansible_collections.connectly.shared_infrastructure.plugins.modules"

# Modules make a session each time, and a session reads the service models anew: four fifths of a run's time.
_LOADER = botocore.loaders.create_loader()


class ModuleFailed(AssertionError):
    """The module failed; .result is what it returned."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__(result.get("msg"))
        self.result = result


def run_module(name: str, parameters: Mapping[str, Any], endpoint_url: str, *, check: bool = False) -> dict[str, Any]:
    """The result of a successful run; raises ModuleFailed with the message and the whole result otherwise."""
    module = importlib.import_module(f"{MODULES}.{name}")
    connection = {"endpoint_url": endpoint_url, "region": REGION, "access_key": "test", "secret_key": SECRET_KEY}
    arguments = {**connection, **parameters, "_ansible_check_mode": check, "_ansible_diff": True}
    output = io.StringIO()
    one_loader = mock.patch("botocore.session.create_loader", lambda search_path_string=None: _LOADER)
    warnings._global_warnings.clear()  # those of earlier modules in this process
    with patch_module_args(arguments), mock.patch("sys.stdout", output), one_loader, contextlib.suppress(SystemExit):
        module.main()
    result = json.loads(output.getvalue().strip().splitlines()[-1])
    if result.get("failed"):
        raise ModuleFailed(result)
    return result
