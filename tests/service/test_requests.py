import contextlib
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timezone

import aiohttp
import anyio
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from service.fake_server import KEY, fake_server, page, reset, status
from wandb._base.retry import Backoff
from wandb._http import client as client_room
from wandb._http.client import Client, Trouble, _certificates
from wandb._http.graphql import execute
from wandb._http.options import HttpOptions
from wandb._http.policy import (
    FILE_STREAM,
    GRAPHQL,
    TRANSFER,
    UPSERT,
    RequestFailure,
    message_of,
    retry_after_secs,
)
from wandb._http.transfer import download, upload
from wandb.errors import AuthenticationError, CommError

ONCE_MORE = Backoff(2.0, 60.0, 3, jitter=0.0)
PATH = "/files/e/p/r/file_stream"


class Naps:
    """Stands in for sleeping: notes how long, and takes no time."""

    def __init__(self):
        self.secs = []

    async def __call__(self, secs):
        self.secs.append(secs)


async def posted(server, *, policy=FILE_STREAM, naps=None, watch=None):
    async with Client(server.url, KEY, sleep=naps or Naps()) as client:
        return await client.request(
            "POST", PATH, policy=policy.with_backoff(ONCE_MORE), body=b"{}", watch=watch
        )


# The protocol's table: what each kind of request makes of each status.
@pytest.mark.anyio
@pytest.mark.parametrize("code", [302, 400, 401, 403, 404, 409, 410, 413, 422, 501])
async def test_refused_lines_are_not_sent_again(code):
    async with fake_server(answers={"stream": [status(code)]}) as server:
        with pytest.raises(RequestFailure) as caught:
            await posted(server)

    assert (caught.value.status, caught.value.final, server.posts) == (code, True, [])


@pytest.mark.anyio
@pytest.mark.parametrize("code", [408, 412, 429, 500, 502, 503, 504])
async def test_lines_are_sent_again_after_a_passing_failure(code):
    async with fake_server(answers={"stream": [status(code)]}) as server:
        await posted(server)

    assert len(server.posts) == 1


@pytest.mark.parametrize(
    ("policy", "conflict_is_final"),
    [(GRAPHQL, True), (UPSERT, False), (FILE_STREAM, True), (TRANSFER, True)],
)
def test_only_an_upsert_is_tried_again_after_a_conflict(policy, conflict_is_final):
    assert policy.is_final(409) is conflict_is_final


def test_tries_are_those_of_the_protocol():
    tries = [policy.backoff.tries for policy in (GRAPHQL, FILE_STREAM, TRANSFER)]
    waits = {(policy.backoff.first_secs, policy.backoff.most_secs) for policy in (GRAPHQL, UPSERT)}

    assert tries == [20, 10_000, 20]
    assert waits == {(2.0, 60.0)}


@pytest.mark.anyio
@pytest.mark.parametrize("answer", [page(), page(302), page(303), page(307), reset()])
async def test_pages_and_broken_connections_are_no_answers(answer):
    async with fake_server(answers={"stream": [answer]}) as server:
        await posted(server)

    assert len(server.posts) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("code", [301, 308, 403])
async def test_page_of_a_server_that_has_moved_or_forbids_is_final(code):
    async with fake_server(answers={"stream": [page(code)]}) as server:
        with pytest.raises(RequestFailure) as caught:
            await posted(server)

    assert caught.value.final


@pytest.mark.anyio
async def test_waits_double_and_end():
    naps = Naps()
    async with fake_server(answers={"stream": [status(500)] * 9}) as server:
        with pytest.raises(RequestFailure) as caught:
            await posted(server, naps=naps)

    assert naps.secs == [2.0, 4.0, 8.0]
    assert not caught.value.final


@pytest.mark.anyio
async def test_server_that_asks_for_patience_gets_it():
    naps = Naps()
    answers = [status(429, **{"Retry-After": "11"}), status(503, **{"Retry-After": "1"})]
    async with fake_server(answers={"stream": answers}) as server:
        await posted(server, naps=naps)

    assert naps.secs == [11.0, 4.0]


@pytest.mark.anyio
async def test_watcher_hears_of_trouble_and_of_its_end():
    heard = []
    async with fake_server(answers={"stream": [status(503, "closed for cleaning")]}) as server:
        await posted(server, watch=heard.append)

    assert heard == [Trouble("closed for cleaning", 503, 1, 2.0), None]


@pytest.mark.anyio
async def test_server_that_is_not_there_is_no_refusal(unused_tcp_port_of_nobody):
    async with Client(f"http://127.0.0.1:{unused_tcp_port_of_nobody}", KEY, sleep=Naps()) as client:
        with pytest.raises(RequestFailure) as caught:
            await client.request("POST", PATH, policy=GRAPHQL.with_backoff(ONCE_MORE))

    assert (caught.value.status, caught.value.final) == (None, False)
    assert "can't be reached" in caught.value.message


