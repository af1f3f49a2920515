import { describe, expect, it } from "vitest";
import { routeOf, runHref } from "./routes";

describe("addresses as clients print them", () => {
  it.each([
    ["/", { page: "home", entity: null }],
    ["/home", { page: "home", entity: null }],
    ["/authorize", { page: "authorize" }],
    ["/ada", { page: "home", entity: "ada" }],
    ["/ada/projects", { page: "home", entity: "ada" }],
    ["/ada/mnist", { page: "project", entity: "ada", project: "mnist", tab: "workspace" }],
    ["/ada/mnist/table", { page: "project", entity: "ada", project: "mnist", tab: "runs" }],
    ["/ada/mnist/overview/", { page: "project", entity: "ada", project: "mnist", tab: "overview" }],
    [
      "/ada/mnist/runs/1x2y",
      { page: "run", entity: "ada", project: "mnist", run: "1x2y", tab: "workspace" },
    ],
    [
      "/ada/mnist/runs/1x2y/logs",
      { page: "run", entity: "ada", project: "mnist", run: "1x2y", tab: "logs" },
    ],
    ["/ada/mnist/sweeps/abc", { page: "later", entity: "ada", project: "mnist", what: "sweeps" }],
    ["/ada/mnist/nonsense", { page: "unknown", path: "/ada/mnist/nonsense" }],
  ])("%s", (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});

it("finds its way back from names with any letters", () => {
  const route = routeOf(runHref("a b", "p/q", "100%", "files"));

  expect(route).toEqual({
    page: "run",
    entity: "a b",
    project: "p/q",
    run: "100%",
    tab: "files",
  });
});
