"""What the person who runs a server may choose: by flag, by environment, or not at all."""

import getpass
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ferrule.errors import BadInput

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The settings of one server. Each is also read from `FERRULE_<NAME>`.

    Attributes:
        data_dir: The folder that everything is kept in.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        allowed_hosts: Names, besides this machine's own, that requests may be addressed to.
        local: Started on demand, for one user of this machine.
        in_place: Shows runs of a folder that somebody reads to it: their times are as that one
            says, and their ids are their names.
        crash_after_secs: A run that is silent for longer has crashed.
        idle_exit_secs: A local server that nobody uses for longer ends.
        compact_secs: How often logged rows are moved to files at rest.
        compact_bytes: With so many bytes in the log, they are moved at once.
        accept_wait_secs: How long a post waits for the disk before it is told to come again.
        file_stream_bytes: The largest body of a post, unpacked.
        request_bytes: The largest body of any other request but uploads.
        bodies_bytes: How much of bodies is in memory at a time; who comes on top is put off.
        upload_bytes: The largest file.
        manifest_bytes: The largest manifest of an artifact.
        artifact_files: How many files an artifact has at most.
        stop_secs: How long a stopping server waits for requests in progress.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8080
    allowed_hosts: tuple[str, ...] = ()
    local: bool = False
    in_place: bool = False
    crash_after_secs: float = 300.0
    idle_exit_secs: float = 1800.0
    compact_secs: float = 60.0
    compact_bytes: int = 128 * MIB
    accept_wait_secs: float = 20.0
    file_stream_bytes: int = 64 * MIB
    request_bytes: int = 16 * MIB
    bodies_bytes: int = 512 * MIB
    upload_bytes: int = 256 * 1024 * MIB
    manifest_bytes: int = 128 * MIB
    artifact_files: int = 1_000_000
    stop_secs: float = 10.0


def load_settings(given: Mapping[str, Any], environ: Mapping[str, str]) -> ServerSettings:
    """Put settings together: what was given, else the environment, else the default.

    Raises:
        BadInput: A variable has a value that its setting can't take.
    """
    chosen: dict[str, Any] = {"data_dir": default_data_dir}
    for setting in fields(ServerSettings):
        variable = f"FERRULE_{setting.name.upper()}"
        if environ.get(variable):
            chosen[setting.name] = _read(variable, environ[variable], setting.type)
        if given.get(setting.name) is not None:
            chosen[setting.name] = given[setting.name]
    if chosen["data_dir"] is default_data_dir:
        chosen["data_dir"] = default_data_dir()
    chosen["data_dir"] = Path(os.path.abspath(os.path.expanduser(chosen["data_dir"])))
    return ServerSettings(**chosen)


def default_data_dir() -> Path:
    """Return where data goes when nobody says: the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("ferrule", appauthor=False))


def os_user_name() -> str:
    """Return the name of the user of this machine, as a name that an entity may have."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    kept = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")
    return kept or "local"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _yes(text: str) -> bool:
    return {"1": True, "true": True, "0": False, "false": False}[text.lower()]


_READERS: dict[Any, Callable[[str], Any]] = {
    Path: Path,
    str: str,
    int: int,
    float: float,
    bool: _yes,
    tuple[str, ...]: _names,
}


def _read(variable: str, text: str, kind: Any) -> Any:
    try:
        return _READERS[kind](text)
    except (ValueError, KeyError) as err:
        raise BadInput(f"{variable} can't be `{text}`: it takes a {kind.__name__}.") from err
