"""A server at work is not ended by a fault that passes."""

from types import SimpleNamespace

import anyio
import pytest

from ferrule import running
from ferrule.http.middleware import is_own, own_hosts
from ferrule.settings import load_settings

pytestmark = pytest.mark.anyio


async def test_server_file_that_can_not_be_touched_is_touched_again(monkeypatch, caplog):
    monkeypatch.setattr(running, "TOUCH_SECS", 0)
    touched, again = [], anyio.Event()

    def touch():
        touched.append(1)
        if len(touched) == 1:
            raise OSError(30, "Read-only file system")
        again.set()

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(running._keep_touching, SimpleNamespace(touch=touch))
            await again.wait()
            group.cancel_scope.cancel()

    assert "Read-only" in caplog.text


async def test_local_server_that_can_not_tell_whether_it_is_idle_goes_on(monkeypatch, caplog):
    answers = iter([RuntimeError("disk"), False, True])

    async def is_idle(*_which):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(running, "is_idle", is_idle)
    services = SimpleNamespace(
        settings=SimpleNamespace(idle_exit_secs=0.01),
        activity=SimpleNamespace(last_used_at=0),
        clock=lambda: 0,
        stores=SimpleNamespace(runs=None),
        stopping=anyio.Event(),
    )

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(running._stop_when_idle, services, SimpleNamespace(busy=0))
            await services.stopping.wait()
            group.cancel_scope.cancel()

    assert "idle" in caplog.text


@pytest.mark.parametrize("name", ["Tracker.Example", "tracker.example.", "TRACKER.EXAMPLE"])
async def test_names_are_known_whatever_their_capitals(tmp_path, name):
    given = load_settings({"data_dir": tmp_path, "allowed_hosts": (name,)}, {})
    named = load_settings({"data_dir": tmp_path}, {"FERRULE_ALLOWED_HOSTS": f"a,{name}"})

    assert is_own("tracker.example:8080", given.allowed_hosts)
    assert is_own("Tracker.Example", named.allowed_hosts)
    assert is_own("tracker.example", own_hosts(name))
