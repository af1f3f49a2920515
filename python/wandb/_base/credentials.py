"""API keys: what one looks like, and where they are kept between runs (the netrc file)."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ("LOCAL_PREFIX", "check_key", "find_key", "netrc_path", "save_key")

# Keys of the server that is started on demand begin so; they open nothing else.
LOCAL_PREFIX = "local-"
_SHORTEST = 40
_FORBIDDEN = re.compile(r"[\s\"\\\x00-\x1f\x7f]")
# The name that the original writes beside a key; servers look at the key alone.
_LOGIN = "user"
# A comment, a quoted word, or a bare word.
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[^\s"][^\s]*')
_ATTRIBUTES = frozenset(("login", "account", "password"))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


@dataclass(slots=True)
class _Entry:
    """One machine of a netrc file, and the part of the text that says so."""

    host: str
    start: int
    end: int
    password: str | None = None


def check_key(key: str) -> str:
    """Return a key without white space around it, if it can be one.

    A server's own prefix may stand before the key, with a dash between them: `local-…`.

    Raises:
        ValueError: It is too short or has signs that no key has. The message does not repeat it.
    """
    kept = key.strip()
    secret = kept.partition("-")[2] or kept
    if _FORBIDDEN.search(kept):
        raise ValueError(
            "The API key has white space, quotes or control characters in it, and no key has. "
            "Copy it again, alone."
        )
    if len(secret) < _SHORTEST:
        raise ValueError(
            f"An API key has {_SHORTEST} characters or more (after the first dash, where there is "
            f"one), and this has {len(secret)}. Copy it again, whole."
        )
    return kept


def netrc_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return where keys are kept: `$NETRC`, or `.netrc` or `_netrc` in the home folder."""
    chosen = (os.environ if environ is None else environ).get("NETRC")
    if chosen:
        return Path(chosen).expanduser()
    home = Path("~").expanduser()
    for name in (".netrc", "_netrc"):
        if (home / name).exists():
            return home / name
    return home / ".netrc"


def find_key(base_url: str, *, environ: Mapping[str, str] | None = None) -> str | None:
    """Look up the key of a server in the netrc file.

    Args:
        base_url: The server's address. An entry for its host with the port goes before one for
            the host alone: some programs write the one, some the other.
        environ: Values by variable; `os.environ` unless given.

    Returns:
        The key; None where there is none or the file can't be read.
    """
    try:
        text = _read(netrc_path(environ))
    except OSError:
        return None
    # As everywhere with netrc, the first entry of a host counts.
    keys = {entry.host: entry.password for entry in reversed(list(_entries(text)))}
    return next((keys[host] for host in _hosts(base_url) if keys.get(host)), None)


def save_key(base_url: str, key: str, *, environ: Mapping[str, str] | None = None) -> Path:
    """Keep the key of a server in the netrc file, instead of one that is there.

    The rest of the file stays as it is, byte for byte. Others can't read the file afterwards.

    Args:
        base_url: The server's address; the entry is for its host with the port, if it has one.
        key: The key.
        environ: Values by variable; `os.environ` unless given.

    Returns:
        The file.

    Raises:
        ValueError: The key can't be one; nothing was written.
        OSError: The file can't be read or written; it is as it was.
    """
    key, host = check_key(key), _hosts(base_url)[0]
    # A link into a folder of dotfiles stays a link.
    path = Path(os.path.realpath(netrc_path(environ)))
    try:
        text = _read(path)
    except FileNotFoundError:
        text = ""
    _replace(path, _with_entry(text, host, key))
    return path


def _hosts(base_url: str) -> list[str]:
    """Return the names under which a server's key may be found, the most exact first."""
    parts = urlsplit(base_url)
    place = parts.netloc.rpartition("@")[2]
    return list(dict.fromkeys(filter(None, (place, parts.hostname))))


def _read(path: Path) -> str:
    # Whatever the bytes are, they can be written back unchanged.
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _with_entry(text: str, host: str, key: str) -> str:
    entry = f"machine {host}\n  login {_LOGIN}\n  password {key}"
    old = [known for known in _entries(text) if known.host == host]
    if not old:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}{entry}\n"
    for stale in reversed(old[1:]):
        text = text[: stale.start] + text[stale.end :].removeprefix("\n")
    return text[: old[0].start] + entry + text[old[0].end :]


def _entries(text: str) -> Iterator[_Entry]:
    """Find the machines of a netrc file; what can't be understood is passed over."""
    entry: _Entry | None = None
    tokens = _tokens(text)
    for token in tokens:
        if token.text in ("machine", "default", "macdef"):
            if entry is not None:
                yield entry
            entry = None
            named = next(tokens, None) if token.text == "machine" else None
            if named is not None:
                entry = _Entry(_plain(named.text), token.start, named.end)
        elif entry is not None and token.text in _ATTRIBUTES:
            value = next(tokens, None)
            if value is not None:
                entry.end = value.end
                if token.text == "password":
                    entry.password = _plain(value.text)
    if entry is not None:
        yield entry


def _tokens(text: str) -> Iterator[_Token]:
    position, takes_value = 0, False
    while match := _TOKEN.search(text, position):
        word, position = match.group(), match.end()
        if word.startswith("#") and not takes_value:
            position = _end_of_line(text, match.start())
            continue
        yield _Token(word, match.start(), match.end())
        if word == "macdef" and not takes_value:
            # The body of a macro ends at the first empty line.
            end = text.find("\n\n", position)
            position = len(text) if end < 0 else end
        takes_value = not takes_value and word in (_ATTRIBUTES | {"machine"})


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _plain(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] == '"':
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word


def _replace(path: Path, text: str) -> None:
    """Write a file in one step, readable by its owner alone from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # `mkstemp` makes files of mode 0600.
    handle, made = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
    except BaseException:
        os.unlink(made)
        raise
