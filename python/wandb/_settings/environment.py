"""Settings from environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wandb._settings.fields import Fields
from wandb._settings.model import Entry
from wandb._settings.table import Field

__all__ = ("entries",)

_PREFIX = "WANDB_"
_FIELDS = Fields.model_fields
_SHORT_NAMES = {field.env: field for field in _FIELDS.values() if field.env}


def entries(environ: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield what the environment sets, in its order; variables that name no setting are skipped.

    Args:
        environ: Values by variable, as `os.environ`.
    """
    for name, text in environ.items():
        field = _field_for(name) if name.startswith(_PREFIX) else None
        if field is not None:
            yield field.name, field.from_text(text), f"environment variable `{name}`"


def _field_for(variable: str) -> Field | None:
    spelled = variable[len(_PREFIX) :].lower()
    if spelled.startswith("_"):  # WANDB__X is the older way to write WANDB_X_X
        spelled = f"x{spelled}"
    return _SHORT_NAMES.get(variable) or _FIELDS.get(spelled)
