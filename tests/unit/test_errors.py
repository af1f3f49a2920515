import pickle

import pytest

from wandb import errors

PARENTS = [
    (errors.Error, Exception),
    (errors.CommError, errors.Error),
    (errors.AuthenticationError, errors.CommError),
    (errors.UsageError, errors.Error),
    (errors.UnsupportedError, errors.UsageError),
    (errors.ConfigError, errors.Error),
    (errors.WaitTimeoutError, errors.Error),
    (errors.WandbCoreNotAvailableError, errors.Error),
    (errors.SettingsError, errors.UsageError),
    (errors.SettingsError, ValueError),
]


@pytest.mark.parametrize(("child", "parent"), PARENTS)
def test_each_error_is_caught_as_its_parent(child, parent):
    assert issubclass(child, parent)


def test_message_and_context_can_be_read_back():
    error = errors.UsageError("no such run", context={"run": "abc"})

    assert (str(error), error.message, error.context) == (
        "no such run",
        "no such run",
        {"run": "abc"},
    )


def test_communication_error_keeps_the_exception_underneath():
    cause = OSError("refused")

    assert errors.AuthenticationError("no answer", exc=cause).exc is cause


def test_errors_survive_the_way_through_a_process_pool():
    error = errors.CommError("no answer", exc=OSError("refused"))

    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), copy.message, str(copy.exc)) == (errors.CommError, "no answer", "refused")
