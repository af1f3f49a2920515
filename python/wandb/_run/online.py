"""A run that is sent while it goes on: which server, its word on the run, and the end of it all.

Nothing here is on the way of a row. The journal is whole whatever happens; what is waited for is
bounded by settings.
"""

from __future__ import annotations

import logging
import os
import stat
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wandb._base.ids import generate_id
from wandb._base.loopback import is_loopback
from wandb._base.terminal import termlog, termwarn
from wandb._http.options import http_options
from wandb._run import continuing
from wandb._run.link import Link, ServiceGone
from wandb._run.login import login_for_run
from wandb._run.session import session
from wandb._service.localserver import LocalServerMissing, running_server
from wandb._service.syncstate import SyncState
from wandb._settings.server_choice import ServerChoice, choose
from wandb._settings.variables import get_data_dir
from wandb.errors import AuthenticationError, CommError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wandb._run.run import Run
    from wandb._settings.settings import Settings

__all__ = ("Delivery", "leave_service", "server_for", "service_link")

_LOGGER = logging.getLogger(__name__)
_PROGRESS_SECS = 1.0
_LINK_SECS = 5.0
_REPLY_SECS = 2.0
_MOST_LEFTOVERS = 16
_OPTIONS = (
    "heartbeat_seconds",
    "ignore_globs",
    "x_file_stream_max_bytes",
    "x_file_stream_max_line_bytes",
    "x_file_stream_transmit_interval",
    "console_multipart",
    "x_label",
    "x_live_policy_rate_limit",
    "x_live_policy_wait_time",
    "x_primary",
    "x_update_finish_state",
)


