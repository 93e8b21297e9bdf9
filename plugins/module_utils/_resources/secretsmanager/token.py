# Copyright: Contributors to connectly.shared_infrastructure
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AUTH tokens of ElastiCache: AWS's rules, a generator, and the care that keeps them out of messages. Pure."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable
from typing import TypeVar

from ..._aws.errors import AWS_ERRORS
from ..._engine.model import ApplyFailed

T = TypeVar("T")

SHORTEST, LONGEST = 16, 128
PATTERN = re.compile(rf"[A-Za-z0-9!&#$^<>-]{{{SHORTEST},{LONGEST}}}")
RULES = f"an AUTH token has {SHORTEST} to {LONGEST} letters, digits or ! & # $ ^ < > -"
HIDDEN = "(hidden)"


def generate(length: int) -> str:
    """Letters and digits alone: clients put the token into URLs, where AWS's other characters need escaping."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _number in range(length))


def valid(token: str) -> bool:
    return bool(PATTERN.fullmatch(token))


def without_token(call: Callable[[], T], token: str) -> T:
    """Run a call that carries a token. An error that repeats the token is raised without it, and without its cause."""
    try:
        return call()
    except AWS_ERRORS as error:
        if token not in str(error):
            raise
        text = str(error).replace(token, HIDDEN)
    raise ApplyFailed(text)
