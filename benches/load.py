"""Load for a server: bodies made beforehand, sent by bare sockets, every answer timed.

Nothing of a client library is in the way, so that the server is what is measured. Bodies are
all different: other keys by stream, other numbers in each line.
"""

import asyncio
import base64
import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import anyio

KEYS = 23
# The three that every line has besides: its step and two clocks.
CLOCKS = 3
ANSWER_SECS = 60


@dataclass
class Stream:
    """The posts of one run, in order, each a whole HTTP request."""

    requests: list[bytes]
    points: int
    lines: int


def streams(
    paths: Sequence[str],
    key: str,
    *,
    posts: int,
    lines: int,
    keep_alive: bool,
    keys: int = KEYS,
    seed: int = 1,
) -> list[Stream]:
    """Make the posts of several runs: `lines` lines of `keys` float32-like values in each post."""
    draw = random.Random(seed)
    return [
        Stream(
            list(_requests(path, key, (posts, lines, keys), keep_alive=keep_alive, draw=draw)),
            points=posts * lines * keys,
            lines=posts * lines,
        )
        for path in paths
    ]


def _requests(
    path: str, key: str, size: tuple[int, int, int], *, keep_alive: bool, draw: random.Random
) -> Iterator[bytes]:
    posts, lines, keys = size
    names = [f"{draw.choice(('train', 'val', 'grad'))}/metric_{n}" for n in range(keys - CLOCKS)]
    token = base64.b64encode(f"api:{key}".encode()).decode()
    for post in range(posts):
        first = post * lines
        content = [_line(names, step, draw) for step in range(first, first + lines)]
        files = {"wandb-history.jsonl": {"offset": first, "content": content}}
        # A client sends its summary along now and then, not with every post.
        if post % 10 == 0:
            files["wandb-summary.json"] = {"offset": 0, "content": [content[-1]]}
        body = json.dumps({"files": files}).encode()
        head = (
            f"POST /files/{path}/file_stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Basic {token}\r\nContent-Type: application/json\r\n"
            f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def _line(names: list[str], step: int, draw: random.Random) -> str:
    values = {name: round(draw.gauss(0, 1), 7) for name in names}
    clock = {"_step": step, "_timestamp": 1.79e9 + step / 7, "_runtime": step / 7}
    return json.dumps(values | clock, separators=(",", ":"))


@dataclass
class Answers:
    """How a load was answered."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    wall_secs: float = 0.0

    def note(self, status: int, secs: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.seconds.append(secs)

    def percentile(self, share: float) -> float:
        """Return the latency that this share of the answers stays below, in seconds."""
        return statistics.quantiles(self.seconds, n=1000)[int(share * 1000) - 1]

    def check(self) -> None:
        """Refuse figures of a server that did not answer everything with 200."""
        if set(self.statuses) != {200}:
            raise SystemExit(f"not every post was answered with 200: {self.statuses}")


async def post_all(
    port: int, load: Sequence[Stream], *, keep_alive: bool, posts_per_sec: float | None = None
) -> Answers:
    """Send every post of every stream, the streams at once, the posts of one in order.

    Args:
        port: Where the server listens.
        load: What to send.
        keep_alive: One connection for a stream, else one for each post.
        posts_per_sec: Over all streams; as fast as answers come if None. A post that is late
            is counted from the moment it should have gone.
    """
    answers = Answers()
    started = time.perf_counter()
    send = _keep_alive if keep_alive else _one_by_one
    pause = len(load) / posts_per_sec if posts_per_sec else 0.0
    async with anyio.create_task_group() as group:
        for number, stream in enumerate(load):
            start = started + pause * number / len(load)
            group.start_soon(send, port, stream, answers, start, pause)
    answers.wall_secs = time.perf_counter() - started
    return answers


async def _due(start: float, pause: float, number: int) -> float:
    """Wait for the moment of a post; return the time it counts from."""
    if not pause:
        return time.perf_counter()
    moment = start + pause * number
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))
    return moment


async def _keep_alive(
    port: int, stream: Stream, answers: Answers, start: float, pause: float
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number, request in enumerate(stream.requests):
        moment = await _due(start, pause, number)
        writer.write(request)
        answers.note(await _status(reader), time.perf_counter() - moment)
    writer.close()


async def _one_by_one(
    port: int, stream: Stream, answers: Answers, start: float, pause: float
) -> None:
    for number, request in enumerate(stream.requests):
        moment = await _due(start, pause, number)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answers.note(await _status(reader), time.perf_counter() - moment)
        writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end."""
    with anyio.fail_after(ANSWER_SECS):
        head = await reader.readuntil(b"\r\n\r\n")
        fields = dict(
            line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
        )
        await reader.readexactly(int(fields.get(b"content-length", b"0")))
        return int(head.split(b" ", 2)[1])
