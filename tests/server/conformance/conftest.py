"""Every suite runs on every engine."""

import pytest

from ferrule.stores.memory import memory_stores
from ferrule.stores.sql import open_stores


@pytest.fixture(params=["memory", "sqlite"])
def stores(request, tmp_path):
    if request.param == "memory":
        yield memory_stores()
        return
    opened, database = open_stores(tmp_path / "meta.db")
    yield opened
    database.close()
