"""Every route, by everyone: who gets what, and whose page may ask."""

import pytest

from server.http.conftest import KEYS, STREAM, basic, opened

pytestmark = pytest.mark.anyio

RUN = "alice/cats/run1"
PROJECT = {"entity": "alice", "project": "cats"}

# What strangers get is what everyone gets for objects that don't exist.
ROUTES = [
    ("POST", STREAM, {}, (401, 404, 200, 200)),
    ("GET", f"/api/v1/runs/{RUN}", None, (401, 404, 200, 200)),
    ("GET", f"/api/v1/logs/{RUN}", None, (401, 404, 200, 200)),
    ("GET", f"/api/v1/files/{RUN}", None, (401, 404, 200, 200)),
    ("POST", "/api/v1/runs/query", PROJECT, (401, 404, 200, 200)),
    ("POST", "/api/v1/keys", PROJECT, (401, 404, 200, 200)),
    ("POST", "/api/v1/series", PROJECT | {"series": []}, (401, 404, 200, 200)),
    ("GET", f"/api/v1/stream?topic=run:{RUN}", None, (401, 404, None, None)),
    ("GET", "/api/v1/stream?topic=project:alice/cats", None, (401, 404, None, None)),
    ("GET", "/storage/runs/1/a.txt", None, (401, 404, 404, 404)),
    ("PUT", "/storage/runs/1/a.txt", None, (403, 403, 403, 403)),
    ("GET", "/storage/artifacts/1/files/a.txt", None, (401, 404, 404, 404)),
    ("GET", "/storage/artifacts/1/manifest", None, (401, 404, 404, 404)),
    ("PUT", f"/storage/artifacts/1/contents/{'0' * 32}", None, (403, 403, 403, 403)),
    ("PUT", "/storage/artifacts/1/manifests/1", None, (403, 403, 403, 403)),
    ("GET", f"/artifacts/alice/{'0' * 32}", None, (401, 404, 404, 404)),
    ("GET", f"/artifactsV2/default/alice//{'0' * 32}", None, (401, 404, 404, 404)),
    ("GET", "/api/v1/me", None, (401, 200, 200, 200)),
    ("GET", "/api/v1/projects", None, (401, 200, 200, 200)),
    ("POST", "/api/v1/links", {"path": "/"}, (401, 200, 200, 200)),
    ("POST", "/api/v1/drain", {}, (401, 403, 403, 403)),
    ("GET", "/healthz", None, (200, 200, 200, 200)),
    ("GET", "/", None, (200, 200, 200, 200)),
    ("GET", f"/{RUN}", None, (200, 200, 200, 200)),
    ("GET", "/api/v1/unknown", None, (404, 404, 404, 404)),
    ("GET", "/graphql", None, (404, 404, 404, 404)),
    ("POST", "/healthz", {}, (404, 404, 404, 404)),
    ("POST", "/files/alice/cats/file_stream", {}, (404, 404, 404, 404)),
    ("PATCH", "/storage/runs/1/a.txt", None, (404, 404, 404, 404)),
    ("DELETE", "/api/v1/session", None, (204, 204, 204, 204)),
]
ROLES = (None, "stranger", "member", "admin")


@pytest.mark.parametrize(("method", "path", "body", "statuses"), ROUTES, ids=lambda v: str(v)[:40])
async def test_each_role_gets_what_it_may(house, method, path, body, statuses):
    for role, status in zip(ROLES, statuses, strict=True):
        if status is None:
            continue
        answer = await house.ask(method, path, role=role, json=body)
        assert answer.status == status, (role, answer)
        if status >= 400:
            assert set(answer.body) == {"error", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v1/runs/alice/cats/{}", None),
        ("GET", "/api/v1/logs/alice/cats/{}", None),
        ("GET", "/api/v1/files/alice/cats/{}", None),
        ("POST", "/files/alice/cats/{}/file_stream", {}),
    ],
)
async def test_forbidden_and_unknown_look_the_same(house, method, path, body):
    forbidden = await house.ask(method, path.format("run1"), role="stranger", json=body)
    unknown = await house.ask(method, path.format("run2"), role="stranger", json=body)

    assert forbidden.status == unknown.status == 404
    assert forbidden.body["error"] == unknown.body["error"].replace("run2", "run1")


@pytest.mark.parametrize("key", ["", "a", "d" * 40, "é" * 40])
async def test_unknown_key_is_refused_even_beside_a_good_cookie(house, key):
    login = await house.ask("POST", "/api/v1/session", role=None, json={"api_key": KEYS["member"]})
    assert login.status == 200

    answer = await house.ask("GET", "/api/v1/me", headers={"Authorization": basic(key)})

    assert answer.status == 401


@pytest.mark.parametrize(
    "host", ["localhost:1", "127.0.0.1", "127.0.0.1:99", "[::1]:5", "LOCALHOST"]
)
async def test_own_names_are_answered(house, host):
    assert (await house.ask("GET", "/healthz", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "[",
        "a@b:c:d",
        "10.0.0.1",
    ],
)
async def test_foreign_host_is_refused_everywhere(house, host):
    for method, path in [("GET", "/"), ("GET", "/healthz"), ("POST", STREAM), ("POST", "/graphql")]:
        answer = await house.ask(method, path, headers={"Host": host}, data=b"{}")

        assert answer.status == 403, (path, answer)


