import { expect, it } from "vitest";
import { placed } from "./useLogPages";

it("gives lines of several writers, who number theirs alike, places of their own", () => {
  const line = { text: "", level: null, timestamp: null };
  const lines = ["rank 0", "rank 1"].map((label) => ({ ...line, number: 7, label }));

  expect(placed({ total: 2002, lines }, 2000).lines.map((one) => one.position)).toEqual([
    2000, 2001,
  ]);
});
