"""Absolute addresses for one request, on the host that it came to."""

from aiohttp import web

from ferrule.auth.signing import GET_SECS, PUT_SECS, Signer
from ferrule.http.services import services
from ferrule.ports.files import RunFile
from ferrule.ports.runs import Run


class RequestLinks:
    """The links port for one request."""

    def __init__(self, base_url: str, signer: Signer, *, now: float, upload_bytes: int) -> None:
        self._base_url = base_url
        self._signer = signer
        self._now = int(now)
        self._upload_bytes = upload_bytes

    def upload_url(self, run: Run, name: str) -> str:
        """See the port."""
        return self._base_url + self._signer.signed(
            "PUT",
            storage_path(run.id, name),
            expires_at=self._now + PUT_SECS,
            max_bytes=self._upload_bytes,
        )

    def download_url(self, run: Run, file: RunFile) -> str:
        """See the port."""
        path = storage_path(run.id, file.name)
        return self._base_url + self._signer.signed("GET", path, expires_at=self._now + GET_SECS)

    def media_url(self, run: Run, name: str) -> str:
        """Return where the page shows a run's file from, for an hour at least.

        The same within an hour, so that a browser that has the file doesn't ask for it again.
        """
        path = media_path(run.id, name)
        expires_at = (self._now // GET_SECS + 2) * GET_SECS
        # Of its own host: the page is allowed no other.
        return self._signer.signed("GET", path, expires_at=expires_at)


def storage_path(run_id: int, name: str) -> str:
    """Return the path a run's file is put to and fetched from."""
    return f"/storage/runs/{run_id}/{name}"


def media_path(run_id: int, name: str) -> str:
    """Return the path a run's file is shown from."""
    return f"/media/runs/{run_id}/{name}"


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
    )
