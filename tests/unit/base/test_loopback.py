"""Who listens on this machine."""

import pytest

from wandb._base.loopback import is_loopback, listening_users

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 16 1 0
   1: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1002        0 17 1 0
   2: 0200007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1003        0 18 1 0
   3: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1004        0 19 1 0
"""
TABLE_OF_V6 = """\
   0: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0 0A 0 0 0 1005
"""


@pytest.mark.parametrize(
    ("host", "is_near"),
    [
        ("localhost", True),
        ("LocalHost", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("127.example.com", False),
        ("10.0.0.1", False),
        (None, False),
    ],
)
def test_loopback_is_known_by_its_addresses(host, is_near):
    assert is_loopback(host) is is_near


@pytest.mark.parametrize(
    ("table", "port", "users"),
    [
        (TABLE, 8080, {1001}),
        (TABLE, 8081, {1002}),
        (TABLE, 8082, set()),
        (TABLE_OF_V6, 8082, {1005}),
        ("", 8080, set()),
    ],
)
def test_listeners_are_those_that_a_connection_to_the_loopback_reaches(table, port, users):
    assert listening_users(table.splitlines(), port) == users
