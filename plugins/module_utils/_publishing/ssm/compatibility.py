# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether this version of the collection may write where another one published last. The manifest says which. Pure.

Versions are those of Galaxy, which are semantic ones (https://semver.org). What Ansible offers to modules does not
know them (compat.version puts 1.0.0-dev after 1.0.0), and packaging need not exist where modules run.
"""

from __future__ import annotations

import re
from typing import Any

from ..contract.version import COLLECTION_VERSION
from .entries import MANIFEST
from .manifest import FORMAT, ManifestDamaged, read_object

PAGE = "docs/upgrading.md"
LONGEST = 100
_NUMBER = "(0|[1-9][0-9]*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?")

_Order = tuple[int, int, int, bool, list[tuple[bool, int, str]]]


def is_version(text: Any) -> bool:
    return _order(text) is not None


def is_older(text: Any, than: Any) -> bool:
    """Whether a version comes before another; what is not a version comes before every one."""
    mine, others = _order(text), _order(than)
    return others is not None and (mine is None or mine < others)


def newer_writer(prefix: str, manifest: str, ours: str = COLLECTION_VERSION) -> str:
    """Why this version must not write below a prefix whose manifest has this text, or nothing.

    Only a version that can be read is a newer one. Damage is repaired by publishing, as ever.
    """
    try:
        head = read_object(manifest)
    except ManifestDamaged:
        return ""
    wrote, form = head.get("collection_version"), head.get("format")
    here = f"{prefix}/{MANIFEST} was written"
    if is_version(wrote) and is_older(ours, wrote):
        return (
            f"{here} by version {wrote} of connectly.shared_infrastructure, and this is the older {ours}; "
            f"upgrade to {wrote} or newer ({PAGE})"
        )
    if isinstance(form, int) and form > FORMAT:
        return (
            f"{here} in format {form} by version {wrote!r} of connectly.shared_infrastructure, and this version, "
            f"{ours}, knows formats up to {FORMAT}; upgrade ({PAGE})"
        )
    return ""


def _order(text: Any) -> _Order | None:
    """What sorts as the version does: pre-releases before their release, numbers in them by value and before words."""
    match = _VERSION.fullmatch(text) if isinstance(text, str) and len(text) <= LONGEST else None
    if match is None:
        return None
    major, minor, patch, label = match.groups()
    return int(major), int(minor), int(patch), not label, [_word(word) for word in label.split(".")] if label else []


def _word(word: str) -> tuple[bool, int, str]:
    return (False, int(word), "") if word.isdigit() else (True, 0, word)
