"""What runs post arrives once, from those who may, and every refusal says why."""

import gzip
import json

import pytest

from ferrule.errors import BusyError
from ferrule.ports.history import Span
from server.http.conftest import KEYS, STREAM, basic, opened

pytestmark = pytest.mark.anyio


async def rows_of(house):
    run = await house.run()
    return [json.loads(row) for row in await house.history.rows((Span(run.id),))]


async def test_post_is_answered_as_clients_expect(house):
    answer = await house.post_lines(history=(0, [{"_step": 0, "loss": 1}]))

    assert answer.status == 200
    assert answer.body == {"exitcode": None, "limits": {}, "stopped": False}
    assert await rows_of(house) == [{"_step": 0, "loss": 1}]


async def test_stop_request_is_told_in_the_next_answer(house):
    await house.post_lines(history=(0, [{"_step": 0}]))
    run = await house.run()
    await house.stores.runs.request_stop(run.id)
    house.services.cache.forget(run)

    assert (await house.post_lines()).body["stopped"] is True


async def test_end_of_a_run_is_seen_by_the_next_read(house):
    await house.post_lines(more={"complete": True, "exitcode": 1}, summary=(0, [{"x": 1}]))

    answer = await house.ask("GET", "/api/v1/runs/alice/cats/run1")

    assert (answer.body["state"], answer.body["exit_code"]) == ("failed", 1)
    assert answer.body["summary"] == {"x": 1}


async def test_packed_body_is_unpacked(house):
    body = gzip.compress(b'{"files": {"output.log": {"offset": 0, "content": ["hi"]}}}')

    answer = await house.ask("POST", STREAM, data=body, headers={"Content-Encoding": "gzip"})

    assert answer.status == 200
    run = await house.run()
    assert await house.history.console((Span(run.id),), 0, 9) == [(0, "hi")]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/json; charset=utf-8",
        "text/plain",
        "application/octet-stream",
    ],
)
async def test_content_type_does_not_matter(house, kind):
    answer = await house.ask("POST", STREAM, data=b"{}", headers={"Content-Type": kind})

    assert answer.status == 200


async def test_writers_of_a_shared_run_keep_apart(house):
    body = json.dumps(
        {"files": {"wandb-history.jsonl": {"offset": 0, "content": ['{"_step": 0, "x": 1}']}}}
    )
    for writer in ("one", "two", "two"):
        headers = {
            "X-Wandb-Use-Async-Filestream": "true",
            "X-Wandb-Async-Client-Id": writer,
        }
        assert (await house.ask("POST", STREAM, data=body, headers=headers)).status == 200

    assert await rows_of(house) == [{"_step": 0, "x": 1}, {"_step": 0, "x": 1}]


@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("stranger", 404), ("member", 200), ("admin", 200)]
)
async def test_only_members_may_post(house, role, status):
    answer = await house.post_lines(role=role, history=(0, [{"_step": 0}]))

    assert answer.status == status
    assert len(await rows_of(house)) == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    "authorization",
    [basic("d" * 40), basic(""), "Basic !!", "Bearer " + KEYS["member"], KEYS["member"], "Basic"],
)
async def test_wrong_key_is_refused(house, authorization):
    answer = await house.ask("POST", STREAM, data=b"{}", headers={"Authorization": authorization})

    assert answer.status == 401
    assert KEYS["member"] not in answer.body["error"]
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "path",
    [
        "/files/alice/cats/unknown/file_stream",
        "/files/alice/dogs/run1/file_stream",
        "/files/nobody/cats/run1/file_stream",
        "/files/alice/cats/run1%2F..%2Frun1/file_stream",
        "/files/../alice/cats/run1/file_stream",
    ],
)
async def test_post_to_no_run_is_not_found(house, path):
    answer = await house.post_lines(path=path, history=(0, [{"_step": 0}]))

    assert answer.status == 404
    assert await rows_of(house) == []


BAD_BODIES = [
    b"",
    b"{",
    b"nonsense",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"files": {"output.log": []}}',
    b'{"files": {"output.log": {"content": ["a"]}}}',
    b'{"files": {"wandb-history.jsonl": {"offset": -1, "content": ["{}"]}}}',
    b'{"files": {"wandb-history.jsonl": {"offset": 0, "content": ["{\\"_step\\":0}"',
]


@pytest.mark.parametrize("body", BAD_BODIES)
async def test_unreadable_body_is_refused_and_nothing_kept(house, body):
    answer = await house.ask("POST", STREAM, data=body)

    assert answer.status == 400
    assert "nothing" in answer.body["error"]
    assert await rows_of(house) == []


async def test_body_that_is_not_what_its_packing_says_is_refused(house):
    whole = gzip.compress(b'{"files": {}}' * 50)
    for body, encoding in [(b"plain", "gzip"), (whole[:-9], "gzip"), (b"{}", "br")]:
        answer = await house.ask("POST", STREAM, data=body, headers={"Content-Encoding": encoding})
        assert answer.status == 400, encoding


async def test_oversized_body_is_refused_packed_or_not(tmp_path):
    async with opened(tmp_path, file_stream_bytes=1000) as house:
        fine = await house.ask("POST", STREAM, data=b"{}" + b" " * 998)
        plain = await house.ask("POST", STREAM, data=b"{}" + b" " * 999)
        headers = {"Content-Encoding": "gzip"}
        bomb = await house.ask(
            "POST", STREAM, data=gzip.compress(b" " * 10_000_000), headers=headers
        )

    assert [fine.status, plain.status, bomb.status] == [200, 413, 413]


async def test_oversized_body_without_a_length_is_refused(tmp_path):
    async def endless():
        for _ in range(100):
            yield b" " * 100

    async with opened(tmp_path, file_stream_bytes=1000) as house:
        answer = await house.ask("POST", STREAM, data=endless())

    assert answer.status == 413


async def test_bodies_that_would_fill_the_memory_together_are_put_off(tmp_path):
    async with opened(tmp_path, bodies_bytes=100) as house:
        small = await house.ask("POST", STREAM, data=b"{}" + b" " * 90)
        large = await house.ask("POST", STREAM, data=b"{}" + b" " * 100)
        packed = await house.ask(
            "POST",
            STREAM,
            data=gzip.compress(b"{}" + b" " * 100),
            headers={"Content-Encoding": "gzip"},
        )
        after = await house.ask("POST", STREAM, data=b"{}" + b" " * 90)

    assert [small.status, large.status, packed.status, after.status] == [200, 503, 503, 200]
    assert int(large.headers["Retry-After"]) >= 1


async def test_gap_is_accepted(house):
    answer = await house.post_lines(history=(10, [{"_step": 10}]))

    assert answer.status == 200
    assert [row["_step"] for row in await rows_of(house)] == [10]


async def test_disk_that_takes_nothing_is_a_fault_that_passes(house, monkeypatch):
    async def busy(post):
        raise BusyError("The disk is full.", retry_after_secs=7)

    monkeypatch.setattr(house.services.ingest._history, "accept", busy)

    answer = await house.post_lines(history=(0, [{"_step": 0}]))

    assert (answer.status, answer.headers["Retry-After"]) == (503, "7")


async def test_defect_is_a_fault_that_passes_and_tells_no_details(house, monkeypatch, caplog):
    async def broken(post):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(house.services.ingest._history, "accept", broken)

    answer = await house.post_lines(history=(0, [{"_step": 0}]))

    assert answer.status == 500
    assert "secret detail" not in answer.body["error"]
    assert answer.body["request_id"] in answer.body["error"]
    assert "secret detail" in caplog.text
    assert KEYS["member"] not in caplog.text
