"""The page: every GET that is no API's answers with it, and it draws what its address names.

A `token` in the address is a one-time login: it becomes a cookie, and the browser is sent on to
the same address without it.
"""

from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from ferrule.domain import names
from ferrule.errors import NotFound
from ferrule.http.services import services
from ferrule.http.session import set_cookie

STATIC = Path(__file__).resolve().parents[1] / "static"
API_PREFIXES = ("/api/", "/files/", "/storage/", "/media/", "/frames/", "/graphql", "/assets/")
IMMUTABLE = "public, max-age=31536000, immutable"

NO_BUNDLE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Ferrule</title>
<h1>Ferrule is running</h1>
<p>The page itself was not built. In a source tree, build it with <code>make page</code>
and load this address again. Clients can use the server meanwhile.</p>
</html>
"""


class Bundle:
    """The built page, as it lies in the package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}

    def find(self, name: str) -> Path | None:
        """Return the file of that name, None if the bundle has none."""
        if name not in self._files:
            # The folder is listed, and never asked for a name that came from outside. It is
            # listed again for unknown names, so that a page can be built under a running server.
            listed = (path for path in self._folder.rglob("*") if path.is_file())
            self._files = {path.relative_to(self._folder).as_posix(): path for path in listed}
        return self._files.get(name)


BUNDLE = web.AppKey("bundle", Bundle)


async def page(request: web.Request) -> web.StreamResponse:
    """Answer with the page, or a file that lies beside it."""
    if "token" in request.query:
        return _logged_in(request)
    if request.path.startswith(API_PREFIXES):
        raise NotFound("There is nothing at this address.")
    bundle = request.app[BUNDLE]
    name = request.path.lstrip("/")
    beside = bundle.find(name) if "/" not in name and "." in name else None
    if beside is not None and name != "index.html":
        return _file(beside, "public, max-age=3600")
    index = bundle.find("index.html")
    if index is None:
        return web.Response(text=NO_BUNDLE, content_type="text/html")
    return _file(index, "no-cache")


async def asset(request: web.Request) -> web.StreamResponse:
    """Answer with a file whose name changes with its content."""
    found = request.app[BUNDLE].find(f"assets/{request.match_info['name']}")
    if found is None:
        raise NotFound("There is nothing at this address.")
    return _file(found, IMMUTABLE)


async def nothing(request: web.Request) -> web.StreamResponse:
    """Tell other methods than GET that nothing is there."""
    raise NotFound("There is nothing at this address.")


def _file(path: Path, cache_control: str) -> web.FileResponse:
    kind = names.mimetype(path.name)
    headers = {"Content-Type": kind, "Cache-Control": cache_control}
    return web.FileResponse(path, headers=headers)


def _logged_in(request: web.Request) -> web.Response:
    """Turn the one-time token into a cookie; a void one only vanishes from the address."""
    rest = MultiDict(request.query)
    token = rest.popall("token")[0]
    place = request.rel_url.raw_path + (f"?{urlencode(list(rest.items()))}" if rest else "")
    # `//host` would be another server's address.
    response = web.Response(status=303, headers={"Location": "/" + place.lstrip("/")})
    response.headers["Cache-Control"] = "no-store"
    person_id = services(request).sessions.redeem_link(token)
    if person_id is not None:
        set_cookie(request, response, person_id)
    return response


def add_routes(app: web.Application, folder: Path = STATIC) -> None:
    """Put this family's routes in; the last ones, for they take what is left."""
    app[BUNDLE] = Bundle(folder)
    app.router.add_get("/assets/{name:.+}", asset)
    app.router.add_get("/{path:.*}", page)
    # 404, where aiohttp would say 405: the released clients send the same again for days on 405.
    app.router.add_route("*", "/{path:.*}", nothing)