@pytest.fixture
def unused_tcp_port_of_nobody():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]  # bound, and nobody listens


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["environment", "settings"])
async def test_server_on_this_machine_is_asked_without_the_proxy(
    name, monkeypatch, unused_tcp_port_of_nobody
):
    proxy = f"http://127.0.0.1:{unused_tcp_port_of_nobody}"
    options = HttpOptions(http_proxy=proxy) if name == "settings" else None
    if name == "environment":
        monkeypatch.setenv("http_proxy", proxy)
    async with fake_server() as server, Client(server.url, KEY, options, sleep=Naps()) as client:
        await client.request("POST", PATH, policy=FILE_STREAM.with_backoff(ONCE_MORE), body=b"{}")

    assert len(server.posts) == 1


@pytest.mark.anyio
async def test_certificate_that_is_not_trusted_today_is_no_refusal(monkeypatch):
    expired = ssl.SSLCertVerificationError(1, "certificate has expired")
    naps = Naps()
    async with Client("https://box.example", KEY, sleep=naps) as client:

        def refuse(*_, **__):
            raise aiohttp.ClientConnectorCertificateError(None, expired)

        monkeypatch.setattr(client._session, "request", refuse)
        with pytest.raises(RequestFailure, match="certificate has expired") as caught:
            await client.request("POST", PATH, policy=GRAPHQL.with_backoff(ONCE_MORE))

    assert not caught.value.final
    assert len(naps.secs) == ONCE_MORE.tries


@pytest.mark.anyio
async def test_key_stays_with_its_server():
    async with fake_server() as server, Client(server.url, KEY) as client:
        await client.request("POST", PATH, policy=FILE_STREAM, body=b"{}")
        trusted = server.headers[-1]
        await client.request("POST", PATH, policy=FILE_STREAM, body=b"{}", trusted=False)

    assert "Authorization" in trusted
    assert "Authorization" not in server.headers[-1]


@pytest.mark.anyio
async def test_key_of_the_own_server_is_not_sent_to_a_stranger_who_took_its_port(monkeypatch):
    monkeypatch.setattr(client_room, "is_of_a_stranger", lambda port: True)
    async with fake_server() as server, Client(server.url, KEY, sleep=Naps()) as client:
        with pytest.raises(RequestFailure, match="another user") as caught:
            await client.request("POST", PATH, policy=FILE_STREAM.with_backoff(ONCE_MORE))

    assert (server.posts, caught.value.final) == ([], False)


@pytest.mark.anyio
async def test_key_of_a_server_that_others_run_is_sent_to_it(monkeypatch):
    monkeypatch.setattr(client_room, "is_of_a_stranger", lambda port: True)
    async with fake_server() as server, Client(server.url, "a" * 40) as client:
        await client.request("POST", PATH, policy=FILE_STREAM, body=b"{}")

    assert len(server.posts) == 1


@pytest.mark.anyio
async def test_headers_of_the_settings_are_sent_and_no_cookie_is_kept():
    options = HttpOptions(headers={"X-Gate": "open"})
    async with fake_server() as server, Client(server.url, KEY, options) as client:
        await client.request("POST", PATH, policy=FILE_STREAM, body=b"{}")

    assert server.headers[0]["X-Gate"] == "open"
    assert server.headers[0]["User-Agent"].startswith("Ferrule ")
    assert "Cookie" not in server.headers[0]


@asynccontextmanager
async def storage(answer=None):
    """Stand in for a storage elsewhere: yields its address and the headers it got."""
    got = []

    async def take(request):
        got.append(dict(request.headers))
        await request.read()
        return answer() if answer else web.Response(body=b"content")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    try:
        yield str(server.make_url("/signed")), got
    finally:
        await server.close()


GATE = HttpOptions(headers={"X-Gate": "secret"})


@pytest.mark.anyio
@pytest.mark.parametrize("content", [b"", b"some"])
async def test_storage_elsewhere_gets_the_file_and_nothing_else(tmp_path, content):
    (tmp_path / "a.bin").write_bytes(content)
    async with storage() as (url, got), Client("http://box.example", KEY, GATE) as client:
        await upload(client, url, str(tmp_path / "a.bin"), headers=["X-Asked:yes"])

    assert got[0]["X-Asked"] == "yes"
    assert got[0]["Content-Length"] == str(len(content))
    assert not {"X-Gate", "Authorization", "Content-Type"} & set(got[0])


