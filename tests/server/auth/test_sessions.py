"""Sessions last as long as they should, and no longer."""

import base64
import os

import pytest

from ferrule.auth.sessions import LINK_SECS, SESSION_SECS, Sessions, key_of_basic


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sessions(tmp_path, clock):
    return Sessions(b"secret", tmp_path / "ended.json", clock)


def test_link_logs_in_once(sessions):
    token = sessions.mint_link(7)

    assert sessions.redeem_link(token) == 7
    assert sessions.redeem_link(token) is None
    assert sessions.redeem_link("made up") is None


def test_link_is_void_after_a_day(sessions, clock):
    token = sessions.mint_link(7)
    clock.now += LINK_SECS + 1

    assert sessions.redeem_link(token) is None


def test_cookie_outlives_the_process(sessions, tmp_path, clock):
    cookie = sessions.begin(7)

    session = Sessions(b"secret", tmp_path / "ended.json", clock).read(cookie)

    assert session.person_id == 7


def test_cookie_expires(sessions, clock):
    cookie = sessions.begin(7)
    clock.now += SESSION_SECS + 1

    assert sessions.read(cookie) is None


@pytest.mark.parametrize("cookie", ["", ".", "...", "1.2.3.4", "é.é", "7.99999999999.ab."])
def test_made_up_cookie_opens_nothing(sessions, cookie):
    assert sessions.read(cookie) is None


def test_altered_or_foreign_cookie_opens_nothing(sessions, tmp_path, clock):
    cookie = sessions.begin(7)

    assert sessions.read("8" + cookie[1:]) is None
    assert sessions.read(cookie[:-1] + ("0" if cookie[-1] != "0" else "1")) is None
    assert Sessions(b"other", tmp_path / "e.json", clock).read(cookie) is None


def test_ended_session_stays_ended_over_a_restart(sessions, tmp_path, clock):
    cookie, other = sessions.begin(7), sessions.begin(7)
    sessions.end(sessions.read(cookie))

    again = Sessions(b"secret", tmp_path / "ended.json", clock)

    assert sessions.read(cookie) is None
    assert again.read(cookie) is None
    assert again.read(other) is not None


def basic(pair):
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (basic("api:k"), "k"),
        (basic("user:a:b"), "a:b"),
        (basic("api:"), None),
        (basic("nothing"), None),
        ("basic " + basic("api:k")[6:], "k"),
        ("Bearer abc", None),
        ("Basic !!!", None),
        ("Basic /w==", None),
        ("", None),
    ],
)
def test_key_is_the_password_of_basic_credentials(header, key):
    assert key_of_basic(header) == key


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": null}', "\0\0"])
def test_damaged_list_of_ended_sessions_is_told_and_is_no_obstacle(
    tmp_path, clock, caplog, content
):
    (tmp_path / "ended.json").write_text(content)

    sessions = Sessions(b"secret", tmp_path / "ended.json", clock)
    cookie = sessions.begin(7)
    sessions.end(sessions.read(cookie))

    assert "logged out" in caplog.text
    assert Sessions(b"secret", tmp_path / "ended.json", clock).read(cookie) is None


def test_list_of_ended_sessions_is_on_the_disk_before_it_takes_its_place(
    sessions, tmp_path, monkeypatch
):
    done = []
    monkeypatch.setattr("os.fsync", lambda handle: done.append("sync"))
    replace = os.replace
    monkeypatch.setattr("os.replace", lambda *paths: [done.append("replace"), replace(*paths)])

    sessions.end(sessions.read(sessions.begin(7)))

    assert done == ["sync", "replace"]
    assert [path.name for path in tmp_path.iterdir()] == ["ended.json"]
