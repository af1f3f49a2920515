"""Rooms import downwards only, and nothing imports in a circle."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "wandb"

# layout.md §4. A module belongs to the longest name that it begins with.
FLOORS = {
    "wandb": 9,
    "wandb.integration": 8,
    "wandb._sweep": 8,
    "wandb.cli": 8,
    "wandb._run": 7,
    "wandb.apis": 6,
    "wandb._artifact": 5,
    "wandb.automations": 5,
    "wandb.plot": 5,
    "wandb.data_types": 4,
    "wandb._service": 4,
    "wandb._settings": 3,
    "wandb._http": 3,
    "wandb._wire": 2,
    "wandb._search": 2,
    "wandb._base": 1,
    "wandb._native": 0,
    "wandb.errors": 0,
    # A face in spirit, kept beside the errors because that is its documented path.
    "wandb.errors.errors": 9,
    "wandb.errors.term": 9,
    "wandb.env": 9,
    "wandb.old": 9,
    "wandb.jupyter": 9,
    "wandb.wandb_run": 9,
    "wandb.sdk": 9,
    "wandb.util": 9,
}


def module_name(path):
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room_of(module):
    name = module
    while name not in FLOORS:
        name = name.rpartition(".")[0]
    return name


def is_typing_only(test):
    return "TYPE_CHECKING" in ast.dump(test)


def imports_of(tree, *, typing_too):
    """Yield (line, imported name, whether it is done when the module loads)."""

    def walk(node, at_load):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and is_typing_only(child.test):
                if typing_too:
                    yield from walk(ast.Module(child.body, []), False)
                yield from walk(ast.Module(child.orelse, []), at_load)
                continue
            if isinstance(child, ast.Import):
                yield from ((child.lineno, alias.name, at_load) for alias in child.names)
            if isinstance(child, ast.ImportFrom):
                yield from ((child.lineno, name, at_load) for name in from_names(child))
            inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from walk(child, at_load and not inside)

    return walk(tree, True)


def from_names(node):
    for alias in node.names:
        below = f"{node.module}.{alias.name}"
        yield below if below in MODULES or below in FLOORS else node.module


def house_imports(*, typing_too=True):
    for module, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name, at_load in imports_of(tree, typing_too=typing_too):
            if name == "wandb" or name.startswith("wandb."):
                yield module, f"{path.relative_to(PACKAGE.parent)}:{line}", name, at_load


def test_imports_point_down():
    offences = [
        f"{place}: {room_of(module)} (floor {floor}) imports {name} (floor {FLOORS[room_of(name)]})"
        for module, place, name, _ in house_imports()
        if (floor := FLOORS[room_of(module)]) <= FLOORS[room_of(name)]
        and room_of(module) != room_of(name)
        and floor < 9
    ]

    assert not offences, "\n".join(offences)


def test_no_room_imports_the_package_itself():
    offences = [
        f"{place}: import of the package root from {module}"
        for module, place, name, _ in house_imports()
        if name == "wandb" and FLOORS[room_of(module)] < 8
    ]

    assert not offences, "\n".join(offences)


def circles(edges):
    """Return the modules of each strongly connected part that has more than one."""
    order, low, stack, found = {}, {}, [], []

    def visit(module):
        order[module] = low[module] = len(order)
        stack.append(module)
        for name in edges[module]:
            if name not in order:
                visit(name)
            if name in stack:
                low[module] = min(low[module], low[name])
        if low[module] == order[module]:
            part = [stack.pop()]
            while part[-1] != module:
                part.append(stack.pop())
            if len(part) > 1:
                found.append(sorted(part))

    for module in list(edges):
        if module not in order:
            visit(module)
    return found


def test_modules_do_not_load_in_a_circle():
    edges = defaultdict(set)
    for module, _, name, at_load in house_imports(typing_too=False):
        # The package root is loaded before all that is below it, whoever asks.
        if at_load and name in MODULES and name != "wandb":
            edges[module].add(name)
            edges[name] |= set()

    assert circles(edges) == []


def test_circle_is_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c"]]


@pytest.mark.parametrize("room", FLOORS)
def test_every_floor_is_a_number_of_the_plan(room):
    assert 0 <= FLOORS[room] <= 9


SERVER = PACKAGE.parent / "ferrule"
GROUND = {"wandb._native", "wandb.errors", "wandb._base", "wandb._wire", "wandb._search"}
# Layout §4: `http → graphql → domain ← ingest, jobs`, and `domain → ports ← stores`. Whoever puts
# a server together (`app`, `serve`, the commands) knows everyone, and no one knows them.
TOWER = {
    "errors": set(),
    "settings": {"errors"},
    "ports": {"errors"},
    "stores": {"ports", "errors"},
    "auth": {"ports", "errors"},
    "domain": {"auth", "ports", "errors"},
    "ingest": {"domain", "auth", "ports", "errors"},
    "jobs": {"ingest", "domain", "ports", "errors"},
    "graphql": {"domain", "auth", "ports", "errors"},
    "tables": {"errors"},
    "http": {"graphql", "ingest", "domain", "auth", "ports", "errors", "settings", "tables"},
}
TOP = {"ferrule", "__main__", "app", "serve", "running", "serverfile", "logs", "cli"}


def server_imports():
    """Yield (room, place, imported name) of every import in the server."""
    for path in sorted(SERVER.rglob("*.py")):
        parts = path.relative_to(SERVER).with_suffix("").parts
        room = "ferrule" if parts == ("__init__",) else parts[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name, _ in imports_of(tree, typing_too=True):
            yield room, f"{path.relative_to(SERVER.parent)}:{line}", name


def test_server_uses_only_the_ground_floors_of_the_client():
    offences = [
        f"{place}: {name}"
        for _, place, name in server_imports()
        if name.split(".")[0] == "wandb" and ".".join(name.split(".")[:2]) not in GROUND
    ]

    assert not offences, "\n".join(offences)


def test_rooms_of_the_server_import_downwards():
    offences = [
        f"{place}: {room} imports {name}"
        for room, place, name in server_imports()
        if room not in TOP
        and name.split(".")[0] == "ferrule"
        and [*name.split("."), ""][1] not in TOWER[room] | {room}
    ]

    assert not offences, "\n".join(offences)


def test_client_never_imports_the_server_but_to_start_it():
    offences = [
        f"{path.relative_to(PACKAGE.parent)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, name, _ in imports_of(ast.parse(path.read_text("utf-8")), typing_too=True)
        if name.split(".")[0] == "ferrule"
    ]

    assert not offences, "\n".join(offences)
