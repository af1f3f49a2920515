"""A server in this process: a GraphQL schema over dicts, files, and switches for trouble."""

import asyncio
import base64
import hashlib
import json
import threading

from aiohttp import web
from graphql import build_schema, graphql_sync

KEY = "f" * 40
SCHEMA = build_schema("""
scalar JSONString
scalar JSON
scalar Int64
type Query {
  viewer: User
  project(name: String!, entityName: String!): Project
  models(entityName: String, first: Int, after: String): ProjectConnection
}
type Mutation {
  upsertBucket(input: UpsertBucketInput!): UpsertBucket
  deleteRun(input: DeleteRunInput!): Payload
  upsertModel(input: UpsertModelInput!): Payload
  createRunFiles(input: CreateRunFilesInput!): CreateRunFiles
  deleteFiles(input: DeleteFilesInput!): Payload
}
type Payload { clientMutationId: String, inserted: Boolean, success: Boolean }
input UpsertBucketInput {
  id: String, displayName: String, description: String, notes: String, tags: [String!],
  config: JSONString, groupName: String, jobType: String, summaryMetrics: JSONString
}
type UpsertBucket { bucket: Run }
input DeleteRunInput { id: ID! }
input UpsertModelInput { entityName: String!, name: String! }
input CreateRunFilesInput {
  entityName: String!, projectName: String!, runName: String!, files: [String!]!
}
type CreateRunFiles { runID: ID, uploadHeaders: [String!]!, files: [File!]! }
input DeleteFilesInput { files: [ID!]!, projectId: Int }
type User {
  id: ID!, name: String, username: String, email: String, admin: Boolean, entity: String,
  flags: JSONString, teams: TeamConnection
}
type TeamConnection { edges: [TeamEdge!]! }
type TeamEdge { node: Team }
type Team { name: String }
type PageInfo { endCursor: String, hasNextPage: Boolean! }
type ProjectConnection { edges: [ProjectEdge!]!, pageInfo: PageInfo! }
type ProjectEdge { cursor: String!, node: Project }
type Project {
  id: ID!, internalId: JSON, name: String!, entityName: String!, createdAt: String,
  isBenchmark: Boolean, runCount(filters: JSONString): Int, run(name: String!): Run,
  runs(filters: JSONString, order: String, first: Int, after: String): RunConnection
}
type RunConnection { edges: [RunEdge!]!, pageInfo: PageInfo! }
type RunEdge { cursor: String!, node: Run }
type Run {
  id: ID!, name: String!, displayName: String, state: String, createdAt: String,
  heartbeatAt: String, readOnly: Boolean, user: User, tags: [String!], group: String,
  jobType: String, notes: String, description: String, sweepName: String, commit: String,
  historyLineCount: Int, config: JSONString, summaryMetrics: JSONString,
  systemMetrics: JSONString, historyKeys: JSON,
  history(samples: Int!, minStep: Int64, maxStep: Int64): [String!],
  events(samples: Int!): [String!], sampledHistory(specs: [JSONString!]!): [JSON!],
  fileCount: Int,
  logLines(first: Int, after: String): LineConnection,
  files(names: [String], pattern: String, first: Int, after: String): FileConnection
}
type LineConnection { edges: [LineEdge!]!, pageInfo: PageInfo! }
type LineEdge { cursor: String!, node: Line }
type Line { number: Int, line: String, level: String, label: String, timestamp: String }
type FileConnection { edges: [FileEdge!]!, pageInfo: PageInfo! }
type FileEdge { cursor: String!, node: File }
type File {
  id: ID!, name: String!, url(upload: Boolean): String, directUrl: String, sizeBytes: Int64,
  mimetype: String, updatedAt: String, md5: String, uploadUrl: String
}
""")


