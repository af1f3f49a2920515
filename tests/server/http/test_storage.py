"""Run files go in by signed addresses, and come out to those who may have them."""

import asyncio
import os

import pytest

from ferrule.errors import BusyError
from ferrule.http.links import RequestLinks
from server.http.conftest import KEYS, basic, opened

pytestmark = pytest.mark.anyio


def local(address):
    """Return an address as a path of the server under test."""
    return address.removeprefix("http://x")


async def upload_path(house, name="media/a b.png", *, now=None, upload_bytes=100):
    links = RequestLinks(
        "http://x", house.services.signer, now=now or house.clock(), upload_bytes=upload_bytes
    )
    return local(links.upload_url(await house.run(), name))


async def put(house, name="media/a b.png", content=b"content", **more):
    from yarl import URL

    path = URL(await upload_path(house, name, **more), encoded=True)
    return await house.ask("PUT", path, role=None, data=content)


async def stored(house):
    run = await house.run()
    page = await house.stores.files.find(run.id)
    return {file.name: file.size for file in page.items}


@pytest.mark.parametrize("name", ["a.txt", "media/a b.png", "ä/ö%2F?#&.bin", "x" * 200])
async def test_uploaded_file_comes_back(house, name):
    content = os.urandom(50)

    answer = await put(house, name, content)

    assert answer.status == 200
    assert await stored(house) == {name: 50}
    run = await house.run()
    from urllib.parse import quote

    from yarl import URL

    back = await house.ask("GET", URL(f"/storage/runs/{run.id}/{quote(name)}", encoded=True))
    assert (back.status, back.body) == (200, content)


async def test_empty_file_and_repeated_upload_are_fine(house):
    assert (await put(house, content=b"")).status == 200
    assert await stored(house) == {"media/a b.png": 0}

    assert (await put(house, content=b"new")).status == 200
    assert await stored(house) == {"media/a b.png": 3}


async def test_upload_beyond_its_size_is_refused_and_nothing_kept(house):
    answer = await put(house, content=b"x" * 11, upload_bytes=10)

    assert answer.status == 413
    assert await stored(house) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/runs/1/", "/runs/2/"),
        ("a%20b.png", "c.png"),
        ("media/", "media/../"),
        ("media/", ""),
        ("size=100", "size=999"),
        ("expires=1", "expires=2"),
        ("signature=", "signature=0"),
        ("signature", "nothing"),
    ],
)
async def test_altered_address_is_refused_and_nothing_kept(house, old, new):
    from yarl import URL

    path = await upload_path(house)
    assert old in path

    answer = await house.ask("PUT", URL(path.replace(old, new, 1), encoded=True), data=b"x")

    assert answer.status in (403, 404)
    assert await stored(house) == {}


async def test_expired_address_is_refused(house):
    path = await upload_path(house)
    house.clock.now += 24 * 3600 + 1

    answer = await house.ask("PUT", path, role=None, data=b"x")

    assert answer.status == 403
    assert "expired" in answer.body["error"]


async def test_upload_address_does_not_download(house):
    await put(house)
    path = await upload_path(house)

    assert (await house.ask("GET", path, role=None)).status == 403


async def test_key_alone_does_not_upload(house):
    answer = await house.ask("PUT", "/storage/runs/1/a.txt", data=b"x")

    assert answer.status == 403
    assert await stored(house) == {}


async def test_upload_to_a_deleted_run_is_not_found(house):
    path = await upload_path(house)
    run = await house.run()
    await house.stores.runs.delete(run.id)

    assert (await house.ask("PUT", path, role=None, data=b"x")).status == 404


async def test_download_address_needs_no_key_for_an_hour(house):
    await put(house, "a.txt")
    run = await house.run()
    file = await house.stores.files.get(run.id, "a.txt")
    links = RequestLinks("http://x", house.services.signer, now=house.clock(), upload_bytes=1)
    path = local(links.download_url(run, file))

    assert (await house.ask("GET", path, role=None)).body == b"content"
    house.clock.now += 3601
    assert (await house.ask("GET", path, role=None)).status == 403


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("stranger", 404), ("member", 200), ("admin", 200)]
)
async def test_only_members_download(house, role, status):
    await put(house, "a.txt")

    assert (await house.ask("GET", "/storage/runs/1/a.txt", role=role)).status == status


@pytest.mark.parametrize(
    "path",
    [
        "/storage/runs/1/missing.txt",
        "/storage/runs/1/../../secret",
        "/storage/runs/1/%2e%2e/%2e%2e/secret",
        "/storage/runs/1/%2Fetc%2Fpasswd",
        "/storage/runs/99/a.txt",
        "/storage/runs/x/a.txt",
        "/storage/runs/99999999999999999999/a.txt",
    ],
)
async def test_nothing_outside_is_reached(house, path):
    from yarl import URL

    answer = await house.ask("GET", URL(path, encoded=True))

    assert answer.status == 404


async def test_ranges_are_answered(house):
    await put(house, "a.bin", bytes(range(100)))
    path = "/storage/runs/1/a.bin"

    part = await house.ask("GET", path, headers={"Range": "bytes=10-19"})
    end = await house.ask("GET", path, headers={"Range": "bytes=-5"})
    beyond = await house.ask("GET", path, headers={"Range": "bytes=200-"})
    odd = await house.ask("GET", path, headers={"Range": "lines=1-2"})

    assert (part.status, part.body) == (206, bytes(range(10, 20)))
    assert part.headers["Content-Range"] == "bytes 10-19/100"
    assert (end.status, end.body) == (206, bytes(range(95, 100)))
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, "bytes */100")
    assert odd.status == 400


async def test_uploaded_page_runs_in_no_browser(house):
    await put(house, "evil.html", b"<script>alert(1)</script>")

    answer = await house.ask("GET", "/storage/runs/1/evil.html")

    assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment;")


async def test_unchanged_file_is_not_sent_again(house):
    await put(house, "a.txt")
    first = await house.ask("GET", "/storage/runs/1/a.txt")

    again = await house.ask(
        "GET", "/storage/runs/1/a.txt", headers={"If-None-Match": first.headers["ETag"]}
    )
    head = await house.ask("HEAD", "/storage/runs/1/a.txt")

    assert (again.status, again.body) == (304, b"")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "7")


async def test_upload_that_breaks_off_leaves_nothing(tmp_path):
    import asyncio

    async with opened(tmp_path) as house:
        path = await upload_path(house, "a.txt")
        server = house.client.server
        _reader, writer = await asyncio.open_connection(server.host, server.port)
        host = f"{server.host}:{server.port}"
        writer.write(
            f"PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 50\r\n\r\nhalf".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        answer = await house.ask("GET", "/storage/runs/1/a.txt")

        assert answer.status == 404
        assert basic("x")
        assert await stored(house) == {}


@pytest.mark.parametrize("fault", [OSError(5, "I/O error"), KeyError("x"), BusyError("Later.")])
async def test_file_that_can_not_be_read_to_its_end_is_cut_off_there(house, monkeypatch, fault):
    await put(house, "a.txt", b"x" * 100)

    async def broken(*_which):
        yield b"x" * 10
        raise fault

    monkeypatch.setattr(house.services.blobs, "read", broken)
    reader, writer = await asyncio.open_connection("127.0.0.1", house.client.server.port)
    writer.write(
        b"GET /storage/runs/1/a.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        + f"Authorization: {basic(KEYS['member'])}\r\n\r\n".encode()
    )
    said = await asyncio.wait_for(reader.read(), 10)
    writer.close()

    assert said.partition(b"\r\n\r\n")[2] == b"x" * 10
