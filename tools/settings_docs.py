"""Write `docs/settings.md` from the table of settings.

python tools/settings_docs.py           write the page
python tools/settings_docs.py --check   exit with 1 if the page is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from wandb._settings.fields import Fields
from wandb._settings.table import Field

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"

OPENING = """\
# Settings

Made by `tools/settings_docs.py` from `python/wandb/_settings/fields.py`; change it there.

## Where a value comes from

Later ones win; None never wins over a value.

1. the defaults below
2. your settings file, `settings` in `WANDB_CONFIG_DIR` or else in `~/.config/wandb`
3. the settings file in the `wandb` folder, looked for in the current folder or in the `root_dir`
   of your file; `WANDB_DIR` comes too late to move it
4. environment variables
5. what follows from the machine and the script: `host`, `program` and its two paths,
   `x_executable`
6. `wandb.setup(settings=...)`
7. `wandb.init(settings=...)`, then the other arguments of `wandb.init`
8. in a sweep or under a launch agent: the agent's `project`, `entity` and `run_id`, whatever the
   script says of them, with a warning for each

Steps 1 to 6 happen once per process; what you change in `os.environ` later is not seen until
`wandb.teardown()`. A `wandb.Settings()` of your own starts from the defaults and reads neither
files nor the environment.

A settings file has a line `[default]` and below it lines `name = value`. A name that is no
setting is left out with one warning.

## How text is read

Files and environment variables hold text:

- true or false: `true`, `yes`, `on`, `t`, `y`, `1` and their opposites, in any case
- numbers as Python writes them; words exactly as listed
- `run_tags`, `ignore_globs`, `config_paths`: parts between commas, spaces and empty parts kept
- `x_extra_http_headers`, `x_stats_open_metrics_*`, `x_stats_gpu_device_ids`: JSON
- other lists and dicts can be given in code only

A value that can't be read stops `wandb.init` with an error that names the variable or the file.
The error is a `wandb.UsageError` and a `ValueError`.

A variable of an `x_` setting may also be written with two underscores: `WANDB__LABEL` for
`WANDB_X_LABEL`. In code, `_label` stands for `x_label`.

## All settings

A mark ◆ stands at settings that other clients of the protocol do not know.
"""

HEADER = """
| setting | type | default | environment | what it does |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    return OPENING + HEADER + "".join(map(_row, Fields.model_fields.values()))


def _row(field: Field) -> str:
    variables = " ".join(f"`{name}`" for name in field.environment_names if "WANDB__" not in name)
    mark = " ◆" if field.ours else ""
    cells = [f"`{field.name}`{mark}", _type(field), _default(field), variables, field.description]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _type(field: Field) -> str:
    if not field.options:
        return f"`{field.annotation}`"
    words = ", ".join(f'`"{word}"`' for word in field.options)
    others = [
        f"`{part}`" for part in field.annotation.split(" | ")[1:]
    ]  # the first is the alias of the words
    return ", ".join([words, *others])


def _default(field: Field) -> str:
    return "computed" if field.default_factory else f"`{field.default!r}`"


def main() -> int:
    """Write or check the page, as the command line says."""
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    if not fresh:
        print("docs/settings.md is stale: run `python tools/settings_docs.py`.", file=sys.stderr)
    return 0 if fresh else 1


if __name__ == "__main__":
    sys.exit(main())