class FakeRun(dict):
    """A run with its rows and files."""

    def __init__(self, name, **facts):
        super().__init__(
            id=f"run-{name}",
            name=name,
            displayName=f"title of {name}",
            state="finished",
            createdAt="2026-01-02T03:04:05Z",
            heartbeatAt="2026-01-02T03:05:05.5Z",
            tags=[],
            user={"name": "Ann", "username": "ann"},
            config="{}",
            summaryMetrics="{}",
            systemMetrics="{}",
        )
        self.rows, self.events_rows, self.contents, self.lines = [], [], {}, None
        self.update(facts)

    def resolve_history(self, _info, samples, minStep=None, maxStep=None):  # noqa: N803
        first, end = (0, 2**63) if minStep is None else (minStep, maxStep)
        rows = [row for row in self.rows if first <= row["_step"] < end]
        return [json.dumps(row) for row in thinned(rows, samples)]

    def resolve_events(self, _info, samples):
        return [json.dumps(row) for row in thinned(self.events_rows, samples)]

    def resolve_sampledHistory(self, _info, specs):  # noqa: N802
        return [self._sampled(json.loads(spec)) for spec in specs]

    def _sampled(self, spec):
        keys, samples = spec["keys"], spec["samples"]
        first, end = spec.get("minStep", 0), spec.get("maxStep", 2**63)
        if end - first == samples - 1:
            end += 1
        rows = [row for row in self.rows if first <= row["_step"] < end and set(keys) <= set(row)]
        return thinned([{key: row[key] for key in keys} for row in rows], samples)

    def resolve_historyKeys(self, _info):  # noqa: N802
        steps = [row["_step"] for row in self.rows]
        return {"sets": [], "keys": {}, "lastStep": max(steps)} if steps else None

    def resolve_logLines(self, _info, first, after=None):  # noqa: N802
        if self.lines is None:
            raise LookupError("this server keeps no lines")
        return page(self.lines, first, after)

    def resolve_fileCount(self, _info):  # noqa: N802
        return len(self.contents)


