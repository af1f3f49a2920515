"""A project under test, and short ways to put artifacts into it."""

from ferrule.ports.artifacts import Contents, NewArtifact

DIGEST = "d" * 32


class Shelf:
    """A project with runs, and ways to fill it."""

    def __init__(self, stores, project, runs):
        self.stores = stores
        self.project = project
        self.runs = runs
        self.artifacts = stores.artifacts
        self.collections = stores.collections
        self.manifests = stores.manifests

    def new(self, name="ds", digest=DIGEST, **more):
        return NewArtifact(self.project.id, "dataset", name, digest, **{"at": 5, **more})

    async def create(self, *said, **more):
        return await self.artifacts.create(self.new(*said, **more))

    async def commit(self, *said, entries=(), **more):
        made = await self.create(*said, **more)
        contents = Contents(tuple(entries), made.digest, "blob", 7)
        return await self.artifacts.commit(made.id, contents)

    async def names(self, artifact):
        """Return the aliases an artifact has in its own collection."""
        (member,) = await self.collections.memberships(artifact.id)
        return [alias.name for alias in member.aliases]
