"""Semantics §12: which error is which, by both clients."""

import pytest

TREE = {
    "Error": ["Exception"],
    "CommError": ["Error"],
    "UsageError": ["Error"],
    "errors.AuthenticationError": ["CommError", "Error"],
    "errors.UnsupportedError": ["UsageError", "Error"],
    "errors.WandbCoreNotAvailableError": ["Error"],
    "sdk.lib.config_util.ConfigError": ["Error"],
}


@pytest.mark.parametrize("name", TREE)
def test_error_is_one_of_its_parents(play, name):
    line = f"[kind.__name__ for kind in wandb.{name}.__mro__]"
    played = play("import wandb.errors, wandb.sdk.lib.config_util", line)

    assert set(TREE[name]) <= set(played[line].value)
    assert "ValueError" not in played[line].value


@pytest.mark.parametrize("name", ["Error", "UsageError", "errors.UnsupportedError"])
def test_error_keeps_its_message_and_context(play, name):
    played = play(
        "import wandb.errors",
        f"error = wandb.{name}('words', {{'a': 1}})",
        "(str(error), error.message, error.context)",
        f"wandb.{name}('words').context",
    )

    assert played.outcomes[2].value == ("words", "words", {"a": 1})
    assert played.outcomes[3].value is None


def test_comm_error_keeps_what_was_underneath(play):
    played = play("error = wandb.CommError('words', KeyError(1))", "(str(error), repr(error.exc))")

    assert played.outcomes[1].value == ("words", "KeyError(1)")


def test_same_classes_by_every_path(play):
    line = (
        "wandb.Error is wandb.errors.Error is wandb.errors.errors.Error and "
        "wandb.CommError is wandb.errors.CommError is wandb.sdk.wandb_run.CommError and "
        "wandb.UsageError is wandb.errors.UsageError is wandb.sdk.wandb_settings.UsageError"
    )

    assert play("import wandb.errors.errors", line)[line].value is True
