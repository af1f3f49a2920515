"""Who sent a request: by API key, or by the cookie of a session."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from ferrule.auth.keys import hashed
from ferrule.auth.permissions import Viewer
from ferrule.auth.sessions import Session, Sessions, key_of_basic
from ferrule.errors import Forbidden, Unauthenticated
from ferrule.ports.people import People

COOKIE_PREFIX = "ferrule-"
KNOWN_SECS = 5.0
MAX_KNOWN = 10_000
# A browser says by this where a request comes from; `none` is an address typed in.
OWN_SITES = ("same-origin", "none")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request; nobody known if `viewer` is None. `api_key` is the key that came."""

    viewer: Viewer | None = None
    api_key: str | None = None
    session: Session | None = None

    def required(self) -> Viewer:
        """Return who it is.

        Raises:
            Unauthenticated: Nobody known.
        """
        if self.viewer is None:
            raise Unauthenticated(
                "The request carries no API key that this server knows; log in first."
                if self.api_key is None
                else "This server does not know the API key that was sent."
            )
        return self.viewer


class Callers:
    """Finds out who sent a request.

    Who holds a key is remembered for a few seconds, so that posts need no query; a key that is
    taken away opens nothing after that.
    """

    def __init__(
        self, people: People, sessions: Sessions, server_id: str, clock: Callable[[], float]
    ) -> None:
        self._people = people
        self._sessions = sessions
        self._clock = clock
        self._known: dict[str, tuple[Viewer, float]] = {}
        self.cookie_name = COOKIE_PREFIX + server_id

    async def of(self, request: web.Request) -> Caller:
        """Return who sent a request. A key that is not known is not replaced by a cookie.

        Raises:
            Forbidden: The cookie came with a request that another site's page made.
        """
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            return await self._by_key(authorization)
        cookie = request.cookies.get(self.cookie_name)
        return Caller() if cookie is None else await self._by_cookie(request, cookie)

    async def _by_key(self, authorization: str) -> Caller:
        key = key_of_basic(authorization)
        if key is None:
            return Caller()
        key_hash = hashed(key)
        viewer, until = self._known.get(key_hash, (None, 0.0))
        if until < self._clock():
            viewer = await self._holder(key_hash)
        return Caller(viewer, key)

    async def _holder(self, key_hash: str) -> Viewer | None:
        self._known.pop(key_hash, None)
        person = await self._people.by_key_hash(key_hash)
        if person is None:
            return None
        viewer = Viewer.of(person, await self._people.entities_of(person.id))
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[key_hash] = viewer, self._clock() + KNOWN_SECS
        return viewer

    async def _by_cookie(self, request: web.Request, cookie: str) -> Caller:
        session = self._sessions.read(cookie)
        if session is None:
            return Caller()
        _refuse_other_sites(request)
        viewer = await self.viewer_of(session.person_id)
        return Caller(viewer, session=session if viewer else None)

    async def viewer_of(self, person_id: int) -> Viewer | None:
        """Return a person with their entities, None if they are gone."""
        person = await self._people.by_id(person_id)
        if person is None:
            return None
        return Viewer.of(person, await self._people.entities_of(person.id))


def _refuse_other_sites(request: web.Request) -> None:
    """Ports of one host are one site to `SameSite`, and need not belong to one person."""
    site = request.headers.get("Sec-Fetch-Site")
    navigation = request.headers.get("Sec-Fetch-Mode") == "navigate"
    if site is not None and site not in OWN_SITES and not navigation:
        raise Forbidden("The request comes from another site's page, and was not carried out.")
    # Of the methods that change something, forms of other sites can send this one alone.
    if request.method == "POST" and request.content_type != "application/json":
        raise Forbidden("A page's requests must be of type application/json.")