@pytest.mark.anyio
async def test_redirect_that_leads_elsewhere_gets_neither_key_nor_headers(tmp_path):
    async with storage() as (elsewhere, got):

        def there():
            return web.Response(status=302, headers={"Location": elsewhere})

        async with storage(there) as (url, first), Client(url, KEY, GATE) as client:
            await download(client, url, str(tmp_path / "a"))

    assert {"X-Gate", "Authorization"} <= set(first[0])
    assert not {"X-Gate", "Authorization"} & set(got[0])
    assert (tmp_path / "a").read_bytes() == b"content"


@pytest.mark.anyio
async def test_redirects_in_a_circle_end(tmp_path):
    def again():
        return web.Response(status=302, headers={"Location": "/signed"})

    async with storage(again) as (url, _), Client(url, KEY) as client:
        with pytest.raises(RequestFailure):
            await download(client, url, str(tmp_path / "a"))


@pytest.mark.anyio
async def test_gate_before_the_server_gets_its_header_with_files_too(tmp_path):
    (tmp_path / "a").write_text("some")
    async with storage() as (url, got), Client(url, KEY, GATE) as client:
        await upload(client, url, str(tmp_path / "a"))

    assert got[0]["X-Gate"] == "secret"
    assert "Authorization" not in got[0]


@pytest.mark.anyio
@pytest.mark.parametrize("reads", [False, True])
async def test_upload_that_stands_still_is_tried_again(tmp_path, reads):
    """A server that takes nothing, and one that takes all and never answers."""
    (tmp_path / "a").write_bytes(bytes(16 << 20))
    at_once = replace(TRANSFER, backoff=Backoff(0.0, 0.0, 1), stall_secs=0.2)

    async def stall(stream):
        async with stream:
            if reads:
                with contextlib.suppress(anyio.EndOfStream, anyio.BrokenResourceError):
                    while True:
                        await stream.receive()
            await anyio.sleep_forever()

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    url = f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}"
    async with listener, anyio.create_task_group() as group, Client(url, KEY) as client:
        group.start_soon(listener.serve, stall)
        with pytest.raises(RequestFailure, match="in time") as caught:
            await upload(client, url, str(tmp_path / "a"), policy=at_once)
        group.cancel_scope.cancel()

    assert not caught.value.final


@pytest.mark.anyio
async def test_errors_in_a_successful_answer_are_final():
    def refused():
        return web.json_response({"data": None, "errors": [{"message": "no such project"}]})

    async with (
        fake_server(answers={"upsert": [refused]}) as server,
        Client(server.url, KEY, sleep=Naps()) as client,
    ):
        with pytest.raises(RequestFailure) as caught:
            await execute(client, "mutation U { a }", {}, operation="UpsertBucket")

    assert (caught.value.message, caught.value.final) == ("no such project", True)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "no"}',
        b'{"error": {"message": "no"}}',
        b'{"errors": ["no"]}',
        b'{"errors": [{"message": "no"}]}',
        b"no\nmore",
    ],
)
def test_sentence_is_found_in_every_shape_of_error(body):
    assert message_of(body) == "no"


def test_web_page_is_not_quoted():
    assert "web page" in message_of(b"<!doctype html><p>long</p>")


@pytest.mark.parametrize(
    ("value", "secs"),
    [
        (None, 0),
        ("7", 7),
        ("-3", 0),
        ("nan", 0),
        ("1e9", 300),
        ("soon", 0),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30),
    ],
)
def test_retry_after_is_read_and_bounded(value, secs):
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)

    assert retry_after_secs(value, now=now) == secs


def test_unknown_key_is_an_authentication_error():
    assert isinstance(RequestFailure("no", status=401).public(), AuthenticationError)
    assert type(RequestFailure("no", status=403).public()) is CommError


def test_authorities_of_the_environment_are_read(monkeypatch, tmp_path):
    broken = tmp_path / "authorities.pem"
    broken.write_text("none")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(broken))

    with pytest.raises(ssl.SSLError):
        _certificates(HttpOptions())


def test_waits_grow_to_their_bound_and_differ():
    backoff = Backoff(2.0, 60.0, 20, jitter=0.5)

    assert [backoff.wait_secs(n, chance=lambda: 0.0) for n in (1, 2, 5, 6, 5000)] == [
        2.0,
        4.0,
        32.0,
        60.0,
        60.0,
    ]
    assert backoff.wait_secs(1, chance=lambda: 1.0) == 1.0


@pytest.mark.anyio
@pytest.mark.parametrize("url", ["http://127.0.0.1:70000", "http://[::1"])
async def test_address_that_cannot_be_is_a_failure_of_the_request(url):
    async with Client(url, None) as client:
        with pytest.raises(RequestFailure, match="can't be right"):
            await client.request("POST", PATH, policy=FILE_STREAM)
