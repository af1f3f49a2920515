"""The way to the service: every wait is bounded, and closed is closed."""

import os
import socket
import threading
import time
from types import SimpleNamespace

import pytest

from wandb._base.retry import Backoff
from wandb._run import link as link_room
from wandb._run import mailbox, service_address
from wandb._run.link import Link, ServiceGone
from wandb._run.service_address import SERVICE_VARIABLE
from wandb._wire.frames import Unframer, framed

LONG_SECS = 60.0


class Service:
    """Stand in for the service: answer what is asked, once it has come up."""

    def __init__(self):
        self.asked, self.starts, self.ended = [], 0, False
        self._listener = None
        self._connections = []

    def come_up(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(service_address.known_address())
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        unframer = Unframer()
        with connection:
            while piece := connection.recv(4096):
                for message in unframer.feed(piece):
                    self.asked.append(message["do"])
                    connection.sendall(framed({"id": message["id"]}))

    def hang_up(self):
        self._connections.pop().shutdown(socket.SHUT_RDWR)

    def close(self):
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()


@pytest.fixture
def service(monkeypatch, tmp_path):
    """No process is started; what would have been comes up when told to."""
    made = Service()

    def start(*_, **__):
        made.starts += 1
        return made

    monkeypatch.setattr(link_room, "spawn_detached", start)
    monkeypatch.setenv(SERVICE_VARIABLE, "")
    yield made
    made.close()


@pytest.fixture
def link():
    made = Link(wait_secs=LONG_SECS, linger_secs=1.0, stopped=lambda folder: None)
    yield made
    made.close()


def attach(link, *, until):
    link.need("/run", {})
    link.attach(until=until)


def soon(secs=0.1):
    return time.monotonic() + secs


def until(happened):
    last = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < last
        time.sleep(0.01)


@pytest.mark.timeout(20)
def test_service_that_never_comes_up_holds_nobody_longer_than_asked(service, link):
    with pytest.raises((ServiceGone, TimeoutError)):
        attach(link, until=soon())
    with pytest.raises((ServiceGone, TimeoutError)):
        link.ask({"do": "wait"}, until=soon())

    assert service.starts == 1


@pytest.mark.timeout(20)
def test_service_that_comes_up_late_is_told_of_the_run(service, link):
    with pytest.raises((ServiceGone, TimeoutError)):
        attach(link, until=soon())
    service.come_up()

    until(lambda: service.asked)

    assert service.asked == ["attach"]


def test_run_is_told_of_once(service, link):
    service_address.reserve_address()
    service.come_up()
    attach(link, until=soon(10))
    link.ask({"do": "wait"}, until=soon(10))

    assert service.asked == ["attach", "wait"]


def test_closed_link_opens_no_connection(service, link):
    service_address.reserve_address()
    service.come_up()
    attach(link, until=soon(10))
    link.close()

    with pytest.raises(ServiceGone):
        link.ask({"do": "deliver"}, until=soon(10))

    assert service.asked == ["attach"]


def test_link_that_is_closed_while_it_connects_leaves_no_connection(service, link, monkeypatch):
    service_address.reserve_address()
    service.come_up()
    made = []

    def close_meanwhile(*arguments, **options):
        link.close()
        made.append(mailbox.Mailbox(*arguments, **options))
        return made[0]

    monkeypatch.setattr(link_room, "Mailbox", close_meanwhile)
    with pytest.raises(ServiceGone, match="goodbye"):
        attach(link, until=soon(10))

    until(lambda: not made[0].alive)
    assert service.asked == []


@pytest.mark.parametrize(("steady_secs", "failures"), [(0.0, 1), (60.0, 2)])
def test_services_that_stayed_for_long_are_no_failures(
    service, link, monkeypatch, steady_secs, failures
):
    monkeypatch.setattr(link_room, "_STEADY_SECS", steady_secs)
    monkeypatch.setattr(link_room, "_AGAIN", Backoff(0.0, 0.0, 0))
    service_address.reserve_address()
    service.come_up()
    attach(link, until=soon(10))

    for told in (2, 3):
        service.hang_up()
        until(lambda told=told: len(service.asked) == told)

    assert link._failures == failures


def test_services_that_end_at_once_use_one_folder(service, link, monkeypatch):
    folders = []

    def start(*_, log, **__):
        service.ended = True
        folders.append(os.path.dirname(log))
        with open(log, "wb"):
            return service

    monkeypatch.setattr(link_room, "spawn_detached", start)
    for _ in range(3):
        with pytest.raises(ServiceGone, match="ended"):
            link.ask({"do": "wait"}, until=soon(10))

    assert len(folders) == 3
    assert len(set(folders)) == 1
    service_address._give_back(folders[0], os.getpid())
    assert not os.path.exists(folders[0])


def test_interpreter_that_ends_has_no_service(service, link, monkeypatch):
    class NoThread(threading.Thread):
        def start(self):
            raise RuntimeError("can't create new thread at interpreter shutdown")

    service_address.reserve_address()
    service.come_up()
    ending = SimpleNamespace(Thread=NoThread, Condition=threading.Condition)
    monkeypatch.setattr(mailbox, "threading", ending)

    with pytest.raises(ServiceGone, match="shutdown"):
        link.ask({"do": "wait"}, until=soon(10))


def test_reserved_address_is_claimed_by_one_process(service):
    reserved = service_address.reserve_address()

    first = service_address.claim_address()
    assert service_address.service_is_starting()
    second = service_address.claim_address()

    assert first == reserved
    assert second != reserved


def test_claim_of_a_process_that_died_is_old_some_day(service):
    address = service_address.claim_address()
    os.utime(os.path.join(os.path.dirname(address), "claim"), (0, 0))

    assert not service_address.service_is_starting()


def test_reserved_folder_that_nobody_used_is_given_back(service):
    folder = os.path.dirname(service_address.reserve_address())

    service_address._give_back(folder, os.getpid() + 1)
    assert os.path.isdir(folder)
    service_address._give_back(folder, os.getpid())
    assert not os.path.isdir(folder)
