"""Console lines as they were sent, taken apart."""

import json
import re
from typing import Any

# `ERROR ` before the time marks what went to standard error.
_PLAIN = re.compile(r"(ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?) (.*)", re.DOTALL)


def console_line(number: int, sent: str) -> dict[str, Any]:
    """Take a line apart that came as `[ERROR ]<time> <text>`, or as a JSON object."""
    line: dict[str, Any] = {
        "number": number,
        "text": sent,
        "level": None,
        "timestamp": None,
        "label": None,
    }
    if plain := _PLAIN.fullmatch(sent):
        level = "error" if plain[1] else None
        return line | {"text": plain[3], "level": level, "timestamp": f"{plain[2]}Z"}
    if sent.startswith("{") and (said := _structured(sent)) is not None:
        time = said.get("ts")
        return line | {
            "text": said["content"],
            "level": "error" if said.get("level") == "error" else None,
            "timestamp": f"{time}Z" if isinstance(time, str) else None,
            "label": said.get("label") if isinstance(said.get("label"), str) else None,
        }
    return line


def _structured(sent: str) -> dict[str, Any] | None:
    try:
        said = json.loads(sent)
    except ValueError:
        return None
    fits = isinstance(said, dict) and isinstance(said.get("content"), str)
    return said if fits else None
