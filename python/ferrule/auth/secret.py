"""The server's own secret, and the name that is made from it."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

SECRET_BYTES = 32


def load_secret(folder: Path) -> bytes:
    """Return the secret of a data folder, made on first use and readable by its owner only."""
    place = folder / "secret"
    with contextlib.suppress(FileExistsError):
        write_private(place, secrets.token_bytes(SECRET_BYTES))
    secret = place.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise OSError(f"The server's secret is damaged; remove the file to make a new one: {place}")
    return secret


def server_id(secret: bytes) -> str:
    """Return the public name of the server that has this secret."""
    return hashlib.sha256(b"server id:" + secret).hexdigest()[:12]


def write_private(place: Path, content: bytes) -> None:
    """Write a new file that no one but its owner may read, whole or not at all.

    Raises:
        FileExistsError: The file is there already; it is left as it is.
    """
    with _draft(place, content) as draft:
        # Unlike a rename, a link never takes the place of a file that came first.
        os.link(draft, place)


def replace_private(place: Path, content: bytes) -> None:
    """Write a file that no one but its owner may read, in place of what is there."""
    with _draft(place, content) as draft:
        os.replace(draft, place)


@contextlib.contextmanager
def _draft(place: Path, content: bytes) -> Iterator[Path]:
    """Make a file beside a place, on the disk already; it is gone after the `with`."""
    draft = place.with_name(f"{place.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
