"""A browser logs in by link or key, and gets the page."""

import pytest
from yarl import URL

from server.http.conftest import KEYS, opened

pytestmark = pytest.mark.anyio


def cookie_of(answer):
    [morsel] = answer.cookies.values()
    return morsel


async def link(house, path="/alice/cats/runs/run1"):
    answer = await house.ask("POST", "/api/v1/links", json={"path": path})
    return answer.body["url"].partition("//")[2].partition("/")[2]


async def with_cookie(house, cookie, method="GET", path="/api/v1/me", headers=None, **more):
    house.client.session.cookie_jar.clear()
    headers = {"Cookie": f"{cookie.key}={cookie.value}"} | (headers or {})
    return await house.ask(method, path, role=None, headers=headers, **more)


async def test_link_logs_in_and_leaves_the_token_behind(house):
    answer = await house.ask("GET", "/" + await link(house), role=None)

    cookie = cookie_of(answer)
    assert (answer.status, answer.headers["Location"]) == (303, "/alice/cats/runs/run1")
    assert cookie.key == f"ferrule-{house.services.server_id}"
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
    assert (await with_cookie(house, cookie)).body["name"] == "alice"


async def test_link_works_once(house):
    path = "/" + await link(house, "/x?a=1&b=%C3%A4")
    first = await house.ask("GET", path, role=None)

    again = await house.ask("GET", path, role=None)

    assert first.headers["Location"] == "/x?a=1&b=%C3%A4"
    assert (again.status, again.headers["Location"], len(again.cookies)) == (
        303,
        "/x?a=1&b=%C3%A4",
        0,
    )


async def test_made_up_token_only_vanishes_and_stays_on_this_server(house):
    base = f"http://127.0.0.1:{house.client.port}"
    for path in ("/x?token=abc", "//evil.example/?token=abc", "/?token="):
        address = URL(base + path, encoded=True)
        async with house.client.session.get(address, allow_redirects=False) as answer:
            assert answer.status == 303
            assert not answer.headers["Location"].startswith("//")
            assert len(answer.cookies) == 0


async def test_key_logs_in_and_out(house):
    answer = await house.ask("POST", "/api/v1/session", role=None, json={"api_key": KEYS["member"]})
    cookie = cookie_of(answer)
    inside = await with_cookie(house, cookie)

    out = await with_cookie(house, cookie, "DELETE", "/api/v1/session")

    assert answer.body["entity"] == "alice"
    assert (inside.status, out.status) == (200, 204)
    assert (await with_cookie(house, cookie)).status == 401


async def test_wrong_key_does_not_log_in(house):
    answer = await house.ask("POST", "/api/v1/session", role=None, json={"api_key": "d" * 40})

    assert (answer.status, len(answer.cookies)) == (401, 0)


async def test_cookie_does_not_work_from_another_sites_page(house):
    cookie = cookie_of(
        await house.ask("POST", "/api/v1/session", role=None, json={"api_key": KEYS["member"]})
    )

    async def status(**headers):
        return (await with_cookie(house, cookie, headers=headers)).status

    assert await status(**{"Sec-Fetch-Site": "same-origin"}) == 200
    assert await status(**{"Sec-Fetch-Site": "cross-site"}) == 403
    assert await status(**{"Sec-Fetch-Site": "same-site"}) == 403
    form = await with_cookie(
        house, cookie, "POST", "/graphql", data=b"{}", headers={"Content-Type": "text/plain"}
    )
    assert form.status == 403


async def test_cookie_of_a_browser_behind_tls_is_secure(house):
    answer = await house.ask(
        "POST",
        "/api/v1/session",
        role=None,
        json={"api_key": KEYS["member"]},
        headers={"X-Forwarded-Proto": "https"},
    )

    assert cookie_of(answer)["secure"] is True


async def test_me_tells_who_and_where(house):
    body = (await house.ask("GET", "/api/v1/me")).body

    assert body == {
        "name": "alice",
        "entity": "alice",
        "admin": False,
        "entities": ["alice"],
        "server": {
            "id": house.services.server_id,
            "version": house.services.version,
            "local": False,
        },
    }


async def test_health_is_told_until_the_server_stops(house):
    answer = await house.ask("GET", "/healthz", role=None)
    assert answer.body == {
        "status": "ok",
        "version": house.services.version,
        "server": house.services.server_id,
    }

    house.services.stopping.set()

    assert (await house.ask("GET", "/healthz", role=None)).status == 503


async def test_every_page_address_gets_the_page_and_assets_stay_for_good(tmp_path):
    assets = tmp_path / "static" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("<title>page</title>")
    (tmp_path / "static" / "favicon.svg").write_text("<svg/>")
    (assets / "main-1a2b.js").write_text("1")
    async with opened(tmp_path) as house:
        for path in ("/", "/home", "/alice/cats/runs/run1/overview", "/a/b?nw=x"):
            answer = await house.ask("GET", path, role=None)
            assert (answer.status, answer.body) == (200, b"<title>page</title>")
            assert answer.headers["Cache-Control"] == "no-cache"
        script = await house.ask("GET", "/assets/main-1a2b.js", role=None)
        icon = await house.ask("GET", "/favicon.svg", role=None)
        missing = await house.ask("GET", "/assets/other.js", role=None)

    assert (script.body, script.headers["Content-Type"]) == (b"1", "text/javascript")
    assert "immutable" in script.headers["Cache-Control"]
    assert (icon.status, missing.status) == (200, 404)


async def test_page_that_was_not_built_says_how_to_build_it(house):
    answer = await house.ask("GET", "/", role=None)

    assert answer.status == 200
    assert b"make page" in answer.body


async def test_owner_of_a_local_server_may_drain_it(tmp_path):
    async with opened(tmp_path, local=True) as house:
        refused = await house.ask("POST", "/api/v1/drain", role="member")
        assert not house.services.stopping.is_set()

        drained = await house.ask("POST", "/api/v1/drain", role="admin")

        assert (refused.status, drained.status) == (403, 200)
        assert house.services.stopping.is_set()
