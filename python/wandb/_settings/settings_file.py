"""Settings from a settings file: INI, one section `[default]`, one setting per line."""

from __future__ import annotations

from collections.abc import Mapping

from wandb._settings.fields import Fields
from wandb._settings.model import Entry
from wandb.errors import SettingsError

__all__ = ("change", "entries", "folder", "texts")

_SECTION = "default"
_HEADER = f"[{_SECTION}]"


def folder(environ: Mapping[str, str]) -> str:
    """Return the folder of the user's own settings file, `~` left as it is.

    Args:
        environ: Values by variable, as `os.environ`.
    """
    return environ.get("WANDB_CONFIG_DIR") or "~/.config/wandb"


def entries(path: str) -> tuple[list[Entry], list[str]]:
    """Read a settings file.

    Args:
        path: The file; it need not exist.

    Returns:
        What it sets; and what the user should be told: keys that name no setting are left out,
        since files outlive the version that wrote them, and a file that can't be opened is too.

    Raises:
        SettingsError: The file is no settings file.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return [], []
    except OSError as error:
        return [], [f"The settings file can't be read and is left out ({error.strerror}): {path}"]
    except UnicodeDecodeError as error:
        raise SettingsError(f"file `{path}` is not text in UTF-8 ({error.reason}).") from error
    return _sorted_out(_parsed(text, path), path)


def texts(path: str) -> dict[str, str]:
    """Read a settings file as it is written: texts by key, unknown keys too.

    Raises:
        SettingsError: The file is no settings file.
        OSError: It is there and can't be read.
    """
    lines = _parsed(_text_of(path), path)
    return {key: text.replace("%%", "%") for key, text in lines.items()}


def change(path: str, changes: Mapping[str, str | None]) -> None:
    """Set or clear settings in a settings file; its other lines stay as they are.

    Args:
        path: The file; it is made, readable by its owner alone, if it is not there.
        changes: Values by setting, None to clear.

    Raises:
        SettingsError: The file is no settings file.
        OSError: The file can't be read or written; it is as it was.
    """
    text = _text_of(path)
    _parsed(text, path)  # a file that can't be understood is not made worse
    lines = _changed_lines(text.splitlines(), changes)
    if text or lines != [_HEADER]:
        _replace(path, "".join(f"{line}\n" for line in lines))


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def _changed_lines(lines: list[str], changes: Mapping[str, str | None]) -> list[str]:
    kept = [line for line in lines if _name_of(line) not in changes]
    if _HEADER not in kept:
        kept.append(_HEADER)
    place = kept.index(_HEADER) + 1
    # The original's parser expands a single sign.
    made = [f"{name} = {value.replace('%', '%%')}" for name, value in changes.items() if value]
    return [*kept[:place], *made, *kept[place:]]


def _name_of(line: str) -> str | None:
    if line[:1].isspace() or line.startswith(("#", ";", "[")):
        return None
    return line.partition("=")[0].partition(":")[0].strip().lower()


def _replace(path: str, text: str) -> None:
    import os
    import tempfile

    path = os.path.realpath(path)
    folder_of_it = os.path.dirname(path)
    os.makedirs(folder_of_it, exist_ok=True)
    # `mkstemp` makes files of mode 0600: a settings file may hold a key.
    handle, made = tempfile.mkstemp(prefix="settings.", dir=folder_of_it)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(made, path)
    except BaseException:
        os.unlink(made)
        raise


def _parsed(text: str, path: str) -> Mapping[str, str]:
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(text, source=path)
    except Error as error:
        # The parser's own message quotes the line, and the line may hold a key.
        raise SettingsError(
            f"file `{path}`, line {_line_number(error)}, can't be read as a settings file. "
            "The first line is `[default]`, the others are `name = value`, each name once."
        ) from None
    return parser[_SECTION] if parser.has_section(_SECTION) else parser.defaults()


def _sorted_out(lines: Mapping[str, str], path: str) -> tuple[list[Entry], list[str]]:
    origin = f"file `{path}`"
    known: list[Entry] = []
    unknown: list[str] = []
    for key, text in lines.items():
        name = Fields.canonical_name(key)
        if name is None:
            unknown.append(f"`{key}`")
        else:
            # Files written by the original double the sign that its parser expands.
            read = Fields.model_fields[name].from_text(text.replace("%%", "%"))
            known.append((name, read, origin))
    if not unknown:
        return known, []
    verb = "is no setting and is" if len(unknown) == 1 else "are no settings and are"
    return known, [f"{', '.join(unknown)} {verb} left out: {path}"]


def _line_number(error: Exception) -> int:
    """Find the line in any of the parser's exceptions, which keep it in two places."""
    listed: list[tuple[int, str]] = getattr(error, "errors", [])
    return listed[0][0] if listed else getattr(error, "lineno", 0)
