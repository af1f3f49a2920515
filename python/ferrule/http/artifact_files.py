"""Bytes of artifacts, in by PUT and out by GET.

`PUT /storage/artifacts/{number}/contents/{md5 hex}` and `…/manifests/{manifest}` need a signed
address and bring bytes of an MD5 that was announced. `GET …/files/{path}` and `…/manifest` take a
signed address or a login, and answer ranges.

`GET /artifactsV2/…` and `/artifacts/…` are where released clients fetch files that an artifact
refers to, or that they could not get otherwise: by entity and MD5, with a login. They give bytes
that a committed artifact of that entity has, to those who may read the entity.
"""

import base64

from aiohttp import web

from ferrule.auth.permissions import Action, Entity, allowed, require
from ferrule.errors import Conflict, NotFound
from ferrule.http.arriving import pieces_of_file
from ferrule.http.links import brought_manifest_path, content_path, entry_path, manifest_path
from ferrule.http.sending import Sent, send
from ferrule.http.services import Services, services
from ferrule.ports.artifacts import Artifact
from ferrule.ports.manifests import Content

MANIFEST_NAME = "wandb_manifest.json"


async def put_content(request: web.Request) -> web.Response:
    """Take in bytes of an artifact."""
    at_hand = services(request)
    number, md5_hex = int(request.match_info["number"]), request.match_info["md5"]
    path = content_path(number, md5_hex)
    max_bytes = at_hand.signer.check("PUT", path, request.query, now=at_hand.clock())
    artifact = await _artifact(at_hand, number)
    md5 = base64.b64encode(bytes.fromhex(md5_hex)).decode()
    blob = await at_hand.blobs.put(pieces_of_file(request), max_bytes=max_bytes, md5=md5)
    content = Content(md5, blob.sha256, blob.size, artifact.id)
    await at_hand.stores.manifests.keep(artifact.entity, content)
    return web.Response(status=200, headers={"ETag": f'"{md5_hex}"'})


async def put_manifest(request: web.Request) -> web.Response:
    """Take in a manifest of an artifact."""
    at_hand = services(request)
    number, manifest_id = (int(request.match_info[name]) for name in ("number", "manifest"))
    path = brought_manifest_path(number, manifest_id)
    max_bytes = at_hand.signer.check("PUT", path, request.query, now=at_hand.clock())
    await _artifact(at_hand, number)
    manifest = await at_hand.stores.manifests.get(manifest_id)
    if manifest is None or manifest.artifact_id != number:
        raise NotFound("The artifact has no such manifest.")
    if not manifest.digest:
        raise Conflict("The manifest's digest was not announced; do that before you upload it.")
    blob = await at_hand.blobs.put(
        pieces_of_file(request), max_bytes=max_bytes, md5=manifest.digest
    )
    await at_hand.stores.manifests.arrived(manifest_id, blob.sha256)
    return web.Response(status=200)


async def get_entry(request: web.Request) -> web.StreamResponse:
    """Hand out a file of an artifact, or a range of it."""
    at_hand = services(request)
    number, path = int(request.match_info["number"]), request.match_info["path"]
    artifact = await _readable(request, at_hand, number, entry_path(number, path))
    entry = await at_hand.stores.manifests.entry(artifact.id, path)
    if entry is None:
        raise NotFound("The artifact has no such file.")
    if entry.ref is not None:
        raise NotFound("The file is a reference: its bytes are not on this server.")
    return await send(request, Sent(path, entry.blob, entry.size))


async def get_manifest(request: web.Request) -> web.StreamResponse:
    """Hand out an artifact's manifest."""
    at_hand = services(request)
    number = int(request.match_info["number"])
    artifact = await _readable(request, at_hand, number, manifest_path(number))
    size = await at_hand.blobs.size(artifact.manifest) if artifact.manifest else None
    if size is None:
        raise NotFound("The artifact is not committed yet.")
    return await send(request, Sent(MANIFEST_NAME, artifact.manifest, size))


async def get_by_digest(request: web.Request) -> web.StreamResponse:
    """Hand out bytes that an artifact of an entity has, by their MD5."""
    at_hand = services(request)
    viewer = (await at_hand.callers.of(request)).required()
    entity, md5_hex = request.match_info["entity"], request.match_info["md5"]
    require(viewer, Action.READ, Entity(entity))
    md5 = base64.b64encode(bytes.fromhex(md5_hex)).decode()
    content = await at_hand.stores.manifests.readable(entity, md5)
    if content is None:
        raise NotFound("No artifact here has such a file.")
    name = request.match_info.get("name", md5_hex)
    return await send(request, Sent(name, content.blob, content.size))


async def _readable(request: web.Request, at_hand: Services, number: int, path: str) -> Artifact:
    if "signature" in request.query:
        at_hand.signer.check("GET", path, request.query, now=at_hand.clock())
        return await _artifact(at_hand, number)
    viewer = (await at_hand.callers.of(request)).required()
    artifact = await _artifact(at_hand, number)
    if not allowed(viewer, Action.READ, artifact):
        raise _none()
    return artifact


async def _artifact(at_hand: Services, number: int) -> Artifact:
    artifact = await at_hand.stores.artifacts.get(number)
    if artifact is None:
        raise _none()
    return artifact


def _none() -> NotFound:
    return NotFound("The artifact was not found.")


_MD5 = "{md5:[0-9a-f]{32}}"
_COLLECTION = "/artifactsV2/{region}/{entity}/{project}/{collection}"
_BIRTH = "{birth:[^/]*}"


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    artifact = r"/storage/artifacts/{number:\d{1,18}}"
    app.router.add_put(f"{artifact}/contents/{_MD5}", put_content)
    app.router.add_put(artifact + r"/manifests/{manifest:\d{1,18}}", put_manifest)
    app.router.add_get(f"{artifact}/manifest", get_manifest)
    app.router.add_get(artifact + "/files/{path:.+}", get_entry)
    for path in (
        f"{_COLLECTION}/{_BIRTH}/{_MD5}/{{name}}",
        f"{_COLLECTION}/{{artifact}}/{_BIRTH}/{_MD5}/{{name}}",
        f"/artifactsV2/{{region}}/{{entity}}/{_BIRTH}/{_MD5}",
        f"/artifacts/{{entity}}/{_MD5}",
    ):
        app.router.add_get(path, get_by_digest)