async def test_configured_host_is_answered(tmp_path):
    async with opened(tmp_path, allowed_hosts=("tracker.example",)) as house:
        answer = await house.ask("GET", "/healthz", headers={"Host": "tracker.example:8080"})

    assert answer.status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:1",
        "http://127.0.0.1:1",
        "https://",
        "http://[",
    ],
)
async def test_foreign_origin_is_refused(house, origin):
    headers = {"Host": "localhost:5", "Origin": origin}

    answer = await house.ask("POST", "/api/v1/links", headers=headers, json={"path": "/"})

    assert answer.status == 403


async def test_own_origin_is_answered(house):
    headers = {"Host": "localhost:5", "Origin": "http://localhost:5"}

    assert (await house.ask("GET", "/api/v1/me", headers=headers)).status == 200


async def test_every_answer_carries_the_security_headers(house):
    for path in ("/", "/healthz", "/api/v1/me", "/api/v1/unknown"):
        answer = await house.ask("GET", path)

        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "Server" not in answer.headers


async def test_log_has_no_keys_tokens_or_signatures(house, caplog):
    caplog.set_level(0)
    link = await house.ask("POST", "/api/v1/links", json={"path": "/x"})
    token = link.body["url"].partition("token=")[2]

    await house.ask("GET", f"/x?token={token}", role=None)
    await house.ask("GET", "/storage/runs/1/a?signature=topsecret&expires=1&size=1", role=None)
    await house.ask("POST", "/api/v1/session", role=None, json={"api_key": KEYS["admin"]})

    ours = [record for record in caplog.records if record.name.startswith("ferrule")]
    assert ours
    for record in ours:
        for secret in (token, "topsecret", *KEYS.values()):
            assert secret not in str(record.__dict__)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/runs/query", b"{"),
        ("/api/v1/runs/query", b"[]"),
        ("/api/v1/runs/query", b'{"entity": 1, "project": "cats"}'),
        ("/api/v1/runs/query", b'{"entity": "alice", "project": "cats", "limit": 0}'),
        ("/api/v1/runs/query", b'{"entity": "alice", "project": "cats", "limit": true}'),
        ("/api/v1/runs/query", b'{"entity": "alice", "project": "cats", "filters": []}'),
        ("/api/v1/runs/query", b'{"entity": "alice", "project": "cats", "filters": {"$no": 1}}'),
        ("/api/v1/runs/query", b'{"entity": "alice", "project": "cats", "after": "junk"}'),
        ("/api/v1/keys", b'{"entity": "alice", "project": "cats", "runs": "all"}'),
        ("/api/v1/keys", b'{"entity": "alice", "project": "cats", "runs": [1]}'),
        ("/api/v1/keys", b'{"entity": "alice", "project": "cats", "stream": "odd"}'),
        ("/api/v1/series", b'{"entity": "alice", "project": "cats"}'),
        ("/api/v1/series", b'{"entity": "alice", "project": "cats", "series": [1]}'),
        ("/api/v1/series", b'{"entity": "alice", "project": "cats", "series": [{}]}'),
        ("/api/v1/series", b'{"entity": "alice", "project": "cats", "series": [], "buckets": 0}'),
        ("/api/v1/series", b'{"entity": "alice", "project": "cats", "series": [], "x_min": "a"}'),
        ("/api/v1/links", b'{"path": "//evil.example/"}'),
        ("/api/v1/links", b'{"path": "http://evil.example/"}'),
        ("/api/v1/links", b'{"path": "/\\\\evil.example"}'),
        ("/api/v1/links", b'{"path": 3}'),
        ("/api/v1/session", b'{"api_key": null}'),
    ],
)
async def test_wrong_request_is_refused_with_a_sentence(house, path, body):
    answer = await house.ask("POST", path, data=body)

    assert answer.status == 400, answer
    assert answer.body["error"].endswith(".")


async def test_oversized_request_is_refused(tmp_path):
    async with opened(tmp_path, request_bytes=100) as house:
        for path in ("/api/v1/runs/query", "/api/v1/keys", "/graphql"):
            assert (await house.ask("POST", path, data=b"{" + b" " * 200)).status == 413


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../index.html",
        "/assets/%2e%2e/secret",
    ],
)
async def test_no_path_leaves_the_bundle(tmp_path, path):
    from yarl import URL

    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("the page")
    (tmp_path / "secret").write_text("hidden")
    async with opened(tmp_path) as house:
        answer = await house.ask("GET", URL(path, encoded=True))

    body = answer.body if isinstance(answer.body, bytes) else str(answer.body).encode()
    assert answer.status == 404 or body == b"the page"


@pytest.mark.parametrize("authorization", ["Basic é", "Basic \udce9", "Basic", "é"])
async def test_authorization_that_is_none_is_that_of_a_stranger(house, authorization):
    answer = await house.ask("GET", "/api/v1/me", headers={"Authorization": authorization})

    assert answer.status == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/links", {"path": "//["}),
        ("/api/v1/runs/query", PROJECT | {"search": "x" * 60_000}),
        ("/api/v1/runs/query", PROJECT | {"order": "+config.a," * 700}),
        ("/api/v1/runs/query", PROJECT | {"filters": {"config.k": 10**400}}),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_input_that_can_not_be_is_refused(house, path, body):
    assert (await house.ask("POST", path, json=body)).status == 400
