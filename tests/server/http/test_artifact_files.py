"""Bytes of artifacts: in by signed addresses, out to those who may have them."""

from urllib.parse import quote

import pytest
from yarl import URL

from server.http.conftest import NAMES, opened
from server.http.saving import COMMIT, Saver, hexed, md5_of, number

pytestmark = pytest.mark.anyio


async def test_upload_of_other_bytes_is_refused_and_nothing_kept(saver):
    made = await saver.create()
    (spot,) = await saver.places(made["id"], {"a": b"right"})

    wrong = await saver.put(spot["uploadUrl"], b"wrong")
    (again,) = await saver.places(made["id"], {"a": b"right"})

    assert wrong.status == 400
    assert "MD5" in wrong.body["error"]
    assert again["uploadUrl"] is not None
    assert (await saver.put(again["uploadUrl"], b"right")).status == 200


async def test_manifest_of_other_bytes_is_refused(saver):
    made = await saver.create()
    manifest = await saver.manifest(made["id"], md5_of(b"right"))

    assert (await saver.put(manifest["file"]["uploadUrl"], b"wrong")).status == 400
    assert (await saver.answer(COMMIT, artifactID=made["id"])).status == 400


async def test_upload_beyond_the_limit_is_refused(tmp_path):
    async with opened(tmp_path, upload_bytes=10) as house:
        saver = Saver(house)
        made = await saver.create()
        (spot,) = await saver.places(made["id"], {"a": b"x" * 11})

        assert (await saver.put(spot["uploadUrl"], b"x" * 11)).status == 413


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/storage/artifacts/{own}/", "/storage/artifacts/{other}/"),
        ("/contents/{md5}", "/contents/{zeros}"),
        ("/contents/{md5}", "/manifests/1"),
        ("expires=1", "expires=2"),
        ("size=", "size=9"),
        ("signature=", "signature=0"),
    ],
)
async def test_altered_address_takes_nothing(saver, old, new):
    made, other = await saver.create("1" * 32), await saver.create("2" * 32)
    (spot,) = await saver.places(made["id"], {"a": b"x"})
    signed = str(URL(spot["uploadUrl"], encoded=True).relative())
    facts = {
        "own": number(made),
        "other": number(other),
        "md5": hexed(b"x"),
        "zeros": "0" * 32,
    }
    changed = signed.replace(old.format(**facts), new.format(**facts), 1)
    assert changed != signed

    answer = await saver.house.ask("PUT", URL(changed, encoded=True), role=None, data=b"x")

    assert answer.status == 403


async def test_address_to_upload_does_not_download_and_expires(saver):
    made = await saver.create()
    (spot,) = await saver.places(made["id"], {"a": b"x"})

    assert (await saver.get(spot["uploadUrl"])).status in (403, 404)
    saver.house.clock.now += 24 * 3600 + 1
    assert (await saver.put(spot["uploadUrl"], b"x")).status == 403


async def test_address_to_download_expires(saver):
    saved = await saver.save()
    url = (await saver.read(saved["id"]))["files"]["edges"][0]["node"]["directUrl"]

    assert (await saver.get(url)).status == 200
    saver.house.clock.now += 3601
    assert (await saver.get(url)).status == 403


async def test_download_answers_ranges_and_runs_in_no_browser(saver):
    saved = await saver.save({"d/evil.html": b"<script>" + bytes(range(100))})
    url = (await saver.read(saved["id"]))["files"]["edges"][0]["node"]["directUrl"]

    whole = await saver.get(url)
    part = await saver.get(url, headers={"Range": "bytes=8-17"})
    open_end = await saver.get(url, headers={"Range": "bytes=100-"})

    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Content-Disposition"] == "attachment; filename*=UTF-8''evil.html"
    assert whole.headers["Content-Security-Policy"].startswith("sandbox;")
    assert (part.status, part.body) == (206, bytes(range(10)))
    assert part.headers["Content-Range"] == "bytes 8-17/108"
    assert (open_end.status, len(open_end.body)) == (206, 8)


FALLBACKS = [
    "/artifactsV2/default/alice/cats/ds/{birth}/{md5}/a%20b.txt",
    "/artifactsV2/default/alice/cats/ds//{md5}/a.txt",
    "/artifactsV2/default/alice/cats/ds/{id}/{birth}/{md5}/a.txt",
    "/artifactsV2/default/alice/cats/ds/{id}//{md5}/a.txt",
    "/artifactsV2/default/alice/{birth}/{md5}",
    "/artifactsV2/default/alice//{md5}",
    "/artifacts/alice/{md5}",
]


@pytest.mark.parametrize("path", FALLBACKS)
async def test_fallback_address_gives_bytes_to_whom_it_may(house, path):
    saver = Saver(house)
    saved = await saver.save({"a b.txt": b"content"})
    quoted = quote(saved["id"], safe="")
    path = path.format(birth=quoted, id=quoted, md5=hexed(b"content"))

    answers = {role: await saver.get(path, role=role) for role in (None, *NAMES)}

    statuses = {role: answer.status for role, answer in answers.items()}
    assert statuses == {None: 401, "stranger": 404, "member": 200, "admin": 200}
    assert answers["member"].body == b"content"
    part = await saver.get(path, role="member", headers={"Range": "bytes=3-"})
    assert (part.status, part.body) == (206, b"tent")
    other = path.replace(hexed(b"content"), "0" * 32)
    assert (await saver.get(other, role="member")).status == 404


async def test_reference_gives_no_bytes_by_its_digest(saver):
    upload = await saver.create("1" * 32)
    await saver.bring(upload["id"], {"a": b"pending"})
    await saver.save({}, references={"r": {"digest": md5_of(b"pending"), "ref": "x://y"}})

    assert (await saver.get(f"/artifacts/alice/{hexed(b'pending')}", role="member")).status == 404


async def test_forbidden_and_unknown_artifacts_look_the_same(house):
    saved = await Saver(house).save()
    paths = [f"/storage/artifacts/{one}/files/a.txt" for one in (number(saved), 10**9)]

    answers = [await house.ask("GET", path, role="stranger") for path in paths]

    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].body["error"] == answers[1].body["error"]
