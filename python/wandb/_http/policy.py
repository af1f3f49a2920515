"""What a status means, decided once: try again, or give up and say what."""

from __future__ import annotations

import json
from typing import Any

from wandb.errors import AuthenticationError, CommError

# Waits and time-outs of servers and of proxies before them; everything else in the 400s is a no.
_PASSING = frozenset((408, 425, 429))


def worth_retrying(status: int) -> bool:
    """Whether the same request may succeed later."""
    return status >= 500 or status in _PASSING


def refusal(status: int, body: bytes, address: str) -> CommError:
    """Turn a final answer that is no success into an error with the server's own sentence."""
    said = sentence(body)
    if status == 401:
        return AuthenticationError(
            f"{said or 'The server does not accept the API key.'} Log in again with "
            f"`wandb login --relogin`, or correct WANDB_API_KEY. Server: {address}"
        )
    return CommError(f"{said or 'The server refused.'} (HTTP {status}, {address})")


def sentence(body: bytes) -> str:
    """Find the message in a JSON error of any of the shapes in use; empty without one."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else answer.get("error")
    return _text(first)


def _text(error: Any) -> str:
    if isinstance(error, dict):
        error = error.get("message")
    return error if isinstance(error, str) else ""
