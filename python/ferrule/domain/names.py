"""What things may be called: checked once, where a name enters.

The limits on projects and run ids are the clients' own, so that a name that passes one of them
passes here.
"""

import mimetypes
import re

from ferrule.errors import BadInput

_FORBIDDEN = re.compile(r"[/\\#?%:\x00-\x1f\x7f\ud800-\udfff]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_ENTITY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

MAX_NAME = 128
MAX_TITLE = 512
MAX_TAG = 64
MAX_TAGS = 256
MAX_PATH = 1024
MAX_TEXT = 1 << 20


def project_name(name: str) -> str:
    """Return a project's name, if it can be one."""
    return plain_name(name, "A project's name")


def run_name(name: str) -> str:
    """Return a run's id, if it can be one."""
    return plain_name(name, "A run's id")


def plain_name(name: str, what: str) -> str:
    """Return a name that may stand in paths and addresses, if it can; `what` says whose it is."""
    if not name or len(name) > MAX_NAME:
        raise BadInput(f"{what} has 1 to {MAX_NAME} characters.")
    if _FORBIDDEN.search(name) or name != name.strip() or name in (".", ".."):
        raise BadInput(f"{what} can't have / \\ # ? % : or control characters, or be . or ..")
    return name


def entity_name(name: str) -> str:
    """Return the name of a person or a team, if it can be one."""
    if not _ENTITY.fullmatch(name):
        raise BadInput(
            "A user's name has 1 to 64 small letters, digits, - and _, and begins with a letter "
            "or a digit."
        )
    return name


def title(text: str) -> str:
    """Return a run's title, if it can be one."""
    return line(text, "A run's name", MAX_TITLE)


def alert_title(text: str) -> str:
    """Return an alert's title as one line; nobody can be asked for another one any more."""
    return _UNSEEN.sub(" ", text)[:MAX_TITLE]


def tags(names: list[str]) -> tuple[str, ...]:
    """Return tags without repetitions, in the order they came."""
    if len(names) > MAX_TAGS:
        raise BadInput(f"A run has at most {MAX_TAGS} tags.")
    return tuple(dict.fromkeys(_tag(name) for name in names))


def _tag(name: str) -> str:
    if not name:
        raise BadInput("A tag can't be empty.")
    return line(name, "A tag", MAX_TAG)


def line(text: str, what: str, longest: int) -> str:
    """Return a text that shows on one line, if it does; `what` says whose it is."""
    if len(text) > longest:
        raise BadInput(f"{what} has at most {longest} characters.")
    if _UNSEEN.search(text):
        raise BadInput(f"{what} can't have line breaks or control characters.")
    return text


def text(words: str, what: str) -> str:
    """Return a longer text, such as notes, if it is of a size that people write."""
    if len(words) > MAX_TEXT:
        raise BadInput(f"{what} has at most {MAX_TEXT} characters.")
    # Half a character can't be stored; it shows as what it is, something that got lost.
    return words.encode("utf-8", "replace").decode()


def file_name(name: str) -> str:
    """Return a file's name below its run, if it stays there.

    Raises:
        BadInput: It is empty, absolute, leads out of the run's folder, or can't be a path.
    """
    parts = name.split("/")
    if not name or len(name.encode("utf-8", "replace")) > MAX_PATH:
        raise BadInput(f"A file's name has 1 to {MAX_PATH} bytes.")
    if _UNSEEN.search(name) or "\\" in name or any(part in ("", ".", "..") for part in parts):
        raise BadInput(f"`{name!a}` is no name of a file inside a run.")
    return name


def mimetype(name: str) -> str:
    """Return the type that a file's name tells."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
