import asyncio

import pytest

from ferrule.errors import BadInput, NotFound
from ferrule.ports.projects import Totals
from ferrule.ports.runs import RunChange
from ferrule.stores import cursors

pytestmark = pytest.mark.anyio


@pytest.fixture
async def people(stores):
    (await stores.people.add("ann"))
    (await stores.people.add("bob"))


async def make_run(stores, project, name, at=1, state="running"):
    return await stores.runs.upsert(RunChange(project.id, name, at, state=state))


async def test_a_project_is_made_once(stores, people):
    made = await asyncio.gather(*(stores.projects.ensure("ann", "p") for _ in range(5)))

    assert len({project.id for project in made}) == 1
    assert await stores.projects.get("ann", "p") == made[0]
    assert await stores.projects.get_by_id(made[0].id) == made[0]


async def test_entities_have_projects_of_the_same_name(stores, people):
    ann = await stores.projects.ensure("ann", "p")
    bob = await stores.projects.ensure("bob", "p")

    assert ann.id != bob.id
    assert (await stores.projects.get("bob", "p")).entity == "bob"


async def test_an_unknown_entity_gets_no_project(stores, people):
    with pytest.raises(NotFound, match="carl"):
        await stores.projects.ensure("carl", "p")
    assert await stores.projects.get("carl", "p") is None


async def test_the_project_updated_last_comes_first(stores, people):
    old, new = [await stores.projects.ensure("ann", name) for name in ("old", "new")]
    await make_run(stores, old, "r", at=2**52)

    found = await stores.projects.find(["ann"])

    assert [project.name for project in found.items] == ["old", "new"]
    assert found.items[0].updated_at == 2**52
    assert new.updated_at == found.items[1].updated_at


async def test_pages_of_projects_join_up(stores, people):
    for number in range(5):
        await stores.projects.ensure("ann", f"p{number}")
    await stores.projects.ensure("bob", "other")

    names, after = [], None
    while True:
        page = await stores.projects.find(["ann"], after=after, limit=2)
        names += [project.name for project in page.items]
        if page.next is None:
            break
        after = page.next

    assert sorted(names) == [f"p{number}" for number in range(5)]


async def test_a_made_up_cursor_is_refused(stores, people):
    with pytest.raises(BadInput, match="cursor"):
        await stores.projects.find(["ann"], after="nonsense")


async def test_runs_are_counted_by_project(stores, people):
    project = await stores.projects.ensure("ann", "p")
    empty = await stores.projects.ensure("ann", "empty")
    await make_run(stores, project, "a")
    await make_run(stores, project, "b", state="finished")
    gone, _ = await make_run(stores, project, "c")
    await stores.runs.delete(gone.id)

    assert await stores.projects.totals([project.id, empty.id]) == {
        project.id: Totals(2, 1),
        empty.id: Totals(0, 0),
    }


async def test_a_description_is_replaced(stores, people):
    project = await stores.projects.ensure("ann", "p")

    described = await stores.projects.describe(project.id, "what it is about")

    assert described.description == "what it is about"
    assert await stores.projects.get("ann", "p") == described
    with pytest.raises(NotFound):
        await stores.projects.describe(999, "x")


@pytest.mark.parametrize("key", [[2**70, 1], [1, -(2**70)], [10**400, 1]])
async def test_a_cursor_with_a_number_that_no_engine_holds_is_refused(stores, people, key):
    with pytest.raises(BadInput, match="cursor"):
        await stores.projects.find(["ann"], after=cursors.written(key))
