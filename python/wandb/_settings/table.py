"""One row of a table of settings: what `fields` writes and `model` obeys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wandb._settings.checks import KINDS, Check, OneOf, Unfit
from wandb.errors import SettingsError

__all__ = ("Field", "setting")

_SHOWN_CHARACTERS = 80


class Field:
    """One row of the table.

    Attributes:
        name: The setting's name.
        annotation: Its type, as written in the table.
        default: What it is when nobody sets it; `...` where `default_factory` makes it.
        default_factory: Makes the default anew for each object, or None.
        check: Turns what the user gave into what is kept.
        from_text: Prepares the text of a file or of the environment for `check`.
        options: The words it takes, if it takes a few words.
        description: What it does, for a person.
        env: The usual environment variable, where it is not `WANDB_` and the name.
        secret: The value is never shown.
        ours: The original has no such setting.
        notice: Told once to whoever sets it.
    """

    __slots__ = (
        "annotation",
        "check",
        "default",
        "default_factory",
        "description",
        "env",
        "from_text",
        "name",
        "notice",
        "nullable",
        "options",
        "ours",
        "secret",
    )

    def __init__(
        self,
        *,
        doc: str,
        env: str,
        default: Any,
        default_factory: Callable[[], Any] | None,
        check: Check | None,
        from_text: Callable[[str], Any],
        options: tuple[str, ...],
        secret: bool,
        ours: bool,
        notice: str,
    ) -> None:
        self.name = self.annotation = ""
        self.description = doc
        self.env = env
        self.default = default
        self.default_factory = default_factory
        self.check: Check = check or _unchecked
        self.from_text = from_text
        self.options = options
        self.nullable = False
        self.secret = secret
        self.ours = ours
        self.notice = notice

    def bind(self, name: str, annotation: str) -> None:
        """Take the name and the type that the table's line gives."""
        self.name, self.annotation = name, annotation
        kind = annotation.removesuffix(" | None")
        self.nullable = kind != annotation
        if self.check is _unchecked:
            self.check = KINDS[kind]

    def is_required(self) -> bool:
        """Say whether the setting has no default; every one has."""
        return False

    @property
    def starting_value(self) -> Any:
        """The default as it is kept: a word may stand for another."""
        return self.check(self.default) if self.options and self.default else self.default

    @property
    def environment_names(self) -> tuple[str, ...]:
        """Environment variables that set it, the usual one first."""
        names = [self.env] if self.env else []
        names.append(f"WANDB_{self.name.upper()}")
        if self.name.startswith("x_"):
            names.append(f"WANDB_{self.name[1:].upper()}")
        return tuple(dict.fromkeys(names))

    def kept(self, value: Any, origin: str) -> Any:
        """Check a value.

        Raises:
            SettingsError: It can't be kept; the message says why, from where, and what to do.
        """
        if value is None and self.nullable:
            return None
        try:
            return self.check(value)
        except Unfit as error:
            raise SettingsError(self._refusal(error, value, origin)) from None

    def _refusal(self, error: Unfit, value: Any, origin: str) -> str:
        advice = "Leave it out to keep the default." if value is None else error.advice
        shown = "" if self.secret else f", got {_shortened(repr(value))}"
        return f"{origin}: `{self.name}` {error.why}{shown}. {advice}".rstrip()


def _unchecked(value: Any) -> Any:
    return value


def _shortened(shown: str) -> str:
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]}…"


def setting(
    *,
    doc: str,
    env: str = "",
    default: Any = ...,
    default_factory: Callable[[], Any] | None = None,
    check: Check | None = None,
    from_text: Callable[[str], Any] = str,
    options: Any = None,
    wrap: Callable[[OneOf], Check] | None = None,
    secret: bool = False,
    ours: bool = False,
    notice: str = "",
) -> Any:
    """Write one line of a table; `Field` says what the parts mean.

    `check` defaults to the one for the line's type. `options` is a `Literal` type whose words are
    the check instead, and `wrap` makes a wider check of them.
    """
    words = OneOf(options) if options else None
    chosen = wrap(words) if wrap and words else words
    return Field(
        doc=doc,
        env=env,
        default=default,
        default_factory=default_factory,
        check=check or chosen,
        from_text=from_text,
        options=words.options if words else (),
        secret=secret,
        ours=ours,
        notice=notice,
    )
