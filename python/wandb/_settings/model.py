"""The machinery below `Settings`: values checked against a table when they are set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from wandb._settings.checks import closest
from wandb._settings.table import Field, setting
from wandb.errors import SettingsError

if TYPE_CHECKING:
    from inspect import Signature

    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Callable[[type], type]:
        return lambda cls: cls


__all__ = ("BaseModel", "Entry")

# A value on its way into a model: name, value, and where it came from, in words.
Entry = tuple[str, Any, str]

_IN_CODE = "wandb.Settings"
_ASSIGNED = "assignment"


class _LazySignature:
    """The constructor's signature, made when somebody looks: `inspect` is slow to load."""

    def __get__(self, _: object, owner: type[BaseModel]) -> Signature:
        from inspect import Parameter, Signature

        return Signature(
            [
                Parameter(
                    field.name,
                    Parameter.KEYWORD_ONLY,
                    default=field.default,
                    annotation=field.annotation,
                )
                for field in owner.model_fields.values()
            ],
        )


@dataclass_transform(kw_only_default=True, field_specifiers=(setting,))
class BaseModel:
    """Values by a table: checked when set, with a memory of who set them.

    A subclass's body is the table, one `name: type = setting(...)` per line. Objects compare by
    value, can be copied and pickled, and are changed by assignment. A change that fails leaves
    the object as it was.
    """

    __slots__ = ("__dict__", "_notices", "_origins")
    __signature__ = _LazySignature()

    model_fields: ClassVar[dict[str, Field]] = {}
    """The table: every field by its name."""

    _aliases: ClassVar[Mapping[str, str]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    _factories: ClassVar[tuple[Field, ...]] = ()
    _notices: list[str]
    _origins: dict[str, str]

    def __init_subclass__(cls) -> None:
        own = {name: field for name, field in vars(cls).items() if isinstance(field, Field)}
        for name, field in own.items():
            field.bind(name, cls.__annotations__[name])
            delattr(cls, name)  # an object's value lives in its __dict__; a class has none
        fields = {**cls.model_fields, **own}
        cls.model_fields = fields
        cls._defaults = {name: field.starting_value for name, field in fields.items()}
        cls._factories = tuple(field for field in fields.values() if field.default_factory)

    if not TYPE_CHECKING:  # type checkers read the arguments off the table

        def __init__(self, /, **values: Any) -> None:
            self._reset()
            if values:
                self._apply((name, value, _IN_CODE) for name, value in values.items())

    def _reset(self) -> None:
        object.__setattr__(self, "_origins", {})
        object.__setattr__(self, "_notices", [])
        self.__dict__.update(self._defaults)
        for field in self._factories:
            if field.default_factory is not None:
                self.__dict__[field.name] = field.default_factory()

    # ---- setting values

    def _apply(self, entries: Iterable[Entry]) -> None:
        """Set several values, all or none."""
        before = self.__getstate__()
        try:
            changed = {self._set(*entry) for entry in entries}
            self._check_together(changed)
        except Exception:
            self.__setstate__(before)
            raise

    def _set(self, name: str, value: Any, origin: str) -> str:
        field = self._field(name, origin)
        self.__dict__[field.name] = field.kept(value, origin)
        self._origins[field.name] = origin
        if field.notice and field.notice not in self._notices:
            self._notices.append(field.notice)
        return field.name

    def _field(self, name: str, origin: str) -> Field:
        known = self.canonical_name(name)
        if known is None:
            raise SettingsError(f"{origin}: there is no setting `{name}`. {self._hint(name)}")
        return self.model_fields[known]

    def _hint(self, name: str) -> str:
        return closest(name, self.model_fields) or "`wandb.Settings.model_fields` lists all."

    def _check_together(self, changed: set[str]) -> None:
        """Check rules between values; a subclass raises SettingsError."""

    @classmethod
    def canonical_name(cls, name: str) -> str | None:
        """Find the field a name stands for; older code writes `_x` for what is `x_x` now.

        Returns:
            The field's name, or None where there is none.
        """
        spelled = f"x{name}" if name.startswith("_") else cls._aliases.get(name, name)
        return spelled if spelled in cls.model_fields else None

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(getattr(type(self), name, None), property):
            raise AttributeError(f"`{name}` is derived from other settings and can't be set.")
        self._apply([(name, value, f"{_ASSIGNED} to {_IN_CODE}")])

    def __delattr__(self, name: str) -> None:
        field = self._field(name, f"deletion from {_IN_CODE}")
        made = field.default_factory() if field.default_factory else self._defaults[field.name]
        self.__dict__[field.name] = made
        self._origins.pop(field.name, None)

    def take_notices(self) -> list[str]:
        """Hand over what the user should be told about the values set so far, and forget it."""
        taken = list(self._notices)
        self._notices.clear()
        return taken

    # ---- reading

    @property
    def model_fields_set(self) -> set[str]:
        """Names of the values somebody set, as against defaults."""
        return set(self._origins)

    def origin(self, name: str) -> str | None:
        """Say where a value came from, in words; None for a default."""
        return self._origins.get(name)

    def model_dump(
        self,
        *,
        exclude_unset: bool = False,
        exclude_none: bool = False,
        exclude_defaults: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        """Return all values as a dict, then all derived ones. Secrets are in it.

        Args:
            exclude_unset: Leave out values that nobody set.
            exclude_none: Leave out what is None.
            exclude_defaults: Leave out values equal to their default.
            **_: Other options of the original's method have no effect.
        """
        values = {
            name: value
            for name, value in self
            if not (exclude_unset and name not in self._origins)
            and not (exclude_defaults and value == self._defaults[name])
        }
        values.update((name, getattr(self, name)) for name in self._derived_names())
        return {
            name: value for name, value in values.items() if not exclude_none or value is not None
        }

    @classmethod
    def _derived_names(cls) -> list[str]:
        own = vars(BaseModel)
        return sorted(
            name
            for name in dir(cls)
            if name not in own and isinstance(getattr(cls, name), property)
        )

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, changed if so asked.

        Args:
            update: Values to set in the copy; they are checked.
            deep: Copy containers too.
        """
        from copy import copy, deepcopy

        twin = deepcopy(self) if deep else copy(self)
        twin._apply(
            (name, value, f"{_IN_CODE}.model_copy") for name, value in (update or {}).items()
        )
        return twin

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return ((name, self.__dict__[name]) for name in self.model_fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BaseModel):
            return NotImplemented
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = (
            f"{name}={'***' if self.model_fields[name].secret and value else repr(value)}"
            for name, value in self
            if name in self._origins
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, str], list[str]]:
        return dict(self.__dict__), dict(self._origins), list(self._notices)

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, str], list[str]]) -> None:
        values, origins, notices = state
        self.__dict__.clear()
        self.__dict__.update(values)
        object.__setattr__(self, "_origins", dict(origins))
        object.__setattr__(self, "_notices", list(notices))
