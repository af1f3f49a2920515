"""Absolute addresses for one request, on the host that it came to."""

import base64

from aiohttp import web

from ferrule.auth.signing import GET_SECS, PUT_SECS, Signer
from ferrule.http.services import services
from ferrule.ports.files import RunFile
from ferrule.ports.runs import Run


class RequestLinks:
    """The links port for one request."""

    def __init__(
        self,
        base_url: str,
        signer: Signer,
        *,
        now: float,
        upload_bytes: int,
        manifest_bytes: int = 0,
    ) -> None:
        self._base_url = base_url
        self._signer = signer
        self._now = int(now)
        self._upload_bytes = upload_bytes
        self._manifest_bytes = manifest_bytes

    def upload_url(self, run: Run, name: str) -> str:
        """See the port."""
        return self._put(storage_path(run.id, name), self._upload_bytes)

    def download_url(self, run: Run, file: RunFile) -> str:
        """See the port."""
        return self._get(storage_path(run.id, file.name))

    def content_upload_url(self, artifact_id: int, md5: str) -> str:
        """See the port."""
        return self._put(content_path(artifact_id, hex_of(md5)), self._upload_bytes)

    def manifest_upload_url(self, artifact_id: int, manifest_id: int) -> str:
        """See the port."""
        return self._put(brought_manifest_path(artifact_id, manifest_id), self._manifest_bytes)

    def entry_url(self, artifact_id: int, path: str) -> str:
        """See the port."""
        return self._get(entry_path(artifact_id, path))

    def manifest_url(self, artifact_id: int) -> str:
        """See the port."""
        return self._get(manifest_path(artifact_id))

    def _put(self, path: str, max_bytes: int) -> str:
        expires_at = self._now + PUT_SECS
        signed = self._signer.signed("PUT", path, expires_at=expires_at, max_bytes=max_bytes)
        return self._base_url + signed

    def _get(self, path: str) -> str:
        return self._base_url + self._signer.signed("GET", path, expires_at=self._now + GET_SECS)


def storage_path(run_id: int, name: str) -> str:
    """Return the path a run's file is put to and fetched from."""
    return f"/storage/runs/{run_id}/{name}"


def content_path(artifact_id: int, md5_hex: str) -> str:
    """Return the path that bytes of an artifact are put to."""
    return f"/storage/artifacts/{artifact_id}/contents/{md5_hex}"


def brought_manifest_path(artifact_id: int, manifest_id: int) -> str:
    """Return the path that a client's manifest of an artifact is put to."""
    return f"/storage/artifacts/{artifact_id}/manifests/{manifest_id}"


def entry_path(artifact_id: int, path: str) -> str:
    """Return the path that a file of an artifact is fetched from."""
    return f"/storage/artifacts/{artifact_id}/files/{path}"


def manifest_path(artifact_id: int) -> str:
    """Return the path that an artifact's manifest is fetched from."""
    return f"/storage/artifacts/{artifact_id}/manifest"


def hex_of(md5: str) -> str:
    """Return an MD5 in hex that is in base64."""
    return base64.b64decode(md5).hex()


def base_url(request: web.Request) -> str:
    """Return scheme and host as the client knows them."""
    # A proxy that ends TLS says so. Whoever lies about it misleads only themselves.
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    scheme = forwarded if forwarded in ("http", "https") else request.scheme
    return f"{scheme}://{request.host}"


def links_of(request: web.Request) -> RequestLinks:
    """Make links for a request."""
    at_hand = services(request)
    return RequestLinks(
        base_url(request),
        at_hand.signer,
        now=at_hand.clock(),
        upload_bytes=at_hand.settings.upload_bytes,
        manifest_bytes=at_hand.settings.manifest_bytes,
    )
