"""Moments as servers spell them."""

from datetime import datetime, timezone

__all__ = ("moment_of",)


def moment_of(text: str | None) -> datetime | None:
    """Read a moment in UTC, ISO 8601 with any number of digits; None where there is none."""
    if not text:
        return None
    # Python 3.10 reads neither the Z nor other than three or six digits of a second.
    whole, _, rest = text.removesuffix("Z").partition(".")
    fraction = rest.partition("+")[0]
    try:
        moment = datetime.fromisoformat(whole[:19]).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    return moment.replace(microsecond=int(f"{fraction:0<6}"[:6]) if fraction.isdecimal() else 0)
