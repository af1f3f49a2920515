import re

import pytest

from ferrule.auth import keys
from ferrule.errors import BadInput


def test_new_keys_are_forty_hex_digits_that_every_client_takes():
    assert re.fullmatch(r"[0-9a-f]{40}", keys.new_key())
    assert re.fullmatch(r"local-[0-9a-f]{40}", keys.new_key(local=True))
    assert keys.new_key() != keys.new_key()


def test_a_key_can_not_be_read_from_what_is_stored():
    key = keys.new_key()

    assert key not in keys.hashed(key)
    assert len(keys.hashed(key)) == 64
    assert keys.hint(key) == key[-4:]
    assert keys.same(keys.hashed(key), keys.hashed(key))
    assert not keys.same(keys.hashed(key), keys.hashed(key + "x"))


@pytest.mark.parametrize("key", ["a" * 40, "local-" + "0" * 40, "wandb_v1_" + "Z" * 65])
def test_a_key_of_ones_own_choice_is_taken(key):
    assert keys.checked(key) == key


@pytest.mark.parametrize("key", ["", "a" * 39, "a" * 39 + " ", "a" * 40 + "\n", "é" * 40])
def test_a_key_that_some_client_could_not_send_is_refused(key):
    with pytest.raises(BadInput):
        keys.checked(key)