def server_for(settings: Settings) -> ServerChoice | None:
    """Return the server that a run is sent to; None if it goes on offline, which is said here.

    Raises:
        UsageError: The server is named, no key for it is known, and there is nobody to ask; or the
            run is to be sent by all means (`force`), and the local server can't be had.
    """
    choice = choose(settings)
    if choice.kind == "local":
        try:
            return running_server()
        except LocalServerMissing as err:
            if settings.force:
                raise UsageError(
                    "the run is to be sent by all means (`force`), and the local server can't be "
                    f"had, so none was started: {err}. Name a server by `wandb login --host`, or "
                    "leave out `force` to go on offline."
                ) from err
            termwarn(f"The local server can't be had, so the run goes on offline: {err}")
            return None
    if choice.api_key is None:
        return login_for_run(settings, choice)
    return choice


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is left when nobody waits any longer."""

    finished: bool
    interrupted: bool
    refused: str | None
    trouble: str | None
    left_bytes: int
    files_left: int
    warnings: list[str]


class Delivery:
    """The sending of one run, seen from its process."""

    def __init__(self, run: Run, server: ServerChoice) -> None:
        self._run, self._server = run, server
        self._settings = run._settings
        self._link: Link
        self._identified = False
        self.ending = False
        self.ours = False

    @property
    def _folder(self) -> str:
        return self._run._folder

    # --- the beginning ------------------------------------------------------------------------

    def prepare(self) -> None:
        """Leave word in the folder that the run is to be delivered, whatever happens.

        Raises:
            OSError: The folder can't be written.
        """
        options = _chosen_options(self._settings) | continuing.options(self._settings)
        options["staging_dir"] = os.path.join(get_data_dir(), "artifacts", "staging")
        if self._run._shared:
            # Lines are counted by writer: no two may be taken for one because they look alike.
            options |= {"shared": True, "writer_id": generate_id(32)}
        server = "" if self._server.kind == "local" else self._server.base_url
        SyncState(self._folder, self._run.id, server=server, options=options).save()

    def begin(self) -> None:
        """Start the service and wait for the server's word on the run, `init_timeout` at most.

        Raises:
            AuthenticationError: The server does not know the key.
            CommError: The server refuses the run.
            UsageError: It is there, or is not, as `resume` minds.
        """
        with session.link_changes:
            self._link = service_link(self._settings)
            self._link.need(self._folder, self._request() | self._run._sampling_request())
        until = time.monotonic() + self._settings.init_timeout
        try:
            self._link.attach(until=until)
            told = self._ask("identity", until - time.monotonic(), until=until)
        except (ServiceGone, TimeoutError) as err:
            told = {"trouble": str(err)}
        if told.get("refused"):
            raise _refusal(told, self._server.base_url)
        self._warn(told.get("warnings", ()))
        identity = told.get("identity")
        if identity is None:
            reason = told.get("trouble") or told.get("error") or "it did not answer in time"
            if self._settings.resume in continuing.MIND:
                raise self._forsaken(reason)
            termwarn(
                f"The server has not answered yet ({reason}). The run goes on, and what it logs "
                f"is delivered when the server can be reached: {self._server.base_url}"
            )
            return
        self._identified, self.ours = True, bool(identity["ours"])
        self._take_names(identity)
        continuing.take_up(self._run, told.get("standing"))
        threading.Thread(
            target=self._deliver_leftovers, name="wandb-leftovers", daemon=True
        ).start()

    def _forsaken(self, reason: str) -> CommError:
        """Let nobody deliver what was begun here: without the server's word there is no run."""
        message = (
            f"resume={self._settings.resume!r} needs the server's word on run {self._run.id}, and "
            f"it has not answered ({reason}), so no run was started. Try again, or pass "
            f"resume='allow', which goes on without: {self._server.base_url}"
        )
        asked = {"do": "abandon", "folder": self._folder, "reason": message}
        try:
            told = self._link.ask(asked, until=time.monotonic() + _LINK_SECS)
        except (ServiceGone, TimeoutError) as err:
            told = {"error": str(err)}
        state = SyncState.load(self._folder) if "error" in told else None
        if state is not None:
            state.refuse(message)
        return CommError(message)

    def _take_names(self, identity: dict[str, Any]) -> None:
        names = {
            "entity": identity["entity"],
            "project": identity["project"],
            "run_name": self._settings.run_name or identity["display_name"],
            "sweep_id": identity["sweep"],
        }
        self._settings.update_from_dict(names, source="the server")

    def page(self) -> str | None:
        """Return the address of the run's page; for a local server, one that opens by itself."""
        url = self._settings.run_url or None
        if url is None or not self.ours or not _is_near(self._server.base_url):
            return url
        asked = {"do": "link", "folder": self._folder, "path": urlsplit(url).path}
        try:
            return str(self._link.ask(asked, until=time.monotonic() + _LINK_SECS).get("url") or url)
        except (ServiceGone, TimeoutError):
            return url

    def amounts(self) -> tuple[int, int]:
        """Return how many bytes the journals have, and how many of them the server has not."""
        state = SyncState.load(self._folder)
        if state is None:
            return 0, 0
        left = state.left_bytes()
        return left + sum(state.progress.journals.values()), left

    def artifact(self, key: str, *, secs: float) -> dict[str, Any]:
        """Ask what became of an artifact, and wait for the answer that long.

        Raises:
            ServiceGone: There is no service to ask.
            TimeoutError: It did not reply in time.
        """
        asked = {"do": "artifact", "folder": self._folder, "key": key, "secs": secs}
        return self._link.ask(asked, until=time.monotonic() + secs + _REPLY_SECS)

    @property
    def api_key(self) -> str | None:
        """The key for the server that the run is sent to."""
        return self._server.api_key

    def _request(self) -> dict[str, Any]:
        return {
            "base_url": self._server.base_url,
            "api_key": self._server.api_key,
            "near": _is_near(self._server.base_url),
            "local": self._server.kind == "local",
            "http": asdict(http_options(self._settings)),
        }

    def _ask(self, what: str, secs: float, *, until: float) -> dict[str, Any]:
        asked = {"do": what, "folder": self._folder, "secs": max(secs, 0.0)}
        # The service ends the wait; a little more is for its reply.
        return self._link.ask(asked, until=until + _REPLY_SECS)

    def _deliver_leftovers(self) -> None:
        """Let the service deliver what earlier runs left for the same server."""
        server = "" if self._server.kind == "local" else self._server.base_url
        taken = 0
        for folder in _due_folders(self._settings.wandb_dir, self._folder, server):
            try:
                asked = {"do": "deliver", "folder": folder, **self._request()}
                reply = self._link.ask(asked, until=time.monotonic() + _LINK_SECS)
            except (ServiceGone, TimeoutError):
                return
            _LOGGER.info("leftovers of %s: %s", folder, reply.get("error") or "on their way")
            # Runs that go on beside this one don't count.
            taken += "error" not in reply
            if taken == _MOST_LEFTOVERS:
                return

    # --- the end ------------------------------------------------------------------------------

    def end(self, *, quiet: bool) -> None:
        """Wait for the delivery, `finish_timeout` at most, and say what is left.

        Raises:
            KeyboardInterrupt: Somebody does not want to wait; what is left has been said.
        """
        self.ending = True
        outcome = self._awaited(quiet=quiet)
        self._leave()
        self._say(outcome)
        if outcome.interrupted:
            raise KeyboardInterrupt

    def _say(self, outcome: _Outcome) -> None:
        self._warn(outcome.warnings)
        if outcome.finished:
            return
        kept = f"Everything is kept in {self._folder}"
        if outcome.refused:
            termwarn(
                f"The server takes no more of run {self._run.id} ({outcome.refused}). {kept}, and "
                "`wandb sync` sends it to another server or project."
            )
            return
        termwarn(
            f"Run {self._run.id} is not delivered yet: {_left(outcome)}"
            f"{f' ({outcome.trouble})' if outcome.trouble else ''}. {kept}; the service goes on "
            "for a while, and the next wandb.init here or `wandb sync` delivers the rest."
        )

    def _warn(self, warnings: Iterable[str]) -> None:
        for warning in warnings:
            termwarn(f"Run {self._run.id}: {warning}.", repeat=False)

    def abandon(self) -> None:
        """Need the service no more for a run that the server refused."""
        self._leave()

    def _leave(self) -> None:
        leave_service(self._link, self._folder)

    def _awaited(self, *, quiet: bool) -> _Outcome:
        until = time.monotonic() + self._settings.finish_timeout
        told: dict[str, Any] = {}
        while not told.get("done"):
            secs = min(_PROGRESS_SECS, until - time.monotonic())
            if told and secs <= 0:
                break
            try:
                told = self._ask("wait", secs, until=until)
            except (ServiceGone, TimeoutError) as err:
                told = {**told, "trouble": str(err)}
                break
            except KeyboardInterrupt:
                told = {**told, "trouble": "interrupted", "interrupted": True}
                break
            if "error" in told:
                told["trouble"] = told["error"]
                break
            if not (told.get("done") or quiet) and told.get("left_bytes"):
                termlog(
                    f"Sending run {self._run.id}: {_size_text(told['left_bytes'])} left",
                    repeat=False,
                )
        return self._outcome(told)

    def _outcome(self, told: dict[str, Any]) -> _Outcome:
        state = SyncState.load(self._folder)
        return _Outcome(
            finished=bool(told.get("finished")),
            interrupted=bool(told.get("interrupted")),
            refused=told.get("refused"),
            trouble=told.get("trouble"),
            left_bytes=state.left_bytes() if state else 0,
            files_left=told.get("files_left", 0),
            warnings=told.get("warnings", []),
        )


