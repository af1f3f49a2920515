import types

import pytest

from wandb._run.globals import METHODS, Globals
from wandb.errors import Error


class FakeRun:
    config = types.MappingProxyType({"lr": 1})
    summary = types.MappingProxyType({"best": 2})

    def __getattr__(self, name):
        return lambda *args: (name, *args)


@pytest.fixture
def package():
    return types.ModuleType("package")


@pytest.fixture
def shown(package):
    made = Globals()
    made.use(vars(package))
    return made


def test_before_init_there_is_no_run(package, shown):
    assert package.run is None
    assert shown.run is None


@pytest.mark.parametrize(
    ("use", "named"),
    [
        (lambda package: package.log({}), "wandb.log()"),
        (lambda package: package.define_metric("a"), "wandb.define_metric()"),
        (lambda package: package.save("x"), "wandb.save()"),
        (lambda package: package.config.x, "wandb.config.x"),
        (lambda package: package.config["x"], "wandb.config['x']"),
        (lambda package: setattr(package.config, "x", 1), "wandb.config.x"),
        (lambda package: package.summary.update({}), "wandb.summary.update"),
        (lambda package: package.summary.__setitem__("x", 1), "wandb.summary['x']"),
        (lambda package: "x" in package.config, "wandb.config"),
    ],
)
def test_use_before_init_names_the_call(package, shown, use, named):
    with pytest.raises(Error) as raised:
        use(package)

    assert named in str(raised.value)
    assert "wandb.init()" in str(raised.value)


def test_a_run_takes_the_places(package, shown):
    run = FakeRun()

    shown.show(run)

    assert package.run is run
    assert package.config is run.config
    assert package.log(5) == ("log", 5)
    assert all(callable(getattr(package, name)) for name in METHODS)


def test_placeholders_come_back(package, shown):
    before = package.log
    shown.show(FakeRun())

    shown.clear()

    assert package.log is before
    assert package.run is None


def test_placeholders_have_names_and_words(package, shown):
    assert package.log.__name__ == "log"
    assert "wandb.init" in package.log.__doc__
    assert "before" in repr(package.config)
