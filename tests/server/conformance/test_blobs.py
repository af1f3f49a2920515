"""The blobs port's contract, on every engine."""

import base64
import hashlib
import os

import pytest

from ferrule.errors import BadInput, BusyError, TooLarge
from ferrule.stores.blobs.local import LocalBlobs
from ferrule.stores.blobs.memory import MemoryBlobs

pytestmark = pytest.mark.anyio
LIMIT = 8 << 20


@pytest.fixture(params=["memory", "local"])
async def blobs(request, tmp_path):
    return MemoryBlobs() if request.param == "memory" else LocalBlobs(tmp_path)


async def chunks_of(*chunks):
    for chunk in chunks:
        yield chunk


async def read(blobs, blob, *range_):
    return b"".join([piece async for piece in blobs.read(blob.sha256, *range_)])


@pytest.mark.parametrize("content", [b"", b"a", os.urandom(3 << 20)], ids=["empty", "one", "big"])
async def test_bytes_read_back_under_their_digest(blobs, content):
    blob = await blobs.put(chunks_of(content[:1000], content[1000:]), max_bytes=LIMIT)

    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    assert base64.b64decode(blob.md5) == hashlib.md5(content).digest()
    assert blob.size == await blobs.size(blob.sha256) == len(content)
    assert await read(blobs, blob) == content


async def test_same_bytes_again_are_kept_once_and_stay(blobs):
    one = await blobs.put(chunks_of(b"same"), max_bytes=LIMIT)
    other = await blobs.put(chunks_of(b"sa", b"me"), max_bytes=LIMIT)

    assert one == other
    assert await read(blobs, one) == b"same"


async def test_range_is_cut_out(blobs):
    blob = await blobs.put(chunks_of(bytes(range(100))), max_bytes=LIMIT)

    assert await read(blobs, blob, 10, 5) == bytes(range(10, 15))
    assert await read(blobs, blob, 90) == bytes(range(90, 100))
    assert await read(blobs, blob, 95, 50) == bytes(range(95, 100))


async def test_too_many_bytes_are_refused_and_leave_nothing(blobs, tmp_path):
    with pytest.raises(TooLarge):
        await blobs.put(chunks_of(b"12345", b"67890"), max_bytes=9)

    assert await blobs.size(hashlib.sha256(b"1234567890").hexdigest()) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_bytes_of_another_md5_are_refused_and_leave_nothing(blobs, tmp_path):
    md5 = base64.b64encode(hashlib.md5(b"right").digest()).decode()

    with pytest.raises(BadInput, match="MD5"):
        await blobs.put(chunks_of(b"wrong"), max_bytes=LIMIT, md5=md5)

    assert await blobs.size(hashlib.sha256(b"wrong").hexdigest()) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert (await blobs.put(chunks_of(b"right"), max_bytes=LIMIT, md5=md5)).md5 == md5


async def test_refused_bytes_that_are_here_already_stay(blobs):
    kept = await blobs.put(chunks_of(b"kept"), max_bytes=LIMIT)

    with pytest.raises(BadInput):
        await blobs.put(chunks_of(b"kept"), max_bytes=LIMIT, md5="x")

    assert await read(blobs, kept) == b"kept"


async def test_put_that_is_cut_off_leaves_nothing(blobs, tmp_path):
    async def cut_off():
        yield b"some"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await blobs.put(cut_off(), max_bytes=LIMIT)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["0" * 64, "../../../../etc/passwd", "", "A" * 64])
async def test_unknown_names_have_no_bytes(blobs, name):
    assert await blobs.size(name) is None
    with pytest.raises(KeyError):
        _ = [piece async for piece in blobs.read(name)]
    await blobs.remove(name)


async def test_removed_blob_is_gone(blobs):
    blob = await blobs.put(chunks_of(b"x"), max_bytes=LIMIT)

    await blobs.remove(blob.sha256)

    assert await blobs.size(blob.sha256) is None


async def test_local_blob_is_synced_before_it_is_acknowledged(tmp_path, monkeypatch):
    synced, sync = [], os.fsync
    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: (synced.append(os.readlink(f"/proc/self/fd/{handle}")), sync(handle)),
    )

    blob = await LocalBlobs(tmp_path).put(chunks_of(b"x"), max_bytes=LIMIT)

    place = tmp_path / "cas" / "sha256" / blob.sha256[:2] / blob.sha256[2:4]
    assert synced[0].startswith(str(tmp_path / "inbox"))
    assert synced[-1] == str(place)
    assert str(tmp_path / "cas" / "sha256") in synced


async def test_full_disk_is_told_as_busy(tmp_path, monkeypatch):
    blobs = LocalBlobs(tmp_path)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(BusyError, match="No space left"):
        await blobs.put(chunks_of(b"x"), max_bytes=LIMIT)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_what_a_killed_server_was_taking_in_is_cleared_away(tmp_path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "half").write_bytes(b"ha")

    LocalBlobs(tmp_path)

    assert list((tmp_path / "inbox").iterdir()) == []
