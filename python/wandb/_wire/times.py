"""Headers that say when a run was, for a server that shows runs from their folders.

The values are seconds since 1970, as decimal numbers.
"""

from __future__ import annotations

__all__ = ("BEGAN_HEADER", "HEARD_HEADER")

BEGAN_HEADER = "X-Ferrule-Run-Began"
HEARD_HEADER = "X-Ferrule-Run-Heard"
