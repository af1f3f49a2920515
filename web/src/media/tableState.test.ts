import { expect, it } from "vitest";
import {
  filterOf,
  PLAIN_TABLE,
  sortedBy,
  tableSourceOf,
  tableViewOf,
  textOfTableView,
  typedValue,
} from "./tableState";

it("comes back from its own text", () => {
  const view = {
    ...PLAIN_TABLE,
    conditions: [{ column: "a", op: "is", value: 3 }],
    any: true,
    sort: [{ column: null, descending: true }],
    group: ["b"],
    log: true,
  };

  expect(tableViewOf(textOfTableView(view))).toEqual(view);
});

it("is the plain view for an empty or a senseless text", () => {
  for (const text of [
    null,
    "",
    "{",
    "[]",
    "3",
    '{"sort": 3, "group": [1], "conditions": [null]}',
  ]) {
    expect(tableViewOf(text)).toEqual(PLAIN_TABLE);
  }
  expect(textOfTableView(PLAIN_TABLE)).toBe("");
});

it("asks for all conditions, or any of them", () => {
  const conditions = [{ column: "a", op: "is", value: 3 }];

  expect(filterOf({ ...PLAIN_TABLE, conditions })).toEqual({ and: conditions });
  expect(filterOf({ ...PLAIN_TABLE, conditions, any: true })).toEqual({ or: conditions });
  expect(filterOf(PLAIN_TABLE)).toBeNull();
});

it("sorts up, down, and not at all", () => {
  const up = sortedBy([], "a");
  const down = sortedBy(up, "a");

  expect([up, down, sortedBy(down, "a")]).toEqual([
    [{ column: "a", descending: false }],
    [{ column: "a", descending: true }],
    [],
  ]);
  expect(sortedBy(down, "b")).toEqual([{ column: "b", descending: false }]);
});

it("takes what was typed as the column's kind", () => {
  expect(typedValue("number", " 1e3 ")).toBe(1000);
  expect(typedValue("number", "x")).toBeNull();
  expect(typedValue("number", "")).toBeNull();
  expect(typedValue("boolean", "true")).toBe(true);
  expect(typedValue("text", "1")).toBe("1");
});

it("finds a table in its artifact, and one that is made of others in nothing else", () => {
  const artifact = "wandb-client-artifact://c/a.table.json";

  expect(tableSourceOf("r", { path: "media/table/a.table.json", artifact_path: artifact })).toEqual(
    {
      run: "r",
      path: "media/table/a.table.json",
      artifact,
    },
  );
  expect(tableSourceOf("r", { _type: "joined-table", artifact_path: artifact })).toEqual({
    artifact,
  });
});
