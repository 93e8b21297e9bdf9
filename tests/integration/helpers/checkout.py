"""The project as a clone would have it, in a folder of the test's own: copy_checkout of the scripts."""

from __future__ import annotations

import sys

from support.playbook import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from common import copy_checkout

__all__ = ["copy_checkout"]
