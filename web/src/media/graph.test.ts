import { expect, it } from "vitest";
import { graphOf } from "./graph";

it("reads layers with their shapes, parameters and what they feed", () => {
  const nodes = graphOf(
    JSON.stringify({
      format: "keras",
      nodes: [
        { name: "in", id: "a", class_name: "Input", output_shape: [null, 8] },
        { name: "dense", id: "b", class_name: "Dense", num_parameters: 72 },
        {
          name: "conv",
          id: "c",
          parameters: [
            ["weight", [3, 4]],
            ["bias", [4]],
          ],
        },
      ],
      edges: [
        ["a", "b"],
        ["b", "c"],
        ["b", "gone"],
      ],
    }),
  );

  expect(nodes).toMatchObject([
    { name: "in", kind: "Input", shape: "? × 8", parameters: null, feeds: ["dense"] },
    { name: "dense", parameters: 72, feeds: ["conv"] },
    { name: "conv", parameters: 16, feeds: [] },
  ]);
});

it("takes what is no graph for none", () => {
  expect([graphOf("{"), graphOf("[]"), graphOf('{"nodes": 3}')]).toEqual([null, null, null]);
  expect(graphOf('{"nodes": [], "edges": [3]}')).toEqual([]);
});