def service_link(settings: Settings) -> Link:
    """Return this process's way to the service."""
    if session.link is None:
        session.link = Link(
            wait_secs=settings.x_service_wait,
            linger_secs=settings.x_service_linger,
            stopped=_stop,
        )
    return session.link


def leave_service(link: Link, folder: str) -> None:
    """Need the service no more for a run, and let it go if no other run needs it."""
    with session.link_changes:
        link.detach(folder)
        if not link.needed and session.link is link:
            session.drop_link()


def _stop(folder: str) -> None:
    """Stop the script of a run, as somebody asked on the server: Ctrl-C in the main thread."""
    import _thread

    goes_on = (run for run in session.runs if run._delivery and not run._delivery.ending)
    if any(run._folder == folder for run in goes_on):
        termwarn("Somebody asked on the server that this run stop.")
        _thread.interrupt_main()


def _is_near(base_url: str) -> bool:
    return is_loopback(urlsplit(base_url).hostname)


def _chosen_options(settings: Settings) -> dict[str, Any]:
    chosen = {name: getattr(settings, name) for name in _OPTIONS if settings.origin(name)}
    if settings.x_files_dir:
        chosen["files_dir"] = settings.files_dir
    return chosen


def _refusal(told: dict[str, Any], base_url: str) -> CommError | UsageError:
    if told.get("misused"):
        return UsageError(f"{told['refused']}.")
    status = told.get("refused_status")
    message = (
        f"the server refused the run, so none was started ({told['refused']}"
        f"{f', status {status}' if status else ''}): {base_url}"
    )
    return AuthenticationError(message) if status == 401 else CommError(message)


def _due_folders(wandb_dir: str, own: str, server: str) -> Iterator[str]:
    """Yield the folders of runs that are to be delivered to a server, the newest first."""
    try:
        names = sorted((name for name in os.listdir(wandb_dir) if "run-" in name), reverse=True)
    except OSError:
        return
    for name in names:
        folder = os.path.join(wandb_dir, name)
        if not _is_ours(folder) or os.path.realpath(folder) == os.path.realpath(own):
            continue
        state = SyncState.load(folder)
        if state is not None and state.server == server and state.is_due():
            yield folder


def _is_ours(folder: str) -> bool:
    """Whether this user made the folder: another's run is not to be sent with this user's key."""
    try:
        facts = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()


def _left(outcome: _Outcome) -> str:
    files = f" and {outcome.files_left} files" if outcome.files_left else ""
    return f"{_size_text(outcome.left_bytes)}{files} are left"


def _size_text(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count} {unit}"
        count //= 1000
    return f"{count} GB"
