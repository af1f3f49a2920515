"""Modules that are loaded late, and hooks that wait for one."""

import sys

import pytest

from wandb._base.modules import add_import_hook, get_module, import_module_lazy
from wandb.errors import Error


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Be a module that nobody has imported."""
    name = f"waited_for_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text("loaded = True\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    sys.modules.pop(name, None)


def test_hook_is_called_once_with_the_loaded_module(module):
    seen = []
    add_import_hook(module, seen.append)

    assert seen == []
    found = __import__(module)
    __import__(module)

    assert seen == [found]
    assert found.loaded


def test_hook_for_a_module_that_is_there_is_called_at_once(module):
    found, seen = __import__(module), []

    add_import_hook(module, seen.append)

    assert seen == [found]


def test_hook_for_a_missing_module_leaves_the_error_as_it_is():
    add_import_hook("no_such_module_at_all", print)

    with pytest.raises(ModuleNotFoundError):
        __import__("no_such_module_at_all")


def test_lazy_module_is_loaded_by_use(module):
    found = import_module_lazy(module)

    assert "loaded" not in object.__getattribute__(found, "__dict__")
    assert found.loaded


def test_missing_module():
    assert get_module("no_such_module_at_all") is None
    with pytest.raises(Error, match="install it"):
        get_module("no_such_module_at_all", required="install it")
