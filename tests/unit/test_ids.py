import random
import string

from wandb._base.ids import generate_id


def test_identifier_has_eight_lower_case_letters_and_digits():
    assert {len(generate_id()) for _ in range(100)} == {8}
    assert set("".join(generate_id() for _ in range(500))) == set(
        string.ascii_lowercase + string.digits
    )


def test_length_can_be_chosen():
    assert [len(generate_id(length)) for length in (0, 1, 40)] == [0, 1, 40]


def test_seeding_random_does_not_repeat_identifiers():
    random.seed(0)
    first = generate_id()
    random.seed(0)

    assert generate_id() != first
