"""`/frames/{name}`: documents in which the page has things drawn that somebody logged.

A frame has no origin and may reach no host, so that neither a figure nor a flaw of the library
that draws it can act as the page. What it draws is sent to it as a message. Its script comes from
`/frames/{name}.js`, which any page may load: it holds nothing of anyone's.
"""

from aiohttp import web

from ferrule.errors import NotFound
from ferrule.http.ui import BUNDLE

NAMES = ("vega", "plotly", "molecule", "bokeh")
POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
DOCUMENT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{name}</title>
<style>
html, body, #place {{ width: 100%; height: 100%; margin: 0; overflow: hidden; }}
body {{ background: transparent; font: 13px system-ui, sans-serif; }}
#place {{ position: relative; }}
</style>
<body>
<script src="/frames/{name}.js"></script>
</html>
"""


def _name(request: web.Request) -> str:
    name = request.match_info["name"]
    if name not in NAMES:
        raise NotFound("There is nothing at this address.")
    return name


async def document(request: web.Request) -> web.Response:
    """Answer with an empty document that loads a frame's script."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    text = DOCUMENT.format(name=_name(request))
    return web.Response(text=text, content_type="text/html", headers=headers)


async def script(request: web.Request) -> web.StreamResponse:
    """Answer with a frame's script."""
    found = request.app[BUNDLE].find(f"frames/{_name(request)}.js")
    if found is None:
        raise NotFound("There is nothing at this address.")
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "Cache-Control": "no-cache",
        # The document that loads it has no origin, so that no other value would let it.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return web.FileResponse(found, headers=headers)


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_get(r"/frames/{name:[a-z]+}.js", script)
    app.router.add_get(r"/frames/{name:[a-z]+}", document)
