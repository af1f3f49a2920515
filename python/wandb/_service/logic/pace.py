"""How often a server hears from a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

__all__ = ("OTHERS", "OURS", "Pace")


@dataclass(frozen=True, slots=True)
class Pace:
    """Waits and sizes, in seconds and bytes.

    Attributes:
        post_secs: The least time between two requests with lines.
        summary_secs: The least time between two summaries.
        upsert_secs: How long changes of the config are gathered.
        heartbeat_secs: The longest silence.
        batch_bytes: A request is filled up to here; so much that waits is sent at once.
        line_bytes: A longer line is left out, since the server would refuse all of the request.
        stop_secs: How often is asked whether the run is to stop; None where answers tell.
    """

    post_secs: float
    summary_secs: float
    upsert_secs: float
    heartbeat_secs: float
    batch_bytes: int
    line_bytes: int
    stop_secs: float | None

    def with_options(self, options: Mapping[str, Any]) -> Pace:
        """Return this pace with what a run's settings say."""
        chosen = {
            "post_secs": options.get("x_file_stream_transmit_interval"),
            "heartbeat_secs": options.get("heartbeat_seconds"),
            "batch_bytes": options.get("x_file_stream_max_bytes"),
            "line_bytes": options.get("x_file_stream_max_line_bytes"),
        }
        return replace(self, **{name: value for name, value in chosen.items() if value is not None})


# A page of ours shows a row within the second.
OURS = Pace(0.1, 0.5, 0.5, 30.0, 4 << 20, 24 << 20, None)
# Servers of others get what the original would send, no more often than it does.
OTHERS = Pace(15.0, 30.0, 5.0, 30.0, 10 << 20, 10_383_360, 15.0)
