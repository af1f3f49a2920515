"""The table of `ferrule.auth.permissions`, every action by every role."""

import pytest

from ferrule.auth.permissions import (
    Action,
    Entity,
    Viewer,
    allowed,
    readable_entities,
    require,
)
from ferrule.errors import NotFound, Unauthenticated
from ferrule.ports.artifacts import Artifact
from ferrule.ports.collections import Collection
from ferrule.ports.people import Membership, Person
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run

ANN = Person(1, "ann")
VIEWERS = {
    "anonymous": None,
    "stranger": Viewer.of(Person(2, "bob"), [Membership("bob", "owner")]),
    "member": Viewer.of(ANN, [Membership("ann", "owner")]),
    "admin": Viewer.of(Person(3, "root", admin=True), [Membership("root", "owner")]),
}
THINGS = {
    "project": Project(1, "ann", "p"),
    "run": Run(1, 1, "ann", "p", "r"),
    "artifact": Artifact(1, 1, 1, "ann", "p", "ds", "dataset"),
    "collection": Collection(1, 1, "ann", "p", "ds", "dataset"),
    "entity": Entity("ann"),
    "person": ANN,
}
ALLOWED = {
    *(
        ("member", action, thing)
        for action in (Action.READ, Action.WRITE, Action.CREATE)
        for thing in ("project", "run", "artifact", "collection", "entity")
    ),
    ("member", Action.ACCOUNT, "person"),
    *(("admin", action, thing) for action in Action for thing in THINGS),
}


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", VIEWERS)
def test_a_role_may_do_what_the_table_says(role, action, thing):
    viewer, object_ = VIEWERS[role], THINGS[thing]

    assert allowed(viewer, action, object_) is ((role, action, thing) in ALLOWED)
    if (role, action, thing) in ALLOWED:
        require(viewer, action, object_)
    else:
        with pytest.raises(Unauthenticated if viewer is None else NotFound):
            require(viewer, action, object_)


def test_a_stranger_learns_no_more_than_of_a_thing_that_is_not_there():
    with pytest.raises(NotFound, match="No run `ann/p/r` was found"):
        require(VIEWERS["stranger"], Action.READ, THINGS["run"])


def test_an_admin_reads_everywhere_and_others_where_they_belong():
    assert readable_entities(VIEWERS["admin"]) is None
    assert readable_entities(VIEWERS["member"]) == {"ann"}
