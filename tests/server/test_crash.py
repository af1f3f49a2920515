"""What was acknowledged is there, once, after the server was killed at any moment."""

import base64
import http.client
import json
import random
import struct
import threading

import pytest

from server.test_serve import LOCAL, address_of, ask, ended, server

ROUNDS = 3
ROWS = 400
UPSERT = """mutation { upsertBucket(input: {name: "r", modelName: "p", config: "{}"}) {
    bucket { project { entity { name } } } } }"""


class Client(threading.Thread):
    """Posts a run's rows in random chunks, the unacknowledged ones again, until all are in."""

    def __init__(self, address, key, path, first, seed):
        super().__init__()
        self.address = address
        self.headers = headers(key)
        self.path = path
        self.acknowledged = first
        self.chance = random.Random(seed)

    def run(self):
        connection = http.client.HTTPConnection(self.address, timeout=20)
        try:
            while self.acknowledged < ROWS:
                # Some of what was acknowledged comes again, as after a lost answer.
                first = max(0, self.acknowledged - self.chance.randrange(20))
                stop = min(ROWS, self.acknowledged + self.chance.randint(1, 8))
                self.post(connection, first, stop)
                self.acknowledged = max(self.acknowledged, stop)
        except (OSError, http.client.HTTPException):
            # The server was killed; what it did not acknowledge is owed.
            return
        finally:
            connection.close()

    def post(self, connection, first, stop):
        rows = [json.dumps({"_step": n, "x": n}) for n in range(first, stop)]
        body = {"files": {"wandb-history.jsonl": {"offset": first, "content": rows}}}
        connection.request("POST", self.path, json.dumps(body), self.headers)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise http.client.HTTPException(response.status)


def headers(key):
    pair = base64.b64encode(f"api:{key}".encode()).decode()
    return {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}


def posted(address, path, key, body):
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.request("POST", path, json.dumps(body), headers(key))
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, content
    connection.close()
    return content


def steps_of(address, key, entity):
    asked = {
        "entity": entity,
        "project": "p",
        "series": [{"run": "r", "key": "x"}],
        "buckets": 10_000,
    }
    body = posted(address, "/api/v1/series", key, asked)
    [head_bytes] = struct.unpack_from("<I", body, 4)
    [series] = json.loads(body[8 : 8 + head_bytes])["series"]
    count = series["length"]
    return struct.unpack_from(f"<{2 * count}d", body, 8 + head_bytes)[:count]


@pytest.mark.timeout(120)
def test_acknowledged_rows_are_there_once_after_every_kill(tmp_path):
    chance = random.Random(7)
    acknowledged = 0
    for number in range(ROUNDS):
        with server(tmp_path, *LOCAL, "--compact-secs", "0.2") as process:
            address = address_of(process)
            key = (tmp_path / "api-key").read_text()
            told = json.loads(posted(address, "/graphql", key, {"query": UPSERT}))
            entity = told["data"]["upsertBucket"]["bucket"]["project"]["entity"]["name"]
            assert set(steps_of(address, key, entity)) >= set(map(float, range(acknowledged)))
            path = f"/files/{entity}/p/r/file_stream"
            host = address.removeprefix("http://")
            client = Client(host, key, path, acknowledged, number)
            client.start()
            client.join(timeout=chance.random() * 2)
            process.kill()
            client.join()
            acknowledged = client.acknowledged

    with server(tmp_path, *LOCAL) as process:
        address = address_of(process)
        host = address.removeprefix("http://")
        last = Client(host, key, path, acknowledged, ROUNDS)
        last.run()
        steps = steps_of(address, key, entity)
        state = ask(address, f"/api/v1/runs/{entity}/p/r", key=key)["state"]
        process.terminate()
        ended(process)

    assert steps == tuple(map(float, range(ROWS)))
    assert state == "running"
