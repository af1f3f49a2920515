"""Every suite runs on every engine."""

import pytest

from ferrule.stores.memory import memory_stores
from ferrule.stores.sql import open_stores


@pytest.fixture(params=["memory", "sqlite"])
async def stores(request, tmp_path):
    if request.param == "memory":
        yield memory_stores()
        return
    async with open_stores(tmp_path) as opened:
        yield opened
