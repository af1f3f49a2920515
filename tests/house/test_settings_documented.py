import importlib.util
import inspect
from pathlib import Path

import pytest

from wandb._settings.fields import Fields
from wandb._settings.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FIELDS = list(Fields.model_fields.values())
WORDS_TO_BE_USEFUL = 3


@pytest.fixture(scope="module")
def page_maker():
    spec = importlib.util.spec_from_file_location(
        "settings_docs", ROOT / "tools" / "settings_docs.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_of_settings_is_made_from_the_table(page_maker):
    written = page_maker.PAGE.read_text(encoding="utf-8")

    assert written == page_maker.page(), "stale: run `python tools/settings_docs.py`"


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_setting_is_described_in_a_sentence(field):
    words = field.description.split()

    assert field.description.endswith(".")
    assert len(words) >= WORDS_TO_BE_USEFUL or field.name.startswith("show_")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_environment_variable_stands_on_the_page(field, page_maker):
    page = page_maker.page()
    row = next(line for line in page.splitlines() if line.startswith(f"| `{field.name}`"))

    plain = [name for name in field.environment_names if "WANDB__" not in name]

    assert all(f"`{name}`" in row for name in plain)
    assert len(field.environment_names) == len(plain) or "two underscores" in page


def test_no_two_settings_share_an_environment_variable():
    names = [name for field in FIELDS for name in field.environment_names]

    assert len(names) == len(set(names))


def test_every_derived_value_is_described():
    undescribed = [
        name
        for name, member in inspect.getmembers(
            Settings, lambda member: isinstance(member, property)
        )
        if not member.__doc__
    ]

    assert undescribed == []
