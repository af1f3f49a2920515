"""Signed addresses: who holds one may do one thing to one object, up to a size, for a time."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from ferrule.errors import Forbidden

PUT_SECS = 24 * 3600
GET_SECS = 3600


class Signer:
    """Signs and checks addresses with the server's secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"signed addresses:" + secret).digest()

    def signed(self, method: str, path: str, *, expires_at: int, max_bytes: int = 0) -> str:
        """Return path and query that allow `method` on `path` until `expires_at`, in seconds.

        Args:
            method: `GET` or `PUT`.
            path: The address's path, not quoted.
            expires_at: Seconds since 1970.
            max_bytes: How much a `PUT` may bring.
        """
        query = {
            "expires": str(expires_at),
            "size": str(max_bytes),
            "signature": self._signature(method, path, expires_at, max_bytes),
        }
        return f"{quote(path)}?{urlencode(query)}"

    def check(self, method: str, path: str, query: Mapping[str, str], *, now: float) -> int:
        """Check a signed address; return how many bytes it allows.

        Raises:
            Forbidden: It was altered, is for something else, or its time is over.
        """
        try:
            expires_at, max_bytes = int(query["expires"]), int(query["size"])
            given = query["signature"]
        except (KeyError, ValueError) as err:
            raise Forbidden("The address lacks its signature; ask for a new one.") from err
        expected = self._signature(method, path, expires_at, max_bytes)
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise Forbidden("The address was altered or is for something else; ask for a new one.")
        if now > expires_at:
            raise Forbidden("The address has expired; ask for a new one.")
        return max_bytes

    def _signature(self, method: str, path: str, expires_at: int, max_bytes: int) -> str:
        said = "\n".join((method, str(expires_at), str(max_bytes), path))
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()
