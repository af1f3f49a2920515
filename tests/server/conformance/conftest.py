"""Every suite runs on every engine."""

import pytest

from ferrule.stores.memory import memory_stores
from ferrule.stores.sql import open_stores
from server.conformance.engines import Bench, MemoryEngine, NativeEngine


@pytest.fixture(params=["memory", "sqlite"])
async def stores(request, tmp_path):
    if request.param == "memory":
        yield memory_stores()
        return
    async with open_stores(tmp_path) as opened:
        yield opened


@pytest.fixture(params=["memory", "native"])
async def bench(request, tmp_path):
    engine = MemoryEngine() if request.param == "memory" else NativeEngine(tmp_path)
    bench = Bench(engine)
    await bench.open()
    yield bench
    await bench.close()