def thinned(rows, samples):
    return rows if len(rows) <= samples else rows[:: -(-len(rows) // samples)]


def page(nodes, first, after):
    start = int(after or 0)
    shown = nodes[start : start + first]
    end = start + len(shown)
    return {
        "edges": [{"cursor": str(start + n + 1), "node": one} for n, one in enumerate(shown)],
        "pageInfo": {"endCursor": str(end) if shown else None, "hasNextPage": end < len(nodes)},
    }


class FakeServer:
    """Projects by path; runs by name in each. `answers` are statuses given before real answers."""

    def __init__(self):
        self.projects = {}
        self.requests = []
        self.headers = []
        self.answers = []
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._runner = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()

    async def _start(self):
        app = web.Application()
        app.router.add_post("/graphql", self._graphql)
        app.router.add_get("/files/{run}/{name:.+}", self._download)
        app.router.add_put("/upload/{run}/{name:.+}", self._upload)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    def stop(self):
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def add(self, run, path="ann/digits"):
        entity, name = path.split("/")
        project = self.projects.setdefault(
            path, {"id": f"project-{name}", "internalId": "7", "name": name, "entityName": entity}
        )
        project.setdefault("_runs", {})[run["name"]] = run
        return run

    def _allowed(self, request):
        known = "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()
        return request.headers.get("Authorization") == known

    async def _graphql(self, request):
        body = await request.json()
        self.headers.append(dict(request.headers))
        self.requests.append((body.get("operationName"), body["variables"]))
        if self.answers:
            status = self.answers.pop(0)
            return web.json_response({"error": f"trouble {status}"}, status=status)
        if not self._allowed(request):
            return web.json_response({"error": "unknown key"}, status=401)
        done = graphql_sync(
            SCHEMA,
            body["query"],
            variable_values=body["variables"],
            field_resolver=self._resolve,
        )
        answer = {"data": done.data}
        if done.errors:
            answer["errors"] = [{"message": one.message} for one in done.errors]
        # As wide as Python's JSON: NaN and long integers go out as they are.
        return web.Response(body=json.dumps(answer).encode(), content_type="application/json")

    def _resolve(self, source, info, **arguments):
        kind = info.parent_type.name
        own = getattr(self, f"_{kind.lower()}_{info.field_name}", None)
        if own is not None:
            return own(source, **arguments)
        own = getattr(source, f"resolve_{info.field_name}", None)
        return own(info, **arguments) if own else source.get(info.field_name)

    def _query_viewer(self, _):
        teams = {"edges": [{"node": {"name": "lab"}}]}
        return {"id": "u1", "username": "ann", "name": "Ann", "entity": "ann", "teams": teams}

    def _query_project(self, _, name, entityName):  # noqa: N803
        return self.projects.get(f"{entityName}/{name}")

    def _query_models(self, _, entityName=None, first=50, after=None):  # noqa: N803
        owned = [one for one in self.projects.values() if one["entityName"] == entityName]
        return page(owned, first, after)

    def _project_run(self, project, name):
        return project["_runs"].get(name)

    def _project_runs(self, project, filters=None, order=None, first=50, after=None):
        return page(list(project["_runs"].values()), first, after)

    def _project_runCount(self, project, filters=None):  # noqa: N802
        return len(project["_runs"])

    def _run_files(self, run, names=None, pattern=None, first=50, after=None):
        found = [name for name in sorted(run.contents) if not names or name in names]
        return page([self._file(run, name) for name in found], first, after)

    def _file(self, run, name):
        content = run.contents[name]
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        return {
            "id": f"file-{name}",
            "name": name,
            "url": f"{self.url}/files/{run['name']}/{name}",
            "directUrl": f"{self.url}/files/{run['name']}/{name}",
            "sizeBytes": str(len(content)),
            "mimetype": "text/plain",
            "updatedAt": "2026-01-02T03:04:05Z",
            "md5": base64.b64encode(digest).decode(),
        }

    def _runs(self):
        return (run for project in self.projects.values() for run in project["_runs"].values())

    def _mutation_upsertBucket(self, _, input):  # noqa: N802
        run = next(run for run in self._runs() if run["id"] == input["id"])
        names = {"groupName": "group"}
        run.update({names.get(name, name): value for name, value in input.items()} | {})
        return {"bucket": run}

    def _mutation_deleteRun(self, _, input):  # noqa: N802
        for project in self.projects.values():
            kept = {n: run for n, run in project["_runs"].items() if run["id"] != input["id"]}
            project["_runs"] = kept
        return {}

    def _mutation_upsertModel(self, _, input):  # noqa: N802
        path = f"{input['entityName']}/{input['name']}"
        facts = {"id": f"project-{path}", "name": input["name"], "entityName": input["entityName"]}
        self.projects.setdefault(path, {**facts, "_runs": {}})
        return {"inserted": True}

    def _mutation_createRunFiles(self, _, input):  # noqa: N802
        places = [
            {"name": name, "uploadUrl": f"{self.url}/upload/{input['runName']}/{name}"}
            for name in input["files"]
        ]
        return {"runID": "r", "uploadHeaders": ["X-Asked:yes"], "files": places}

    def _mutation_deleteFiles(self, _, input):  # noqa: N802
        for run in self._runs():
            for one in input["files"]:
                run.contents.pop(one.removeprefix("file-"), None)
        return {"success": True}

    def _named(self, request):
        name = request.match_info["run"]
        return next(run for run in self._runs() if run["name"] == name)

    async def _download(self, request):
        if not self._allowed(request):
            return web.json_response({"error": "unknown key"}, status=401)
        return web.Response(body=self._named(request).contents[request.match_info["name"]])

    async def _upload(self, request):
        assert request.headers["X-Asked"] == "yes"
        assert "Authorization" not in request.headers
        self._named(request).contents[request.match_info["name"]] = await request.read()
        return web.Response()
