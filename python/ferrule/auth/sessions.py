"""Browsers that are logged in: one-time links, and the cookie that they turn into."""

import base64
import hashlib
import hmac
import json
import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ferrule.auth.secret import replace_private

SESSION_SECS = 30 * 24 * 3600
LINK_SECS = 24 * 3600
MAX_LINKS = 10_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser's session: whose, until when, and a name by which it can be ended."""

    person_id: int
    expires_at: int
    name: str


class Sessions:
    """Makes and checks sessions.

    A cookie says all about its session and is signed, so that sessions outlive the server's
    process; only those that were ended by hand are written down. One-time links are kept in
    memory: a restart makes them void.
    """

    def __init__(self, secret: bytes, ended_file: Path, clock: Callable[[], float]) -> None:
        self._key = hashlib.sha256(b"sessions:" + secret).digest()
        self._ended_file = ended_file
        self._clock = clock
        self._links: dict[str, tuple[int, float]] = {}
        self._ended: dict[str, int] = _read_ended(ended_file)
        self._ending = threading.Lock()

    def mint_link(self, person_id: int) -> str:
        """Return a token that logs a browser in once, within a day."""
        now = self._clock()
        self._links = {
            token: link for token, link in list(self._links.items())[-MAX_LINKS:] if link[1] > now
        }
        token = secrets.token_urlsafe(24)
        self._links[token] = (person_id, now + LINK_SECS)
        return token

    def redeem_link(self, token: str) -> int | None:
        """Return whose link it is, None if it was used, expired or never made."""
        person_id, expires_at = self._links.pop(token, (0, 0.0))
        return person_id if expires_at > self._clock() else None

    def begin(self, person_id: int) -> str:
        """Return the cookie of a new session."""
        expires_at = int(self._clock()) + SESSION_SECS
        said = f"{person_id}.{expires_at}.{secrets.token_hex(8)}"
        return f"{said}.{self._signature(said)}"

    def read(self, cookie: str) -> Session | None:
        """Return the session of a cookie, None if it is not one of ours, expired or ended."""
        said, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(said).encode()):
            return None
        person_id, expires_at, name = said.split(".")
        session = Session(int(person_id), int(expires_at), name)
        over = session.expires_at <= self._clock() or name in self._ended
        return None if over else session

    def end(self, session: Session) -> None:
        """End a session: its cookie opens nothing from now on. Waits for the disk."""
        now = self._clock()
        with self._ending:
            kept = {name: until for name, until in self._ended.items() if until > now}
            self._ended = kept | {session.name: session.expires_at}
            replace_private(self._ended_file, json.dumps(self._ended).encode())

    def _signature(self, said: str) -> str:
        return hmac.new(self._key, said.encode(), hashlib.sha256).hexdigest()


def _read_ended(place: Path) -> dict[str, int]:
    try:
        return {str(name): int(until) for name, until in json.loads(place.read_text()).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as err:
        log.warning(
            "The list of browsers that have logged out can't be read (%s); whoever kept one of "
            "their cookies is logged in again: %s",
            err,
            place,
        )
        return {}


def key_of_basic(authorization: str) -> str | None:
    """Return the key in an `Authorization: Basic` header, None if there is none to be found."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(credentials.strip(), validate=True).decode()
    except ValueError:
        return None
    return pair.partition(":")[2] or None
