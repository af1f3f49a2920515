"""What a run printed, as a server has it, from each client."""

import json

import pytest

from e2e.running import run_program

pytestmark = pytest.mark.timeout(120)

TEXT = (
    "plain\n"
    "\x1b[31mred\x1b[0m and \x1b[1;38;5;196mbold\x1b[0m\n"
    "100% \x1b[32m====\x1b[0m\n"
    "abnger text\n"
    "FIRST\nSECOND\n"
    "\ttab\there\n"
    "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n"
    "日本語 é 😀\n\n\n  blanks at both ends\n"
    "oh\nhalf whole\nbetween\nno end\n"
)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "output.log"),
        ({"x_label": "rank_1"}, "output_rank_1.log"),
        ({"console_multipart": True}, "logs/output_MOMENT.log"),
        ({"console_multipart": True, "x_label": "rank_1"}, "logs/output_rank_1_MOMENT.log"),
    ],
    ids=["plain", "label", "multipart", "both"],
)
def test_file_of_what_was_printed(client, server, key, tmp_path, settings, name):
    told = run_program(
        client, tmp_path, "console", "TARGET", json.dumps(settings), url=server.url, key=key
    )

    assert told["files"] == {name: TEXT}


def test_lines_come_numbered_timed_and_marked(client, server, key, tmp_path, monkeypatch):
    told = run_program(
        client, tmp_path, "console", "TARGET", '{"x_label": "w"}', url=server.url, key=key
    )
    monkeypatch.setenv("WANDB_BASE_URL", server.url)
    monkeypatch.setenv("WANDB_API_KEY", key)

    lines = list(api().run(f"alice/console/{told['id']}").console_logs())

    assert [line.number for line in lines] == list(range(TEXT.count("\n")))
    assert [line.content for line in lines] == [f"[w] {text}" for text in TEXT.split("\n")[:-1]]
    errors = [line.content for line in lines if line.level == "error"]
    assert errors == ["[w] oh", "[w] between"]
    assert all(0 <= told["at"] - line.timestamp.timestamp() < 120 for line in lines)


def api():
    import wandb

    return wandb.Api()
