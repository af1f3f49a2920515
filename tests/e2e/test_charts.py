"""Charts of one's own, made by each client."""

import base64
import json
import urllib.request

import pytest

from e2e.running import run_program

pytestmark = pytest.mark.timeout(180)


def read(server, key, path):
    word = base64.b64encode(f"api:{key}".encode()).decode()
    request = urllib.request.Request(
        f"{server.url}/api/v1/charts/{path}", headers={"Authorization": f"Basic {word}"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_each_client_makes_charts_that_the_page_can_draw_by(server, key, client, tmp_path):
    made = run_program(client, tmp_path, "charts", "TARGET", url=server.url, key=key)

    assert made == ["alice/bars", "alice/bars"]
    kept = read(server, key, "alice/bars")
    assert (kept["displayName"], kept["access"]) == ("Bars", "PUBLIC")
    assert kept["spec"]["encoding"]["x"] == {"field": "${field:x}"}
