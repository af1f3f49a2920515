"""The log is one JSON object a line, with nothing in it that was not meant for it."""

import json
import logging
import sys

import pytest

from ferrule.logs import JsonFormatter
from ferrule.settings import os_user_name


def line_of(**more):
    record = logging.LogRecord("ferrule.x", logging.WARNING, "f.py", 1, "told %s", ("you",), None)
    for name, value in more.items():
        setattr(record, name, value)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_line_says_when_who_and_what():
    line = line_of(request_id="r1", millis=2.5)

    assert (line["level"], line["from"], line["message"]) == ("warning", "ferrule.x", "told you")
    assert (line["request_id"], line["millis"]) == ("r1", 2.5)
    assert line["at"].endswith("Z")


def test_what_else_hangs_on_a_record_is_not_written():
    assert "authorization" not in line_of(authorization="Basic abc")


def test_traceback_stays_on_its_line():
    try:
        raise ValueError("two\nlines")
    except ValueError:
        line = line_of(exc_info=sys.exc_info())

    assert "ValueError: two\nlines" in line["traceback"]


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ("alice", "alice"),
        ("Jane Doe", "jane-doe"),
        ("DOMAIN\\bob", "domain-bob"),
        ("名前", "local"),
        ("", "local"),
        ("-_x_-", "x"),
    ],
)
def test_user_of_the_machine_becomes_an_entity_name(monkeypatch, user, name):
    monkeypatch.setattr("getpass.getuser", lambda: user)

    assert os_user_name() == name
