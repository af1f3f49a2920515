"""Rows of `sampledHistory` have the names that were asked for."""

import json

import pytest

from ferrule.domain.history import sampled_row


@pytest.mark.parametrize(
    ("text", "keys", "row"),
    [
        ('{"a": {"b": {"c": 1}}}', ["a.b.c"], {"a.b.c": 1}),
        ('{"a.b": 1, "a": {"b": 2}}', ["a.b"], {"a.b": 1}),
        ('{"a.b": {"c": 1}}', ["a.b.c"], {"a.b.c": 1}),
        ('{"a": {"b": 1}}', ["a"], {"a": {"b": 1}}),
        ('{"b": 1, "a": null}', ["a", "b", "c"], {"a": None, "b": 1}),
        ('{"huge": 1180591620717411303425}', ["huge"], {"huge": 2**70 + 1}),
    ],
)
def test_value_stands_under_the_name_that_was_asked_for(text, keys, row):
    assert sampled_row(json.loads(text), keys) == row
