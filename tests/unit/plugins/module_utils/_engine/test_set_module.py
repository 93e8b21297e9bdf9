# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every module of a set checks before AWS is asked anything."""

from __future__ import annotations

import botocore
import pytest
from support.module import ModuleFailed, run_module

NOBODY = "http://127.0.0.1:9"  # whoever called AWS would fail with another message


def test_an_old_botocore_is_told_in_one_line_before_aws_is_asked(monkeypatch):
    monkeypatch.setattr(botocore, "__version__", "1.39.10")
    with pytest.raises(
        ModuleFailed, match=r"^botocore 1\.39\.11 or later is needed, found 1\.39\.10; install it for the Python"
    ) as caught:
        run_module("kms_key", {"deployment": "acme-dev", "alias": "acme"}, NOBODY)
    assert "\n" not in caught.value.result["msg"] and caught.value.result["actions"] == []


def test_the_least_botocore_is_enough(monkeypatch):
    monkeypatch.setattr(botocore, "__version__", "1.39.11")
    with pytest.raises(ModuleFailed, match="alias"):
        run_module("kms_key", {"deployment": "acme-dev", "alias": "not an alias!"}, NOBODY)
