"""Numbers in JSON texts that clients send."""

_MOST_DIGITS = 400


def whole_number(digits: str) -> int | float:
    """Return an integer from its digits, for `json.loads(parse_int=…)`.

    Python refuses to read integers of thousands of digits; those are as large as infinity.
    """
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)
