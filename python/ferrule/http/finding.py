"""What a read is about: a project or a run that the caller may see."""

from aiohttp import web

from ferrule.auth.permissions import Action, Viewer, allowed, require
from ferrule.errors import NotFound
from ferrule.http.services import services
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run


async def viewer_of(request: web.Request) -> Viewer:
    """Return who asks.

    Raises:
        Unauthenticated: Nobody known.
    """
    return (await services(request).callers.of(request)).required()


async def readable_project(request: web.Request, entity: str, name: str) -> Project:
    """Return a project that the caller may read.

    Raises:
        Unauthenticated: Nobody is logged in.
        NotFound: There is none that the caller may see.
    """
    viewer = await viewer_of(request)
    project = await services(request).stores.projects.get(entity, name)
    if project is None:
        raise NotFound(f"No project `{entity}/{name}` was found.")
    require(viewer, Action.READ, project)
    return project


async def readable_run(request: web.Request) -> Run:
    """Return the run that the address names, as new as it can be had.

    Raises:
        Unauthenticated: Nobody is logged in.
        NotFound: There is none that the caller may see.
    """
    viewer = await viewer_of(request)
    at_hand, info = services(request), request.match_info
    await at_hand.book.settle()
    run = await at_hand.stores.runs.get(info["entity"], info["project"], info["run"])
    if run is None or not allowed(viewer, Action.READ, run):
        path = f"{info['entity']}/{info['project']}/{info['run']}"
        raise NotFound(f"No run `{path}` was found.")
    return run
