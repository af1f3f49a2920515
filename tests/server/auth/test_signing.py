"""Signed addresses open one thing, for one purpose, for a time."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from ferrule.auth.signing import Signer
from ferrule.errors import Forbidden

PATH = "/storage/runs/1/media/ä b%.png"


def parts(address):
    split = urlsplit(address)
    return split.path, dict(parse_qsl(split.query))


def test_signed_address_opens_what_it_was_made_for():
    signer = Signer(b"s")

    path, query = parts(signer.signed("PUT", PATH, expires_at=100, max_bytes=9))

    assert path == "/storage/runs/1/media/%C3%A4%20b%25.png"
    assert signer.check("PUT", PATH, query, now=100) == 9


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"path": "/storage/runs/2/media/ä b%.png"},
        {"path": PATH + "x"},
        {"expires": "101"},
        {"size": "10"},
        {"size": "-1"},
        {"size": "many"},
        {"signature": "0" * 64},
        {"signature": ""},
        {"signature": "é"},
        {"secret": b"other"},
        {"now": 101},
    ],
    ids=str,
)
def test_altered_or_expired_address_opens_nothing(change):
    _, query = parts(Signer(b"s").signed("PUT", PATH, expires_at=100, max_bytes=9))
    query |= {name: value for name, value in change.items() if name in query}
    signer = Signer(change.get("secret", b"s"))

    with pytest.raises(Forbidden):
        signer.check(
            change.get("method", "PUT"),
            change.get("path", PATH),
            query,
            now=change.get("now", 100),
        )


@pytest.mark.parametrize("missing", ["expires", "size", "signature"])
def test_address_without_a_part_of_its_signature_opens_nothing(missing):
    _, query = parts(Signer(b"s").signed("GET", PATH, expires_at=100))
    del query[missing]

    with pytest.raises(Forbidden):
        Signer(b"s").check("GET", PATH, query, now=1)
