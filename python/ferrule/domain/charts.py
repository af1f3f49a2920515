"""What a chart may be, and those that come with the server."""

from ferrule.domain import names
from ferrule.domain.presets import PRESETS
from ferrule.domain.runs import json_object
from ferrule.errors import BadInput
from ferrule.ports.charts import Chart

KIND = "vega2"
MAX_SPEC = 1 << 20

_BUILT_IN = "wandb"
_PUBLIC = {"PRIVATE": False, "PUBLIC": True}


def checked(
    *, entity: str, name: str, display_name: str, kind: str, access: str, spec: str
) -> Chart:
    """Return a chart that somebody wants kept, if it can be.

    Raises:
        BadInput: A name, the kind, the access or the specification can't be right.
    """
    if kind != KIND:
        raise BadInput(f"A chart's type is `{KIND}`, not `{kind[:64]}`.")
    if access not in _PUBLIC:
        raise BadInput(f"A chart's access is PRIVATE or PUBLIC, not `{access[:64]}`.")
    if len(spec) > MAX_SPEC:
        raise BadInput(f"A chart's specification has at most {MAX_SPEC} characters.")
    json_object(spec, "spec")
    return Chart(
        entity,
        names.chart_name(name),
        names.chart_title(display_name) or name,
        kind,
        _PUBLIC[access],
        spec,
    )


def built_in(entity: str, name: str) -> Chart | None:
    """Return a chart that comes with the server, such as `wandb/line/v0`; None if it is none.

    Names of people's own charts have no slash, so that the two never meet.
    """
    if entity != _BUILT_IN or name not in PRESETS:
        return None
    preset = PRESETS[name]
    return Chart(entity, name, preset.title, KIND, True, preset.spec)
