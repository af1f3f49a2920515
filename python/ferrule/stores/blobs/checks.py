"""What every engine checks of bytes before it keeps them."""

from ferrule.errors import BadInput


def require_md5(found: str, expected: str | None) -> None:
    """Let pass bytes whose MD5 is the one that was announced.

    Raises:
        BadInput: It is another.
    """
    if expected is not None and found != expected:
        raise BadInput(
            "The bytes are not those that were announced: their MD5 is another. Nothing of them "
            "was kept; send them again."
        )
