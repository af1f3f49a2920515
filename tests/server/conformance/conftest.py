"""Every suite runs on every engine."""

import pytest

from ferrule.ports.runs import RunChange
from ferrule.stores.memory import memory_stores
from ferrule.stores.sql import open_stores
from server.conformance.engines import Bench, MemoryEngine, NativeEngine
from server.conformance.shelf import Shelf


@pytest.fixture(params=["memory", "sqlite"])
async def stores(request, tmp_path):
    if request.param == "memory":
        yield memory_stores()
        return
    async with open_stores(tmp_path) as opened:
        yield opened


@pytest.fixture
async def shelf(stores):
    """A project of ann's with two runs, beside bob."""
    await stores.people.add("ann")
    await stores.people.add("bob")
    project = await stores.projects.ensure("ann", "p")
    runs = [(await stores.runs.upsert(RunChange(project.id, name, 1)))[0].id for name in ("r", "s")]
    return Shelf(stores, project, runs)


@pytest.fixture(params=["memory", "native"])
async def bench(request, tmp_path):
    engine = MemoryEngine() if request.param == "memory" else NativeEngine(tmp_path)
    bench = Bench(engine)
    await bench.open()
    yield bench
    await bench.close()
